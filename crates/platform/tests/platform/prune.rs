//! What is removed for good, and what is not.

use crate::harness::*;
use domain::run::RunStatus;
use platform::{prune, runs, tasks};
use std::time::Duration;

/// Everything is old enough.
const NOW: Duration = Duration::ZERO;

#[tokio::test]
async fn a_deleted_task_goes_with_its_runs_and_objects() {
    let worker = FakeWorker::always(success()).await;
    let platform = Platform::open_with(|config| config.objects.inline_bytes = 0).await;
    platform.dispatch_to(&worker).await;
    let (s, c) = (&platform.services, &platform.caller);
    let (kept, deleted) = (platform.task(CODE).await, platform.task(CODE).await);
    let of_kept = platform.submit(kept, "{}").await;
    let of_deleted = platform.submit(deleted, "{}").await;
    for run in [of_kept, of_deleted] {
        assert_eq!(
            platform.ended(run).await.summary.status,
            RunStatus::Completed
        );
    }
    tasks::delete(s, c, deleted).await.expect("deleted");

    let nothing = prune::prune(s).await.expect("pruned");
    assert_eq!(
        nothing,
        prune::Pruned::default(),
        "it can be restored still"
    );
    let pruned = prune::prune_after(s, NOW, NOW).await.expect("pruned");
    assert_eq!((pruned.tasks, pruned.runs), (1, 1));
    assert_eq!(pruned.objects, 2, "inputs and result");
    assert!(tasks::restore(s, c, deleted).await.is_err(), "it is gone");
    assert!(
        !platform
            .data
            .object(&format!("runs/{of_deleted}/inputs"))
            .exists()
    );
    let result = runs::result(s, c, of_kept).await.expect("still there");
    assert_eq!(result.json, r#"{"stress":100.0}"#);
}

#[tokio::test]
async fn objects_of_attempts_that_were_lost_go() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let run = platform.run().await;
    platform.ended(run).await;
    let attempt = platform.get(run).await.summary.attempt;
    let lost = platform
        .data
        .object(&format!("runs/{run}/{}/result", attempt - 1));
    let committed = platform
        .data
        .object(&format!("runs/{run}/{attempt}/figure-0"));
    let foreign = platform.data.object("runs/notes/by/hand");
    for object in [&lost, &committed, &foreign] {
        std::fs::create_dir_all(object.parent().expect("a folder")).expect("made");
        std::fs::write(object, "an object").expect("written");
    }
    let (s, hour) = (&platform.services, Duration::from_secs(3600));
    let young = prune::prune_after(s, NOW, hour).await.expect("pruned");
    assert_eq!(young.objects, 0, "an attempt may still commit them");
    let pruned = prune::prune_after(s, NOW, NOW).await.expect("pruned");
    assert_eq!(pruned.objects, 1);
    assert!(!lost.exists() && committed.exists() && foreign.exists());
}
