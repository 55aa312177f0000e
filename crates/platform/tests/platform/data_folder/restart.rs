//! A server that has its data to itself finds at its next start what it left.

use crate::{
    harness::*,
    restart::{is_started, worker},
};
use domain::{RunId, run::RunStatus};
use platform::{OpenError, Services};
use std::{sync::Arc, time::Duration};
use tokio::runtime::Runtime;

#[test]
fn a_server_that_dies_under_a_run_finds_it_again() {
    let workers = Runtime::new().expect("a runtime");
    let data = workers.block_on(Data::new());
    let worker = workers.block_on(worker());
    // Everything of the first server ends in the middle of what it does when its runtime is dropped.
    let first = Runtime::new().expect("a runtime");
    let (running, waiting) = first.block_on(begin(&data, &worker));
    first.shutdown_timeout(Duration::from_secs(5));

    let second = Runtime::new().expect("a runtime");
    second.block_on(async {
        let platform = Platform::open_at(data, |_| {}).await;
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
async fn begin(data: &Arc<Data>, worker: &FakeWorker) -> (RunId, RunId) {
    let platform = Platform::open_at(Arc::clone(data), |_| {}).await;
    platform.dispatch_to(worker).await;
    let running = platform.run().await;
    platform.until(running, is_started).await;
    platform.worker.send_replace(None);
    let waiting = platform.run().await;
    (running, waiting)
}

#[tokio::test]
async fn two_servers_cannot_have_one_folder() {
    let platform = Platform::open().await;
    let mut config = platform.config.clone();
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
