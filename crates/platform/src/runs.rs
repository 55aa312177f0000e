//! Runs: submit, follow, cancel, read.

use crate::{Caller, Error, Services, error::Internal};
use bytes::Bytes;
use domain::{
    RunId, TaskId,
    event::RunEvent,
    limits::Limits,
    run::{RunDetail, RunStatus, RunSummary},
    task::Page,
};
use futures::stream::BoxStream;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct SubmitRun {
    pub task: TaskId,
    /// The newest when absent.
    pub version: Option<u32>,
    /// The text of a JSON object; the version's saved inputs when absent.
    pub inputs: Option<String>,
    pub limits: Option<Limits>,
    /// The same key with the same request answers the same run for a day.
    pub idempotency_key: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    pub task: Option<TaskId>,
    pub status: Option<RunStatus>,
    /// Words looked for in the task's name and description.
    pub q: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<usize>,
}

/// A result as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResult {
    /// The result encoding, as JSON text.
    pub json: String,
    /// SHA-256 of `json`, hexadecimal.
    pub sha256: String,
}

/// A figure of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub bytes: Bytes,
    pub media_type: &'static str,
}

/// Follows a run: every event from `after` on, ending with the final one.
pub type EventStream = BoxStream<'static, Result<RunEvent, Error>>;

/// # Errors
/// The inputs do not fit the signature, a limit is passed, or too many runs wait.
pub async fn submit(_s: &Services, _c: &Caller, _submit: SubmitRun) -> Result<RunDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// # Errors
/// No such run.
pub async fn get(_s: &Services, _c: &Caller, _run: RunId) -> Result<RunDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// Newest first.
///
/// # Errors
/// The cursor is not one of ours.
pub async fn list(_s: &Services, _c: &Caller, _query: RunQuery) -> Result<Page<RunSummary>, Error> {
    Err(Internal::WriterStopped.into())
}

/// # Errors
/// No such run, or it has ended.
pub async fn cancel(_s: &Services, _c: &Caller, _run: RunId) -> Result<RunDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// # Errors
/// No such run, or it has not completed.
pub async fn result(_s: &Services, _c: &Caller, _run: RunId) -> Result<StoredResult, Error> {
    Err(Internal::WriterStopped.into())
}

/// Figure `n` of the result.
///
/// # Errors
/// No such run or figure, or it has not completed.
pub async fn figure(_s: &Services, _c: &Caller, _run: RunId, _n: u32) -> Result<Figure, Error> {
    Err(Internal::WriterStopped.into())
}

/// What the run printed in its last attempt.
///
/// # Errors
/// No such run.
pub async fn logs(_s: &Services, _c: &Caller, _run: RunId) -> Result<String, Error> {
    Err(Internal::WriterStopped.into())
}

/// The run's story after sequence number `after`, stored and live, ending after the final event.
///
/// # Errors
/// No such run.
pub async fn events(
    _s: &Services,
    _c: &Caller,
    _run: RunId,
    _after: u64,
) -> Result<EventStream, Error> {
    Err(Internal::WriterStopped.into())
}

/// The run as it is when it ends or when the time is over, whichever comes first.
///
/// # Errors
/// No such run.
pub async fn wait(
    _s: &Services,
    _c: &Caller,
    _run: RunId,
    _at_most: Duration,
) -> Result<RunDetail, Error> {
    Err(Internal::WriterStopped.into())
}
