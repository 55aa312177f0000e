//! Large inputs in, large results and figures out, by presigned URLs.

use bytes::Bytes;
use domain::limits::MAX_INPUTS_BYTES;
use futures::StreamExt;
use protocol::execute::UploadSlot;
use reqwest::{Client, StatusCode, header::CONTENT_TYPE};
use std::time::Duration;
use tokio::{task::JoinSet, time::sleep};

/// Times that a transfer is tried.
const TRIES: u32 = 4;
/// Wait before the second try; each further one waits four times as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const TRANSFER_WITHIN: Duration = Duration::from_secs(60);

/// Never holds the URL: it is a credential.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("the object store answered {0}")]
    Refused(StatusCode),
    #[error("the object store does not answer")]
    Unreachable,
    #[error("the object is larger than {MAX_INPUTS_BYTES} bytes")]
    TooLarge,
    #[error("the object is not text")]
    NotText,
}

/// The uploads of one run, under way together.
#[derive(Debug)]
pub struct Transfers {
    client: Client,
    running: JoinSet<Result<(), TransferError>>,
}

impl Transfers {
    /// A client for the whole worker: connections are kept.
    pub fn client() -> reqwest::Result<Client> {
        Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(TRANSFER_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
    }

    pub fn new(client: Client) -> Self {
        Self {
            client,
            running: JoinSet::new(),
        }
    }

    /// Begins to upload.
    pub fn put(&mut self, slot: UploadSlot, media_type: &'static str, body: Bytes) {
        let client = self.client.clone();
        self.running
            .spawn(async move { retried(|| put(&client, &slot, media_type, body.clone())).await });
    }

    /// Whether nothing is under way.
    pub fn are_done(&self) -> bool {
        self.running.is_empty()
    }

    /// Waits for all uploads. May be cancelled and called again.
    ///
    /// # Errors
    /// The first that failed; the others are stopped.
    pub async fn join(&mut self) -> Result<(), TransferError> {
        while let Some(done) = self.running.join_next().await {
            done.unwrap_or(Err(TransferError::Unreachable))?;
        }
        Ok(())
    }

    /// The inputs behind a presigned URL.
    ///
    /// # Errors
    /// They cannot be had, or are too large.
    pub async fn inputs(&self, url: &str) -> Result<String, TransferError> {
        retried(|| get(&self.client, url)).await
    }
}

async fn retried<T, F: Future<Output = Result<T, TransferError>>>(
    mut attempt: impl FnMut() -> F,
) -> Result<T, TransferError> {
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match attempt().await {
            Err(TransferError::Unreachable) => {}
            Err(TransferError::Refused(status)) if status.is_server_error() => {}
            done => return done,
        }
        sleep(wait).await;
        wait *= 4;
    }
    attempt().await
}

async fn put(
    client: &Client,
    slot: &UploadSlot,
    media_type: &str,
    body: Bytes,
) -> Result<(), TransferError> {
    let mut request = client.put(&slot.url).body(body);
    if !slot
        .headers
        .keys()
        .any(|name| name.eq_ignore_ascii_case("content-type"))
    {
        request = request.header(CONTENT_TYPE, media_type);
    }
    for (name, value) in &slot.headers {
        request = request.header(name, value);
    }
    let response = request
        .send()
        .await
        .map_err(|_| TransferError::Unreachable)?;
    if response.status().is_success() {
        Ok(())
    } else {
        Err(TransferError::Refused(response.status()))
    }
}

async fn get(client: &Client, url: &str) -> Result<String, TransferError> {
    let response = client
        .get(url)
        .send()
        .await
        .map_err(|_| TransferError::Unreachable)?;
    if !response.status().is_success() {
        return Err(TransferError::Refused(response.status()));
    }
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| TransferError::Unreachable)?;
        if body.len() + chunk.len() > MAX_INPUTS_BYTES {
            return Err(TransferError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|_| TransferError::NotText)
}
