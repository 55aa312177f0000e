//! Runs: submit, follow up, list, cancel.

use super::Failure;
#[cfg(feature = "ssr")]
use super::context::caller;
use domain::{
    RunId, TaskId,
    run::{RunDetail, RunStatus, RunSummary},
    task::{Page, TaskDetail},
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// A run on its way, and the task as it is after a changed code was saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    pub task: TaskDetail,
    pub run: RunDetail,
}

/// What a press of Run sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The version that the edits started from.
    pub base_version: u32,
    pub code: String,
    /// JSON text.
    pub inputs: String,
}

/// A run with what it produced so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownRun {
    pub detail: RunDetail,
    /// The code that ran.
    pub code: String,
    /// The result in the result encoding, when completed.
    pub result: Option<String>,
    /// What it printed.
    pub log: String,
}

/// Saves a changed code as a version, then runs it: one request for a press of Run.
///
/// `inputs` is the JSON text to run with; a version is made only when `code` is not that of the
/// newest one, which nobody can overwrite by running it.
#[server(prefix = "/fn", endpoint = "runs/submit", input = Json)]
pub async fn run_task(
    task: TaskId,
    submission: Submission,
    idempotency_key: String,
) -> Result<Submitted, Failure> {
    let (services, caller) = caller()?;
    let Submission {
        base_version,
        code,
        inputs,
    } = submission;
    let current = platform::tasks::get(&services, &caller, task).await?;
    let task = if current.version.code == code {
        current
    } else {
        let save = platform::tasks::SaveTask {
            task,
            base_version,
            code,
            inputs: inputs.clone(),
        };
        platform::tasks::save(&services, &caller, save).await?
    };
    let submit = platform::runs::SubmitRun {
        task: task.id,
        version: Some(task.version.number),
        inputs: Some(inputs),
        files: Vec::new(),
        limits: None,
        idempotency_key: Some(idempotency_key),
    };
    let run = platform::runs::submit(&services, &caller, submit).await?;
    Ok(Submitted { task, run })
}

#[server(prefix = "/fn", endpoint = "runs/list", input = Json)]
pub async fn list_runs(
    task: Option<TaskId>,
    status: Option<RunStatus>,
    q: Option<String>,
    cursor: Option<String>,
) -> Result<Page<RunSummary>, Failure> {
    let (services, caller) = caller()?;
    let query = platform::runs::RunQuery {
        task,
        status,
        q,
        cursor,
        limit: None,
    };
    Ok(platform::runs::list(&services, &caller, query).await?)
}

#[server(prefix = "/fn", endpoint = "runs/show", input = Json)]
pub async fn show_run(run: RunId) -> Result<ShownRun, Failure> {
    let (services, caller) = caller()?;
    shown(&services, &caller, run).await
}

#[server(prefix = "/fn", endpoint = "runs/cancel", input = Json)]
pub async fn cancel_run(run: RunId) -> Result<RunDetail, Failure> {
    let (services, caller) = caller()?;
    Ok(platform::runs::cancel(&services, &caller, run).await?)
}

/// A run with its code, result and log.
#[cfg(feature = "ssr")]
pub(super) async fn shown(
    services: &platform::Services,
    caller: &platform::Caller,
    run: RunId,
) -> Result<ShownRun, Failure> {
    let detail = platform::runs::get(services, caller, run).await?;
    let (task, number) = (detail.summary.task_id, detail.summary.version);
    let version = platform::tasks::version(services, caller, task, number).await?;
    let result = match detail.summary.status {
        RunStatus::Completed => {
            let stored = platform::runs::result(services, caller, run).await?;
            Some(stored.json)
        }
        _ => None,
    };
    // A run that is under way tells its log through its events.
    let log = if detail.summary.status.is_final() {
        platform::runs::logs(services, caller, run).await?
    } else {
        String::new()
    };
    Ok(ShownRun {
        detail,
        code: version.code,
        result,
        log,
    })
}
