//! A server that stops, in whatever way, loses no run.

use crate::harness::*;
use domain::{event::RunEventKind, run::RunStatus};
use std::sync::Arc;

pub fn is_started(kind: &RunEventKind) -> bool {
    matches!(kind, RunEventKind::Started { .. })
}

/// The first time the run goes on until it is cut off, the second time it completes.
pub async fn worker() -> FakeWorker {
    FakeWorker::start(4, |_, seen| match seen {
        1 => Answer::Script(vec![started(), log("first\n"), Step::AliveUntilClosed]),
        _ => success(),
    })
    .await
}

#[tokio::test]
async fn a_server_that_is_stopped_gives_its_runs_back() {
    let worker = worker().await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    platform.until(run, is_started).await;
    let data = Arc::clone(&platform.data);
    platform.services.shutdown().await;
    drop(platform);

    let platform = Platform::open_at(data, |_| {}).await;
    let detail = platform.get(run).await;
    assert_eq!(detail.summary.status, RunStatus::Queued);
    platform.dispatch_to(&worker).await;
    assert_eq!(
        platform.ended(run).await.summary.status,
        RunStatus::Completed
    );
    assert_eq!(
        names(&platform.story(run).await),
        [
            "queued",
            "attempt",
            "started",
            "log",
            "requeued",
            "attempt",
            "started",
            "completed"
        ]
    );
}
