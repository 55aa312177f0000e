//! Cancelling reaches a run wherever it is.

use crate::harness::*;
use domain::{ProblemCode, event::RunEventKind, run::RunStatus};
use platform::{runs, tasks};

#[tokio::test]
async fn a_waiting_run_is_cancelled_at_once() {
    let platform = Platform::open().await;
    let run = platform.run().await;
    platform.cancel(run).await;
    assert_eq!(platform.get(run).await.summary.status, RunStatus::Cancelled);
    assert_eq!(names(&platform.story(run).await), ["queued", "cancelled"]);
    let worker = FakeWorker::always(success()).await;
    platform.dispatch_to(&worker).await;
    let next = platform.run().await;
    platform.ended(next).await;
    assert_eq!(worker.calls(run), 0);
}

#[tokio::test]
async fn a_run_under_way_is_cut_off_at_its_worker() {
    let script = vec![started(), log("working\n"), Step::AliveUntilClosed];
    let worker = FakeWorker::always(Answer::Script(script)).await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    platform
        .until(run, |kind| matches!(kind, RunEventKind::Log { .. }))
        .await;
    platform.cancel(run).await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Cancelled);
    while worker.closed() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        names(&platform.story(run).await),
        ["queued", "attempt", "started", "log", "cancelled"]
    );
    let logs = runs::logs(&platform.services, &platform.caller, run).await;
    assert_eq!(logs.expect("a log"), "working\n");
}

#[tokio::test]
async fn a_run_that_has_ended_cannot_be_cancelled() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let run = platform.run().await;
    platform.ended(run).await;
    let refused = runs::cancel(&platform.services, &platform.caller, run).await;
    let problem = domain::Problem::from(refused.expect_err("refused"));
    assert_eq!(problem.code, ProblemCode::AlreadyFinished);
    assert_eq!(platform.get(run).await.summary.status, RunStatus::Completed);
}

#[tokio::test]
async fn deleting_a_task_cancels_its_runs_and_restoring_shows_them() {
    let worker = FakeWorker::always(Answer::Script(vec![started(), Step::AliveUntilClosed])).await;
    let platform = Platform::open().await;
    let task = platform.task(CODE).await;
    let waiting = platform.submit(task, "{}").await;
    let other = platform.task(CODE).await;
    platform.dispatch_to(&worker).await;
    let is_started = |kind: &RunEventKind| matches!(kind, RunEventKind::Started { .. });
    platform.until(waiting, is_started).await;
    let (s, c) = (&platform.services, &platform.caller);
    tasks::delete(s, c, task).await.expect("deleted");
    assert!(runs::get(s, c, waiting).await.is_err(), "hidden");
    assert!(tasks::get(s, c, task).await.is_err(), "hidden");
    while worker.closed() == 0 {
        tokio::task::yield_now().await;
    }
    tasks::restore(s, c, task).await.expect("restored");
    let detail = platform.ended(waiting).await;
    assert_eq!(detail.summary.status, RunStatus::Cancelled);
    let listed = tasks::list(s, c, tasks::TaskQuery::default()).await;
    let listed: Vec<_> = listed.expect("a list").items;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().any(|one| one.id == other));
}
