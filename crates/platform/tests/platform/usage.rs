//! What a user has used, as their runs say.

use crate::harness::*;
use domain::{UserId, limits::MAX_QUEUED_RUNS, usage::EndedRuns};
use platform::{Caller, tasks, usage};
use uuid::Uuid;

#[tokio::test]
async fn runs_times_and_bytes_are_counted_for_their_owner_alone() {
    let worker = FakeWorker::start(4, |_, _| success()).await;
    let platform = Platform::with(&worker).await;
    let (s, c) = (&platform.services, &platform.caller);
    let before = usage::of_caller(s, c).await.expect("counted");
    assert_eq!((before.tasks, before.stored_bytes), (0, 0));

    let task = platform.task(CODE).await;
    let mut used = Vec::new();
    for _ in 0..2 {
        let run = platform.submit(task, r#"{"force":1}"#).await;
        used.push(platform.ended(run).await);
    }
    platform.worker.send_replace(None);
    let cancelled = platform.submit(task, "{}").await;
    platform.cancel(cancelled).await;
    platform.submit(task, "{}").await;

    let now = usage::of_caller(s, c).await.expect("counted");
    let ended = EndedRuns {
        completed: 2,
        failed: 0,
        cancelled: 1,
    };
    assert_eq!((now.today.runs, now.this_month.runs), (ended, ended));
    assert_eq!((now.queue_length, now.running, now.tasks), (1, 0, 1));
    let cpu_ms: f64 = used.iter().filter_map(|run| run.cpu_ms).sum();
    assert!(cpu_ms > 0.0, "control: {used:?}");
    assert!((now.today.cpu_s - cpu_ms / 1000.0).abs() < 1e-9);
    let memory: f64 = used
        .iter()
        .map(|run| run.memory_peak_mb.unwrap_or(0.0) * run.summary.wall_ms.unwrap_or(0.0))
        .sum();
    assert!(memory > 0.0, "control: {used:?}");
    assert!((now.today.memory_gb_s - memory / 1_024_000.0).abs() < 1e-9);
    let results: u64 = used.iter().filter_map(|run| run.result_bytes).sum();
    let inputs = 2 * r#"{"force":1}"#.len() + 2 * "{}".len();
    let versions = CODE.len() + "{}".len();
    assert_eq!(now.stored_bytes, results + (inputs + versions) as u64);
    assert_eq!(now.limits.queued_runs, MAX_QUEUED_RUNS);

    let eve = Caller::new(UserId(Uuid::now_v7()), "Eve");
    let other = usage::of_caller(s, &eve).await.expect("counted");
    assert_eq!(other.today.runs, EndedRuns::default());
    assert_eq!((other.queue_length, other.stored_bytes), (0, 0));

    tasks::delete(s, c, task).await.expect("deleted");
    let hidden = usage::of_caller(s, c).await.expect("counted");
    assert_eq!(hidden.tasks, 0);
    assert_eq!(hidden.stored_bytes, now.stored_bytes, "it can be restored");
    assert_eq!(
        hidden.today.runs.cancelled, 2,
        "deleting cancels what waits"
    );
}
