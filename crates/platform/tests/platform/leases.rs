//! Leases: kept while an attempt goes on, taken away when nobody keeps them, and neither by a server
//! that only stood still for a while.

use crate::harness::*;
use domain::{RunId, event::RunEventKind, run::RunStatus};
use platform::Config;
use std::{sync::Arc, thread, time::Duration};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Notify,
};

const LEASE: Duration = Duration::from_millis(1_000);
/// Longer than a lease, and than the silence after which a worker is given up.
const PAUSE: Duration = Duration::from_millis(2_500);

/// As in production, twenty times as fast.
fn quick_leases(config: &mut Config) {
    config.dispatch.lease = LEASE;
    config.dispatch.renew_every = LEASE / 4;
    config.dispatch.reconcile_every = LEASE / 4;
}

/// A worker whose runs go on until they are told to end.
async fn worker() -> (FakeWorker, Arc<Notify>) {
    let end = Arc::new(Notify::new());
    let until = Step::AliveUntil(Arc::clone(&end));
    let script = vec![started(), until, completed("1")];
    (FakeWorker::always(Answer::Script(script)).await, end)
}

async fn begun(platform: &Platform) -> RunId {
    let run = platform.run().await;
    platform
        .until(run, |kind| matches!(kind, RunEventKind::Started { .. }))
        .await;
    run
}

async fn has_gone_through_in_one_attempt(platform: &Platform, run: RunId) {
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, 1);
    let story = names(&platform.story(run).await);
    assert_eq!(story, ["queued", "attempt", "started", "completed"]);
}

#[tokio::test]
async fn a_run_longer_than_its_lease_keeps_it() {
    let (worker, end) = worker().await;
    let platform = Platform::open_with(quick_leases).await;
    platform.dispatch_to(&worker).await;
    let run = begun(&platform).await;
    tokio::time::sleep(3 * LEASE).await;
    end.notify_one();
    has_gone_through_in_one_attempt(&platform, run).await;
}

#[tokio::test]
async fn the_lease_of_a_dispatcher_that_is_gone_is_found_by_the_next_round() {
    let worker = FakeWorker::always(success()).await;
    let often = |config: &mut Config| config.dispatch.reconcile_every = LEASE / 4;
    let platform = Platform::open_with(often).await;
    let run = platform.run().await;
    claim_for_a_dispatcher_that_is_gone(&platform, run).await;
    platform.dispatch_to(&worker).await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, 2);
}

/// What the database says while another dispatcher executes the run: its lease is not over when
/// the next one starts.
async fn claim_for_a_dispatcher_that_is_gone(platform: &Platform, run: RunId) {
    let lease = LEASE.as_millis();
    let now = match platform.data.services {
        None => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        Some(_) => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    };
    let claim = format!(
        "UPDATE runs SET status = 'running', attempt = 1, dispatcher = 'gone',
            lease_until = {now} + {lease} WHERE id = '{run}'"
    );
    platform.data.change(&claim).await;
}

/// Everything of the platform stands still, as when its machine is paused, while its worker goes on.
fn stands_still(change: impl FnOnce(&mut Config)) {
    let workers = Runtime::new().expect("a runtime");
    let (worker, end) = workers.block_on(worker());
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let (platform, run) = runtime.block_on(async {
        let platform = Platform::open_with(change).await;
        platform.dispatch_to(&worker).await;
        let run = begun(&platform).await;
        (platform, run)
    });
    let paused = runtime.spawn(async { thread::sleep(PAUSE) });
    runtime.block_on(async {
        paused.await.expect("it goes on");
        // Whatever was due during the pause has its turn.
        tokio::time::sleep(LEASE).await;
        end.notify_one();
        has_gone_through_in_one_attempt(&platform, run).await;
    });
    workers.shutdown_background();
    runtime.shutdown_background();
}

#[test]
fn a_server_that_stood_still_longer_than_the_silence_keeps_its_run() {
    stands_still(|_| {});
}

#[test]
fn a_server_that_stood_still_longer_than_a_lease_keeps_its_run() {
    stands_still(|config| {
        quick_leases(config);
        config.dispatch.silence = NEVER;
        // As when the keeper has its turn only after the reconciler.
        config.dispatch.renew_every = NEVER;
    });
}
