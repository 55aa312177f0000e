//! Many runs: all of them end, in fair order, and no worker is asked for more than it takes.

use crate::harness::*;
use domain::{ProblemCode, limits::MAX_QUEUED_RUNS, run::RunStatus};
use futures::FutureExt;
use platform::runs;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_refused_and_every_waiting_run_ends() {
    let platform = Platform::open().await;
    let task = platform.task(CODE).await;
    for _ in 0..MAX_QUEUED_RUNS {
        platform.submit(task, "{}").await;
    }
    let refused = runs::submit(&platform.services, &platform.caller, submit(task, "{}")).await;
    let problem = domain::Problem::from(refused.expect_err("the queue is full"));
    assert_eq!(problem.code, ProblemCode::QueueFull);

    let worker = FakeWorker::start(8, |_, _| success()).await;
    platform.dispatch_to(&worker).await;
    let last = platform.submit_when_there_is_room(task).await;
    platform.ended(last).await;
    while count(&platform, RunStatus::Completed).await <= u64::from(MAX_QUEUED_RUNS) {
        tokio::task::yield_now().await;
    }
    let order = worker.order();
    assert_eq!(
        order.len(),
        MAX_QUEUED_RUNS as usize + 1,
        "each exactly once"
    );
    assert!(worker.most_taken() <= 8, "never more than the worker takes");
}

#[tokio::test]
async fn a_run_wakes_an_idle_dispatcher() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    for _ in 0..3 {
        let run = platform.run().await;
        platform.ended(run).await;
        // Idleness is no event: everything the last run could have woken has had its turn by now.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn every_slot_of_a_worker_is_found_and_used() {
    const SLOTS: usize = 8;
    let all_taken = Arc::new(watch::Sender::new(false));
    let open = Arc::clone(&all_taken);
    let worker = FakeWorker::start(SLOTS, move |_, _| {
        let open = Arc::clone(&open);
        let wait = move |_| {
            let mut open = open.subscribe();
            async move {
                let _ = open.wait_for(|open| *open).await;
            }
            .boxed()
        };
        Answer::Script(vec![started(), Step::Do(Arc::new(wait)), completed("1")])
    })
    .await;
    let platform = Platform::open().await;
    let task = platform.task(CODE).await;
    let mut runs = Vec::new();
    for _ in 0..2 * SLOTS {
        runs.push(platform.submit(task, "{}").await);
    }
    platform.dispatch_to(&worker).await;
    let taken = async {
        while worker.most_taken() < SLOTS {
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(SOON, taken).await;
    found.expect("no run ends before every slot is taken");
    all_taken.send_replace(true);
    for run in runs {
        let detail = platform.ended(run).await;
        assert_eq!(detail.summary.status, RunStatus::Completed);
        assert_eq!(detail.summary.attempt, 1);
    }
}

impl Platform {
    async fn submit_when_there_is_room(&self, task: domain::TaskId) -> domain::RunId {
        loop {
            match runs::submit(&self.services, &self.caller, submit(task, "{}")).await {
                Ok(run) => return run.summary.id,
                Err(error) => {
                    let problem = domain::Problem::from(error);
                    assert_eq!(problem.code, ProblemCode::QueueFull);
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_waiting_run_knows_its_place() {
    let platform = Platform::open().await;
    let task = platform.task(CODE).await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(platform.submit(task, "{}").await);
    }
    for (run, place) in runs.iter().zip(1..) {
        assert_eq!(platform.get(*run).await.position, Some(place));
    }
    platform.cancel(runs[0]).await;
    assert_eq!(platform.get(runs[0]).await.position, None);
    assert_eq!(platform.get(runs[2]).await.position, Some(2));
}

#[tokio::test]
async fn runs_wait_for_a_worker_to_come() {
    let platform = Platform::open().await;
    let started = platform.services.start_dispatcher().await;
    started.expect("the dispatcher starts without a worker");
    let run = platform.run().await;
    assert_eq!(platform.get(run).await.summary.status, RunStatus::Queued);
    let worker = FakeWorker::always(success()).await;
    platform.worker.send_replace(Some(worker.address()));
    assert_eq!(
        platform.ended(run).await.summary.status,
        RunStatus::Completed
    );
}
