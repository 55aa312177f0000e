//! From what a worker says at the end of a run to what is committed.

use super::{
    dispatcher::Shared,
    loss::{Loss, given_up},
    policy,
};
use crate::{
    config::DispatchConfig,
    db::{ClaimedRun, Ending, Outcome, Placed, StoredFigure, StoredValue},
    metrics::Lost,
    objects::{self, Put},
    runs::stored_figures,
};
use bytes::Bytes;
use domain::{
    limits::MAX_ATTEMPTS,
    preview,
    run::{ErrorKind, Headline, Miniature, RunError, RunStatus},
    value::Value,
};
use protocol::execute::{Finished, Started};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Longest error message and traceback that are kept, bytes.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// What a lost attempt leads to: another try after a pause, or the end when there were enough.
pub(super) fn after_loss(run: &ClaimedRun, loss: &Loss, config: &DispatchConfig) -> Ending {
    lost(run.failures + 1, loss, config)
}

/// The same for a run known only by how often it was lost, this time included.
pub(super) fn lost(failures: u32, loss: &Loss, config: &DispatchConfig) -> Ending {
    if failures >= MAX_ATTEMPTS {
        let error = given_up(loss, failures);
        let outcome = Outcome::without_result(RunStatus::Failed, Some(error));
        return Ending::Outcome(Box::new(outcome));
    }
    let jitter = f64::from(crate::auth::random::<1>()[0]) / 255.0;
    Ending::Requeue {
        reason: format!("{loss} The run starts again."),
        pause: policy::retry_pause(config.retry_pause, failures, jitter),
        counts: true,
    }
}

/// What a `finished` line leads to.
pub(super) async fn finished(
    run: &ClaimedRun,
    environment: Option<Started>,
    finished: Finished,
    shared: &Shared,
) -> Result<Ending, Loss> {
    if finished.given_back {
        shared.metrics.lost(Lost::WorkerStopped);
        return Ok(Ending::Requeue {
            reason: "The worker was stopped. The run starts again on another one.".into(),
            pause: Duration::ZERO,
            counts: false,
        });
    }
    let usage = Some(finished.usage);
    let outcome = match finished.status {
        RunStatus::Completed => completed(run, finished, shared).await?,
        RunStatus::Failed => failed(finished.error)?,
        // Nobody here asked for it.
        RunStatus::Cancelled => return Err(Loss::StoppedByWorker),
        RunStatus::Queued | RunStatus::Running => return Err(Loss::Garbled),
    };
    Ok(Ending::Outcome(Box::new(Outcome {
        usage,
        environment,
        ..outcome
    })))
}

/// The run took longer than it may and its worker did not notice.
pub(super) fn overdue(run: &ClaimedRun, environment: Option<Started>) -> Ending {
    let wall_s = run.limits.wall_s;
    let error = RunError {
        kind: ErrorKind::Timeout,
        message: format!(
            "The run took longer than its time limit of {wall_s} s and was stopped. Make the \
             calculation faster, or give it a higher limit."
        ),
        line: None,
        traceback: None,
    };
    Ending::Outcome(Box::new(Outcome {
        environment,
        ..Outcome::without_result(RunStatus::Failed, Some(error))
    }))
}

fn failed(error: Option<RunError>) -> Result<Outcome, Loss> {
    let mut error = error.ok_or(Loss::Garbled)?;
    if error.kind == ErrorKind::Infrastructure {
        return Err(Loss::ReportedByWorker(error.message));
    }
    shorten(&mut error.message);
    if let Some(traceback) = &mut error.traceback {
        shorten(traceback);
    }
    Ok(Outcome::without_result(RunStatus::Failed, Some(error)))
}

async fn completed(run: &ClaimedRun, finished: Finished, shared: &Shared) -> Result<Outcome, Loss> {
    let objects = shared.objects.as_ref();
    let slot = objects::result_key(run.id, run.attempt);
    let (text, uploaded) = match (finished.result, finished.result_key) {
        (Some(inline), _) => (Bytes::from(Box::<str>::from(inline).into_string()), false),
        (None, Some(key)) if key == slot => {
            (objects.get(&key).await?.ok_or(Loss::ResultMissing)?, true)
        }
        (None, _) => return Err(Loss::ResultMissing),
    };
    let bytes = text.len() as u64;
    if bytes > run.limits.output_bytes {
        return Ok(too_large(bytes, run.limits.output_bytes));
    }
    let result = text.clone();
    let read = shared.offload.run(text.len(), move || Read::of(&result));
    let read = read.await.map_err(|_| Loss::Defect)?.ok_or(Loss::Garbled)?;
    let placed = if uploaded {
        Placed::Object(slot)
    } else if text.len() <= shared.inline_bytes {
        let text = String::from_utf8(text.into()).map_err(|_| Loss::Garbled)?;
        Placed::Inline(text)
    } else {
        match objects.put(&slot, text).await? {
            Put::Written => Placed::Object(slot),
            Put::Taken => return Err(Loss::ResultTaken),
        }
    };
    Ok(Outcome {
        result: Some(StoredValue {
            placed,
            bytes,
            sha256: read.sha256,
        }),
        headline: read.headline,
        miniature: read.miniature,
        figures: read.figures,
        ..Outcome::without_result(RunStatus::Completed, None)
    })
}

/// What is stored of a result beside its text.
struct Read {
    sha256: String,
    headline: Option<Headline>,
    miniature: Option<Miniature>,
    figures: Vec<StoredFigure>,
}

impl Read {
    /// `None` when it is not in the result encoding.
    fn of(text: &[u8]) -> Option<Self> {
        let value = Value::parse(std::str::from_utf8(text).ok()?).ok()?;
        Some(Self {
            sha256: hex::encode(Sha256::digest(text)),
            headline: preview::headline(&value),
            miniature: preview::miniature(&value),
            figures: stored_figures(&value),
        })
    }
}

fn too_large(bytes: u64, limit: u64) -> Outcome {
    let error = RunError {
        kind: ErrorKind::ResultTooLarge,
        message: format!(
            "The result has {bytes} bytes; the limit is {limit}. Return fewer values, for example \
             every tenth point of a curve."
        ),
        line: None,
        traceback: None,
    };
    Outcome::without_result(RunStatus::Failed, Some(error))
}

fn shorten(text: &mut String) {
    if text.len() > MAX_ERROR_BYTES {
        text.truncate(text.floor_char_boundary(MAX_ERROR_BYTES));
        text.push('…');
    }
}
