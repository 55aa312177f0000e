//! Everything the workbench shows at first, in one answer.

#[cfg(feature = "ssr")]
use super::context::caller;
use super::{Failure, runs::ShownRun, signature::Reading};
#[cfg(feature = "ssr")]
use domain::run::RunStatus;
use domain::{
    RunId, TaskId,
    run::RunSummary,
    task::{Page, TaskDetail},
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkbenchData {
    pub task: TaskDetail,
    pub reading: Reading,
    /// Newest first.
    pub runs: Page<RunSummary>,
    /// The run that was asked for, else the newest.
    pub shown: Option<ShownRun>,
    /// The newest completed run, where the one on show is none: its result stands beside a failure.
    pub last_good: Option<ShownRun>,
}

#[server(prefix = "/fn", endpoint = "workbench/open", input = Json)]
pub async fn open_workbench(task: TaskId, run: Option<RunId>) -> Result<WorkbenchData, Failure> {
    let (services, caller) = caller()?;
    let task = platform::tasks::get(&services, &caller, task).await?;
    let query = platform::runs::RunQuery {
        task: Some(task.id),
        status: None,
        q: None,
        cursor: None,
        limit: None,
    };
    let runs = platform::runs::list(&services, &caller, query).await?;
    // A run that is not one of this task is as good as none.
    let wanted = match run {
        Some(run) => platform::runs::get(&services, &caller, run).await.ok(),
        None => None,
    };
    let wanted = wanted
        .map(|run| run.summary)
        .filter(|run| run.task_id == task.id);
    let shown = match wanted.as_ref().or_else(|| runs.items.first()) {
        Some(run) => Some(super::runs::shown(&services, &caller, run.id).await?),
        None => None,
    };
    let newest_good = runs
        .items
        .iter()
        .find(|run| run.status == RunStatus::Completed)
        .map(|run| run.id);
    let last_good = match (&shown, newest_good) {
        (Some(shown), _) if shown.detail.summary.status == RunStatus::Completed => None,
        (_, Some(run)) => Some(super::runs::shown(&services, &caller, run).await?),
        (_, None) => None,
    };
    let reading = platform::signature::read(&task.version.code);
    Ok(WorkbenchData {
        task,
        reading,
        runs,
        shown,
        last_good,
    })
}
