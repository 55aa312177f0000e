//! One try: sends a delivery to its receiver and says in words what came of it.

use super::{
    address::{Forbidden, Reach},
    signature,
    target::{CheckedResolver, ForbiddenName, Target},
};
use crate::clock;
use domain::{
    DeliveryId,
    limits::{WEBHOOK_ANSWER_BYTES, WEBHOOK_ANSWER_S},
};
use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, USER_AGENT},
    redirect::Policy,
};
use secrecy::SecretString;
use std::{error::Error, sync::Arc, time::Duration};
use tokio::time::timeout;

const AGENT: &str = concat!("MecaPy-Webhooks/", env!("CARGO_PKG_VERSION"));
/// How long the rest of an answer is read, so that the connection can be used again.
const DRAIN_WITHIN: Duration = Duration::from_secs(1);
/// Longest reason of a failure that is kept, characters.
const REASON_CHARS: usize = 300;

/// What is sent.
#[derive(Debug)]
pub(super) struct Message {
    pub id: DeliveryId,
    pub url: String,
    pub secret: SecretString,
    pub body: Vec<u8>,
}

/// What came of a try.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// 2xx.
    Taken(u16),
    /// 410: the receiver wants nothing more.
    Gone(u16),
    /// Trying again may help.
    Failed(Option<u16>, String),
    /// Nothing was sent, and trying again would not help.
    Refused(String),
}

#[derive(Debug)]
pub(super) struct Sender {
    client: Client,
    reach: Reach,
}

impl Sender {
    pub(super) fn new(reach: Reach) -> reqwest::Result<Self> {
        let client = Client::builder()
            .dns_resolver(Arc::new(CheckedResolver(reach)))
            .timeout(Duration::from_secs(WEBHOOK_ANSWER_S.into()))
            // A proxy would resolve names itself, and follow where we do not go.
            .no_proxy()
            .redirect(Policy::none())
            .build()?;
        Ok(Self { client, reach })
    }

    pub(super) async fn send(&self, message: Message) -> Answer {
        // Checked anew at each try: the settings may have changed since the webhook was made.
        let target = match Target::parse(&message.url, self.reach) {
            Ok(target) => target,
            Err(unfit) => return Answer::Refused(unfit.to_string()),
        };
        let timestamp = clock::now().millis() / 1000;
        let signed = signature::sign(&message.secret, message.id, timestamp, &message.body);
        let Some(signature) = signed else {
            return Answer::Refused("The stored secret cannot be read. Make a new webhook.".into());
        };
        let request = self
            .client
            .post(target.url())
            .header(USER_AGENT, AGENT)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id.to_string())
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(message.body);
        match request.send().await {
            Ok(response) => answered(response).await,
            Err(error) => failed(&target, &error),
        }
    }
}

async fn answered(response: Response) -> Answer {
    let status = response.status();
    let _ = timeout(DRAIN_WITHIN, drain(response)).await;
    match status {
        status if status.is_success() => Answer::Taken(status.as_u16()),
        StatusCode::GONE => Answer::Gone(status.as_u16()),
        status => Answer::Failed(Some(status.as_u16()), refusal(status)),
    }
}

fn refusal(status: StatusCode) -> String {
    let name = status.canonical_reason().unwrap_or("an unknown status");
    let more = if status.is_redirection() {
        " Redirects are not followed: give the webhook the final address."
    } else {
        ""
    };
    format!("The receiver answered {} {name}.{more}", status.as_u16())
}

/// Reads up to [`WEBHOOK_ANSWER_BYTES`] and looks at none of it.
async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > WEBHOOK_ANSWER_BYTES {
            return;
        }
    }
}

/// The error's own text would tell the whole address.
fn failed(target: &Target, error: &reqwest::Error) -> Answer {
    let causes = || std::iter::successors(error.source(), |&cause| cause.source());
    if let Some(refused) =
        causes().find(|cause| cause.is::<ForbiddenName>() || cause.is::<Forbidden>())
    {
        return Answer::Refused(refused.to_string());
    }
    let words = if error.is_timeout() {
        format!("{target} did not answer within {WEBHOOK_ANSWER_S} s.")
    } else {
        let cause = causes().last().map(ToString::to_string).unwrap_or_default();
        let cause: String = cause.chars().take(REASON_CHARS).collect();
        let what = if error.is_connect() {
            "could not be reached"
        } else {
            "broke the connection"
        };
        format!("{target} {what}: {cause}.")
    };
    Answer::Failed(None, words)
}
