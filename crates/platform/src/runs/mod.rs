//! Runs: submit, follow, cancel, read.

mod figures;
mod files;
mod read;
mod submit;

pub use figures::Figure;
pub(crate) use figures::{figure_of, stored as stored_figures};
pub(crate) use files::RunFile;
pub use files::SentFile;
pub use read::{StoredResult, events, figure, get, latest, list, logs, result, status, wait};
pub(crate) use read::{inputs_of, result_of, shared};
pub use submit::{SubmitNew, SubmitRun, submit, submit_new};

use crate::{
    Caller, Error, Services,
    auth::authorize::{Action, Thing, authorize, not_found},
    db::{CancelStep, RunRecord},
    error::problem,
};
use domain::{
    ProblemCode, RunId, TaskId,
    event::RunEvent,
    run::{RunDetail, RunStatus},
};
use futures::stream::BoxStream;

#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    pub task: Option<TaskId>,
    pub status: Option<RunStatus>,
    /// Words looked for in the task's name and description.
    pub q: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<usize>,
}

/// Follows a run: every event from `after` on, ending with the final one.
pub type EventStream = BoxStream<'static, Result<RunEvent, Error>>;

/// A run that waits is cancelled at once, one under way as soon as its worker has killed it.
///
/// # Errors
/// No such run, or it has ended.
pub async fn cancel(s: &Services, c: &Caller, run: RunId) -> Result<RunDetail, Error> {
    visible(s, c, Action::Run, run).await?;
    match s.0.store.cancel_run(run).await? {
        CancelStep::Cancelled { seq } => {
            s.0.notifier.publish(run, seq);
            s.0.notifier.announce_delivery();
            s.0.metrics
                .ended_without_execution(RunStatus::Cancelled, None);
        }
        CancelStep::Asked => s.0.notifier.ask_to_stop(run),
        CancelStep::Gone => return Err(not_found(Thing::Run)),
        CancelStep::Finished => {
            return Err(problem(
                ProblemCode::AlreadyFinished,
                "The run has already ended, so there is nothing to cancel.",
            ));
        }
    }
    get(s, c, run).await
}

/// The run, when its task is not hidden and the caller may do that to it.
pub(crate) async fn visible(
    s: &Services,
    c: &Caller,
    action: Action,
    run: RunId,
) -> Result<RunRecord, Error> {
    let record = s.0.store.run(run).await?;
    let record = record.ok_or_else(|| not_found(Thing::Run))?;
    authorize(c, action, Thing::Run, record.owner)?;
    if record.deleted {
        return Err(not_found(Thing::Run));
    }
    Ok(record)
}
