//! `POST /execute`: checks the caller and the request, takes a slot and a process, and lets the
//! run's events flow until the last one, or until the caller is gone.

use crate::{
    problem::Refusal,
    run::{Job, Run, Transfers, every, not_fetched, shut_down},
    state::App,
    zygote::Process,
};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, State, rejection::BytesRejection},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::event::LogStream;
use domain::limits::{
    DEFAULT_INLINE_BYTES, Limits, MAX_BODY_BYTES, MAX_CODE_BYTES, MAX_INPUT_FILES,
    MAX_INPUT_FILES_BYTES, MAX_INPUTS_BYTES, MAX_MEMORY_MB, MAX_RESULT_BYTES, MAX_WALL_S,
};
use domain::trace::{TRACEPARENT, TraceParent};
use futures::{Stream, StreamExt};
use protocol::execute::{ALIVE_EVERY_S, ExecuteEvent, ExecuteRequest, Finished, InputFile, NDJSON};
use sha2::{Digest, Sha256};
use std::{convert::Infallible, sync::Arc, time::Duration};
use subtle::ConstantTimeEq;
use telemetry::trace;
use tokio::sync::{
    OwnedSemaphorePermit,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio::time::sleep;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tracing::Instrument;

/// How long taking down a process and making the next one wait, so that they do not compete with
/// the answer for the processor.
const ANSWER_FIRST: Duration = Duration::from_millis(2);

/// Least memory of a run, MB: with less it could not even say that it needs more.
const MIN_MEMORY_MB: u64 = 16;

/// Proof that the caller showed the token. It comes before the body: who may not call cannot make
/// the worker hold anything for them.
#[derive(Debug)]
pub struct Authorized;

impl FromRequestParts<Arc<App>> for Authorized {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        authorize(app, &parts.headers).map(|()| Self)
    }
}

pub async fn execute(
    _: Authorized,
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let body = body.map_err(|_| Refusal::TooLarge(MAX_BODY_BYTES))?;
    let request: ExecuteRequest =
        serde_json::from_slice(&body).map_err(|error| Refusal::Malformed(error.to_string()))?;
    drop(body);
    check(&request)?;
    let slot = app.slot()?;
    let events = start(&app, request, slot, trace_of(&headers)).await?;
    if wants_stream(&headers) {
        Ok((
            [(header::CONTENT_TYPE, NDJSON)],
            Body::from_stream(lines(events)),
        )
            .into_response())
    } else {
        Ok(last(events).await)
    }
}

/// The trace of the request that asked for the run, or a new one.
fn trace_of(headers: &HeaderMap) -> TraceParent {
    let given = headers
        .get(TRACEPARENT)
        .and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.parse().ok());
    given.unwrap_or_else(trace::new)
}

fn authorize(app: &App, headers: &HeaderMap) -> Result<(), Refusal> {
    shows(headers, &app.token_sha256)
}

/// Compares digests, and those in constant time: how long it takes tells nothing about the token.
///
/// # Errors
/// Another token is shown, or none.
pub fn shows(headers: &HeaderMap, token_sha256: &[u8; 32]) -> Result<(), Refusal> {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "))
        .unwrap_or_default();
    if Sha256::digest(shown).ct_eq(token_sha256).into() {
        Ok(())
    } else {
        Err(Refusal::Unauthorized)
    }
}

fn check(request: &ExecuteRequest) -> Result<(), Refusal> {
    let Limits {
        wall_s,
        cpu_s,
        memory_mb,
        output_bytes,
    } = request.limits;
    let within = |name: &str, value: u64, least: u64, most: u64| {
        if (least..=most).contains(&value) {
            Ok(())
        } else {
            Err(Refusal::Invalid(format!(
                "limits.{name} is {value}; it is a number from {least} to {most}."
            )))
        }
    };
    within("wall_s", wall_s.into(), 1, MAX_WALL_S.into())?;
    within("cpu_s", cpu_s.into(), 1, MAX_WALL_S.into())?;
    within(
        "memory_mb",
        memory_mb.into(),
        MIN_MEMORY_MB,
        MAX_MEMORY_MB.into(),
    )?;
    within("output_bytes", output_bytes, 1, MAX_RESULT_BYTES)?;
    if request.code.len() > MAX_CODE_BYTES {
        return Err(Refusal::TooLarge(MAX_CODE_BYTES));
    }
    if request
        .inputs
        .as_ref()
        .is_some_and(|inputs| inputs.get().len() > MAX_INPUTS_BYTES)
    {
        return Err(Refusal::TooLarge(MAX_INPUTS_BYTES));
    }
    check_files(&request.files)?;
    if request.inputs.is_some() && request.inputs_url.is_some() {
        return Err(Refusal::Invalid(
            "inputs and inputs_url exclude each other.".to_owned(),
        ));
    }
    Ok(())
}

fn check_files(files: &[InputFile]) -> Result<(), Refusal> {
    if files.len() > MAX_INPUT_FILES {
        return Err(Refusal::Invalid(format!(
            "There are {} files; a run takes {MAX_INPUT_FILES}.",
            files.len()
        )));
    }
    let bytes = files
        .iter()
        .fold(0_u64, |sum, file| sum.saturating_add(file.bytes));
    if bytes > MAX_INPUT_FILES_BYTES {
        return Err(Refusal::Invalid(format!(
            "The files have {bytes} bytes; a run takes {MAX_INPUT_FILES_BYTES}."
        )));
    }
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if files.iter().any(|file| !is_digest(&file.sha256)) {
        return Err(Refusal::Invalid(
            "A file's sha256 is 64 hexadecimal digits.".to_owned(),
        ));
    }
    Ok(())
}

/// Begins the run in a task of its own. It holds the slot to the run's last word; where runs share a
/// user, to the very end of the process.
async fn start(
    app: &Arc<App>,
    request: ExecuteRequest,
    slot: OwnedSemaphorePermit,
    trace: TraceParent,
) -> Result<UnboundedReceiver<ExecuteEvent>, Refusal> {
    let process = app.pool.take().await.map_err(|_| Refusal::NotReady)?;
    let (sender, events) = unbounded_channel();
    let _ = sender.send(ExecuteEvent::Started(
        app.started(&process.zygote.interpreter),
    ));
    for warning in &app.warnings {
        let _ = sender.send(ExecuteEvent::Log {
            stream: LogStream::System,
            text: format!("{warning}\n"),
        });
    }
    let app = Arc::clone(app);
    let label = request.run_id.as_ref().or(request.task_id.as_ref());
    let span = tracing::error_span!(
        "execute",
        run = label,
        attempt = request.attempt,
        trace = trace.id()
    );
    let execution = async move {
        if let Some((finished, mut process)) = run(&app, request, process, &sender).await {
            app.metrics.count(&finished);
            if !app.level.layers().namespaces {
                process.end().await;
            }
            tracing::info!(
                status = finished.status.as_str(),
                error = finished.error.as_ref().map(|error| error.kind.as_str()),
                wall_ms = finished.usage.wall_ms,
                cpu_ms = finished.usage.cpu_ms,
                memory_peak_mb = finished.usage.memory_peak_mb,
                "run finished"
            );
            // The slot first: who has read the last event may come back at once.
            drop(slot);
            let _ = sender.send(ExecuteEvent::Finished(finished));
            drop(sender);
            sleep(ANSWER_FIRST).await;
            drop(process);
        }
        app.pool.refill();
    };
    tokio::spawn(execution.instrument(span));
    Ok(events)
}

/// The end of the run; none when its caller was gone before it began.
async fn run(
    app: &App,
    request: ExecuteRequest,
    process: Process,
    sender: &UnboundedSender<ExecuteEvent>,
) -> Option<(Finished, Process)> {
    let transfers = Transfers::new(app.client.clone());
    let job = {
        let job = job(request, &transfers);
        tokio::pin!(job);
        let mut alive = every(Duration::from_secs(ALIVE_EVERY_S));
        loop {
            tokio::select! {
                job = &mut job => break job,
                () = sender.closed() => return None,
                () = app.stopping.cancelled() => break Err(Box::new(shut_down())),
                _ = alive.tick() => { let _ = sender.send(ExecuteEvent::Alive); }
            }
        }
    };
    match job {
        Ok(job) => {
            let run = Run::new(job, process, sender.clone(), transfers);
            Some(run.drive(app.stopping.cancelled()).await)
        }
        Err(finished) => Some((*finished, process)),
    }
}

async fn job(request: ExecuteRequest, transfers: &Transfers) -> Result<Job, Box<Finished>> {
    let inputs = match (request.inputs, &request.inputs_url) {
        (Some(inputs), _) => String::from(Box::<str>::from(inputs)),
        (None, Some(url)) => transfers
            .inputs(url)
            .await
            .map_err(|error| Box::new(not_fetched(&error)))?,
        (None, None) => "{}".to_owned(),
    };
    let files = transfers
        .files(&request.files)
        .await
        .map_err(|error| Box::new(not_fetched(&error)))?;
    Ok(Job {
        code: request.code,
        inputs,
        files,
        limits: request.limits,
        uploads: request.upload_urls,
        inline_bytes: request.inline_bytes.unwrap_or(DEFAULT_INLINE_BYTES as u64),
    })
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(NDJSON))
}

fn lines(events: UnboundedReceiver<ExecuteEvent>) -> impl Stream<Item = Result<Bytes, Infallible>> {
    UnboundedReceiverStream::new(events).map(|event| {
        let mut line = event.to_line();
        line.push('\n');
        Ok(Bytes::from(line))
    })
}

/// The last event alone. When the caller goes away this future is dropped, and the run ends.
async fn last(mut events: UnboundedReceiver<ExecuteEvent>) -> Response {
    while let Some(event) = events.recv().await {
        if let ExecuteEvent::Finished(finished) = event {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            return (kind, finished.to_json(false)).into_response();
        }
    }
    // The run's task ended without a last word, which it does only when the runtime stops.
    Refusal::Stopping.into_response()
}
