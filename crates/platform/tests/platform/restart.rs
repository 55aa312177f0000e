//! A server that stops, in whatever way, loses no run.

use crate::harness::*;
use domain::{RunId, event::RunEventKind, run::RunStatus};
use platform::{Config, OpenError, Services};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::runtime::Runtime;

fn is_started(kind: &RunEventKind) -> bool {
    matches!(kind, RunEventKind::Started { .. })
}

/// The first time the run goes on until it is cut off, the second time it completes.
async fn worker() -> FakeWorker {
    FakeWorker::start(4, |_, seen| match seen {
        1 => Answer::Script(vec![started(), log("first\n"), Step::AliveUntilClosed]),
        _ => success(),
    })
    .await
}

#[test]
fn a_server_that_dies_under_a_run_finds_it_again() {
    let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    let workers = Runtime::new().expect("a runtime");
    let worker = workers.block_on(worker());
    // Everything of the first server ends in the middle of what it does when its runtime is dropped.
    let first = Runtime::new().expect("a runtime");
    let (running, waiting) = first.block_on(begin(&folder, &worker));
    first.shutdown_timeout(Duration::from_secs(5));

    let second = Runtime::new().expect("a runtime");
    second.block_on(async {
        let platform = Platform::open_at(folder, |_| {}).await;
        platform.dispatch_to(&worker).await;
        let detail = platform.ended(running).await;
        assert_eq!(detail.summary.status, RunStatus::Completed);
        assert_eq!(detail.summary.attempt, 2);
        let names = names(&platform.story(running).await);
        let ends = ["requeued", "attempt", "started", "completed"];
        assert_eq!(names[names.len() - 4..], ends, "{names:?}");
        // The worker saw this one for the first time and is still at it.
        platform.until(waiting, is_started).await;
        platform.cancel(waiting).await;
        assert_eq!(
            platform.ended(waiting).await.summary.status,
            RunStatus::Cancelled
        );
    });
}

/// A run under way, with a lease that is long not over, and one that waits without having been rung for.
async fn begin(folder: &Arc<TempDir>, worker: &FakeWorker) -> (RunId, RunId) {
    let platform = Platform::open_at(Arc::clone(folder), |_| {}).await;
    platform.dispatch_to(worker).await;
    let running = platform.run().await;
    platform.until(running, is_started).await;
    platform.worker.send_replace(None);
    let waiting = platform.run().await;
    (running, waiting)
}

#[tokio::test]
async fn a_server_that_is_stopped_gives_its_runs_back() {
    let worker = worker().await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    platform.until(run, is_started).await;
    let folder = Arc::clone(&platform.folder);
    platform.services.shutdown().await;
    drop(platform);

    let platform = Platform::open_at(folder, |_| {}).await;
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

#[tokio::test]
async fn two_servers_cannot_have_one_folder() {
    let platform = Platform::open().await;
    let folder = platform.folder.path().to_owned();
    let mut config = Config {
        data: platform::config::DataDir(folder),
        public: platform::config::PublicUrl {
            url: String::new(),
            reachable: false,
        },
        objects: platform::config::ObjectsConfig::at(""),
        worker: platform::config::WorkerSource(tokio::sync::watch::channel(None).1),
        dispatch: quick(),
        account: platform::config::LocalAccount { name: "Ada".into() },
        webhooks: platform::config::WebhookConfig::default(),
    };
    let second = Services::open(&config).await;
    assert!(
        matches!(second, Err(OpenError::Locked { .. })),
        "{second:?}"
    );
    let other = tempfile::tempdir().expect("a temporary folder");
    config.data.0 = other.path().to_owned();
    Services::open(&config)
        .await
        .expect("control: another folder");
}
