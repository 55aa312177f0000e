//! The execution backend `serverless`: a worker behind a URL, spoken to over HTTP.

use super::ndjson::Lines;
use crate::config::{DispatchConfig, WorkerSource};
use domain::trace::{TRACEPARENT, TraceParent};
use protocol::execute::{ExecuteRequest, NDJSON};
use reqwest::{
    Client, StatusCode,
    header::{ACCEPT, RETRY_AFTER},
};
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio::time::timeout;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// What a line may hold beyond the result: log text, a traceback, usage.
const LINE_ALLOWANCE: usize = 2 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Serverless {
    client: Client,
    workers: WorkerSource,
    /// From the request to the head of the answer.
    patience: Duration,
}

/// Why a worker did not take a run.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Every slot is taken.
    Busy(Option<Duration>),
    /// Nobody took notice of the run: no connection, or nobody who accepts our token.
    Unreachable(String),
    /// The request was sent and nothing came back in time; a worker may have the run.
    Unanswered,
    /// The worker wants this request never.
    Rejected(u16),
    /// The connection broke; the run may or may not have begun.
    Lost,
}

impl Serverless {
    pub(super) fn new(workers: WorkerSource, config: &DispatchConfig) -> reqwest::Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            client,
            workers,
            patience: config.answer,
        })
    }

    /// Whether there is a worker to send to.
    pub(super) fn is_there(&self) -> bool {
        self.workers.0.borrow().is_some()
    }

    /// Sends the run; the lines that come back are its events.
    pub(super) async fn execute(
        &self,
        request: &ExecuteRequest,
        trace: TraceParent,
    ) -> Result<Lines, Refusal> {
        let Some(worker) = self.workers.0.borrow().clone() else {
            return Err(Refusal::Unreachable("there is no worker".into()));
        };
        let sending = self
            .client
            .post(format!("{}/execute", worker.url))
            .bearer_auth(worker.token.expose_secret())
            .header(ACCEPT, NDJSON)
            .header(TRACEPARENT, trace.to_string())
            .json(request)
            .send();
        let answer = match timeout(self.patience, sending).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.is_connect() => {
                return Err(Refusal::Unreachable(error.without_url().to_string()));
            }
            Ok(Err(_)) => return Err(Refusal::Lost),
            // Closing the connection keeps a worker that wakes up later from running it.
            Err(_) => return Err(Refusal::Unanswered),
        };
        match answer.status() {
            StatusCode::OK => {
                let limit = usize::try_from(request.limits.output_bytes).unwrap_or(usize::MAX);
                let longest = limit.saturating_add(LINE_ALLOWANCE);
                Ok(Lines::new(answer.bytes_stream(), longest))
            }
            StatusCode::SERVICE_UNAVAILABLE => Err(Refusal::Busy(retry_after(&answer))),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => {
                let told = format!("the worker answers {status}; are its address and token right?");
                Err(Refusal::Unreachable(told))
            }
            status => Err(Refusal::Rejected(status.as_u16())),
        }
    }
}

fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}
