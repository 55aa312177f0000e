//! What can be read of a run.

use super::{EventStream, Figure, RunQuery, figures::figure_of, visible};
use crate::{
    Caller, Error, Services,
    auth::authorize::{Action, Thing, authorize, not_found},
    db::{Placed, RunFilter, RunRecord},
    error::{Internal, problem},
    events::follow,
    paging, tasks,
};
use domain::{
    ProblemCode, RunId, TaskId,
    event::RunEventKind,
    run::{RunDetail, RunStatus, RunSummary},
    task::Page,
};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A result as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResult {
    /// The result encoding, as JSON text.
    pub json: String,
    /// SHA-256 of `json`, hexadecimal.
    pub sha256: String,
}

/// # Errors
/// No such run.
pub async fn get(s: &Services, c: &Caller, run: RunId) -> Result<RunDetail, Error> {
    let record = visible(s, c, Action::Read, run).await?;
    let inputs = inputs_of(s, &record).await?;
    let mut detail = record.detail;
    detail.inputs = inputs;
    if detail.summary.status == RunStatus::Queued {
        detail.position = s.0.store.position(run).await?;
    }
    Ok(detail)
}

/// Where the run stands.
///
/// # Errors
/// No such run.
pub async fn status(s: &Services, c: &Caller, run: RunId) -> Result<RunStatus, Error> {
    let record = visible(s, c, Action::Read, run).await?;
    Ok(record.detail.summary.status)
}

/// The task's newest run; `None` before the first.
///
/// # Errors
/// No such task.
pub async fn latest(s: &Services, c: &Caller, task: TaskId) -> Result<Option<RunDetail>, Error> {
    tasks::visible(s, c, Action::Read, task).await?;
    match s.0.store.latest_run(task).await? {
        Some(run) => get(s, c, run).await.map(Some),
        None => Ok(None),
    }
}

/// Newest first.
///
/// # Errors
/// The cursor is not one of ours.
pub async fn list(s: &Services, c: &Caller, query: RunQuery) -> Result<Page<RunSummary>, Error> {
    authorize(c, Action::Read, Thing::Run, c.user)?;
    let limit = paging::limit(query.limit);
    let cursor = query.cursor.as_deref().map(str::parse).transpose();
    let filter = RunFilter {
        user: c.user,
        task: query.task,
        status: query.status,
        search: paging::search(query.q.as_deref())?,
        after: cursor.map_err(|_| paging::unknown_cursor())?,
        limit,
    };
    let (rows, total) = s.0.store.runs(&filter).await?;
    let cursor = |run: &RunSummary| run.id.to_string();
    Ok(paging::page(rows, limit, total, cursor, |run| run))
}

/// # Errors
/// No such run, or it has not completed.
pub async fn result(s: &Services, c: &Caller, run: RunId) -> Result<StoredResult, Error> {
    let record = visible(s, c, Action::Read, run).await?;
    result_of(s, &record).await
}

/// Figure `n` of the result.
///
/// # Errors
/// No such run or figure, or it has not completed.
pub async fn figure(s: &Services, c: &Caller, run: RunId, n: u32) -> Result<Figure, Error> {
    let record = visible(s, c, Action::Read, run).await?;
    figure_of(s, &record, n).await
}

/// What the run printed in its last attempt.
///
/// # Errors
/// No such run.
pub async fn logs(s: &Services, c: &Caller, run: RunId) -> Result<String, Error> {
    visible(s, c, Action::Read, run).await?;
    let mut log = String::new();
    for event in s.0.store.last_attempt(run).await? {
        if let RunEventKind::Log { text, .. } = event.kind {
            log.push_str(&text);
        }
    }
    Ok(log)
}

/// The run's story after sequence number `after`, stored and live, ending after the final event.
///
/// # Errors
/// No such run.
pub async fn events(
    s: &Services,
    c: &Caller,
    run: RunId,
    after: u64,
) -> Result<EventStream, Error> {
    visible(s, c, Action::Read, run).await?;
    let store = s.0.store.clone();
    let look_again = s.0.config.dispatch.look_again;
    Ok(follow(store, s.0.notifier.as_ref(), run, after, look_again))
}

/// The run as it is when it ends or when the time is over, whichever comes first.
///
/// # Errors
/// No such run.
pub async fn wait(
    s: &Services,
    c: &Caller,
    run: RunId,
    at_most: Duration,
) -> Result<RunDetail, Error> {
    let until = Instant::now() + at_most;
    let mut news = s.0.notifier.subscribe(run);
    visible(s, c, Action::Read, run).await?;
    loop {
        news.borrow_and_update();
        let state = s.0.store.state(run).await?;
        if state.is_none_or(RunStatus::is_final) || Instant::now() >= until {
            return get(s, c, run).await;
        }
        let look_again = (Instant::now() + s.0.config.dispatch.look_again).min(until);
        let _ = timeout_at(look_again, news.changed()).await;
    }
}

pub(crate) async fn inputs_of(s: &Services, record: &RunRecord) -> Result<String, Error> {
    text(s, &record.inputs, "run's inputs").await
}

pub(crate) async fn result_of(s: &Services, record: &RunRecord) -> Result<StoredResult, Error> {
    let placed = record
        .result
        .as_ref()
        .ok_or_else(|| not_completed(record))?;
    Ok(StoredResult {
        json: text(s, placed, "run's result").await?,
        sha256: record.detail.provenance.result_sha256.clone(),
    })
}

pub(super) async fn text(
    s: &Services,
    placed: &Placed,
    what: &'static str,
) -> Result<String, Error> {
    let key = match placed {
        Placed::Inline(text) => return Ok(text.clone()),
        Placed::Object(key) => key,
    };
    let unreadable = |source: Box<dyn std::error::Error + Send + Sync>| {
        Error::Internal(Internal::Stored { what, source })
    };
    let bytes = s.0.objects.get(key).await?;
    let bytes = bytes.ok_or_else(|| unreadable("its object is missing".into()))?;
    String::from_utf8(bytes.into()).map_err(|error| unreadable(error.into()))
}

fn not_completed(record: &RunRecord) -> Error {
    let summary = &record.detail.summary;
    if !summary.status.is_final() {
        return problem(
            ProblemCode::NotCompleted,
            "The run has no result yet. Wait until it has completed.",
        );
    }
    let reason = match &summary.error {
        Some(error) => format!("The run failed, so it has no result: {}", error.message),
        None => "The run was cancelled, so it has no result.".to_owned(),
    };
    problem(ProblemCode::NotCompleted, reason)
}

/// The run a share opens, whoever asks.
pub(crate) async fn shared(s: &Services, run: RunId) -> Result<RunRecord, Error> {
    let record = s.0.store.run(run).await?;
    record.ok_or_else(|| not_found(Thing::Run))
}
