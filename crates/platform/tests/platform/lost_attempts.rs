//! What becomes of a run when the worker fails under it: it is tried again, has exactly one
//! outcome, and every failure ends in a state and a sentence.

use crate::harness::*;
use domain::{
    event::RunEventKind,
    limits::{Limits, MAX_ATTEMPTS},
    run::{ErrorKind, RunStatus},
};
use platform::{Config, runs};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Fails in that way the first time and succeeds the second.
async fn recovers_from(failure: Vec<Step>) {
    let worker = FakeWorker::start(4, move |_, seen| match seen {
        1 => Answer::Script(failure.clone()),
        _ => success(),
    })
    .await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, 2);
    assert_eq!(worker.calls(run), 2);
    let names = names(&platform.story(run).await);
    let ends = ["requeued", "attempt", "started", "completed"];
    assert_eq!(names[names.len() - 4..], ends, "{names:?}");
}

#[tokio::test]
async fn a_worker_that_dies_under_the_run() {
    recovers_from(vec![started(), log("half"), Step::Die]).await;
}

#[tokio::test]
async fn a_worker_that_ends_its_answer_too_early() {
    recovers_from(vec![started()]).await;
}

#[tokio::test]
async fn a_worker_that_goes_silent() {
    recovers_from(vec![started(), Step::Silence]).await;
}

#[tokio::test]
async fn a_worker_that_sends_garbage() {
    recovers_from(vec![started(), line("not a line of the protocol")]).await;
}

#[tokio::test]
async fn a_worker_that_sends_no_text() {
    recovers_from(vec![Step::Raw(vec![0xff, 0xfe, b'\n'])]).await;
}

#[tokio::test]
async fn a_worker_that_is_cut_off_within_its_last_line() {
    let half = br#"{"event":"finished","status":"completed","result":1"#;
    recovers_from(vec![started(), Step::Raw(half.to_vec())]).await;
}

#[tokio::test]
async fn a_worker_that_never_ends_a_line() {
    let worker = FakeWorker::start(4, move |_, seen| match seen {
        1 => Answer::Script(vec![Step::Raw(vec![b'x'; 4 << 20]), Step::Silence]),
        _ => success(),
    })
    .await;
    let platform = Platform::with(&worker).await;
    let task = platform.task(CODE).await;
    let mut submit = submit(task, "{}");
    submit.limits = Some(Limits {
        output_bytes: 1_000,
        ..Limits::default()
    });
    let run = runs::submit(&platform.services, &platform.caller, submit).await;
    let run = run.expect("submitted").summary.id;
    assert_eq!(
        platform.ended(run).await.summary.status,
        RunStatus::Completed
    );
    let requeued = platform
        .until(run, |kind| matches!(kind, RunEventKind::Requeued { .. }))
        .await;
    let RunEventKind::Requeued { reason } = requeued.kind else {
        unreachable!("that was waited for");
    };
    assert!(reason.contains("too long"), "{reason}");
}

#[tokio::test]
async fn a_worker_that_reports_its_own_failure() {
    recovers_from(vec![started(), failed("infrastructure")]).await;
}

#[tokio::test]
async fn a_worker_that_stops_a_run_nobody_cancelled() {
    recovers_from(vec![
        started(),
        line(r#"{"event":"finished","status":"cancelled"}"#),
    ])
    .await;
}

#[tokio::test]
async fn a_worker_that_announces_a_result_it_did_not_store() {
    recovers_from(vec![line(
        r#"{"event":"finished","status":"completed","result_key":"runs/other/1/result"}"#,
    )])
    .await;
}

#[tokio::test]
async fn a_run_that_is_always_lost_fails_with_a_sentence() {
    let worker = FakeWorker::always(Answer::Script(vec![started(), log("x"), Step::Die])).await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Failed);
    let error = detail.summary.error.expect("an error");
    assert_eq!(error.kind, ErrorKind::Infrastructure);
    assert!(error.message.contains("tried 3 times"), "{}", error.message);
    assert_eq!(worker.calls(run), MAX_ATTEMPTS as usize);
    let requeued = names(&platform.story(run).await)
        .into_iter()
        .filter(|name| *name == "requeued")
        .count();
    assert_eq!(requeued, MAX_ATTEMPTS as usize - 1);
}

#[tokio::test]
async fn a_request_no_worker_accepts_fails_with_a_sentence() {
    let worker = FakeWorker::always(Answer::Status(422)).await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    let error = platform.ended(run).await.summary.error.expect("an error");
    assert_eq!(error.kind, ErrorKind::Infrastructure);
    assert!(error.message.contains("422"), "{}", error.message);
}

#[tokio::test]
async fn only_the_log_of_the_last_attempt_is_shown() {
    let worker = FakeWorker::start(4, |_, seen| match seen {
        1 => Answer::Script(vec![log("lost\n"), Step::Die]),
        _ => Answer::Script(vec![log("kept\n"), completed("1")]),
    })
    .await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    platform.ended(run).await;
    let logs = runs::logs(&platform.services, &platform.caller, run).await;
    assert_eq!(logs.expect("a log"), "kept\n");
}

#[tokio::test]
async fn a_full_worker_costs_no_attempt() {
    let release = Arc::new(Notify::new());
    let until = Arc::clone(&release);
    let worker = FakeWorker::start(1, move |_, _| {
        let hold = Step::AliveUntil(Arc::clone(&until));
        Answer::Script(vec![started(), hold, completed("1")])
    })
    .await;
    let platform = Platform::with(&worker).await;
    let task = platform.task(CODE).await;
    let first = platform.submit(task, "{}").await;
    platform
        .until(first, |kind| matches!(kind, RunEventKind::Started { .. }))
        .await;
    let second = platform.submit(task, "{}").await;
    while worker.refused() == 0 {
        tokio::task::yield_now().await;
    }
    release.notify_one();
    assert_eq!(
        platform.ended(first).await.summary.status,
        RunStatus::Completed
    );
    release.notify_one();
    let detail = platform.ended(second).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, 1);
    assert_eq!(
        names(&platform.story(second).await),
        ["queued", "attempt", "started", "completed"]
    );
}

#[tokio::test]
async fn a_worker_that_is_away_costs_no_attempt() {
    let platform = Platform::open().await;
    let away = FakeWorker::always(success()).await;
    let mut nowhere = away.address();
    nowhere.url = "http://127.0.0.1:1".into();
    platform.worker.send_replace(Some(nowhere));
    let started = platform.services.start_dispatcher().await;
    started.expect("the dispatcher starts");
    let run = platform.run().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(platform.get(run).await.summary.attempt, 0);
    platform.worker.send_replace(Some(away.address()));
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, 1);
}

#[tokio::test]
async fn a_worker_that_does_not_answer_may_have_the_run_so_the_next_try_is_another_attempt() {
    let silent = MAX_ATTEMPTS as usize;
    let worker = FakeWorker::start(8, move |request, seen| {
        assert_eq!(request.attempt as usize, seen, "no two tries share objects");
        match seen {
            seen if seen <= silent => Answer::Never,
            _ => success(),
        }
    })
    .await;
    let quick = |config: &mut Config| config.dispatch.answer = Duration::from_millis(200);
    let platform = Platform::open_with(quick).await;
    platform.dispatch_to(&worker).await;
    let run = platform.run().await;
    let detail = platform.ended(run).await;
    // Otherwise the run would have failed after that many losses.
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, MAX_ATTEMPTS + 1);
}

#[tokio::test]
async fn a_refusal_does_not_make_a_run_wait_for_the_end_of_another() {
    let worker = FakeWorker::start(8, |request, seen| {
        match (request.inputs.as_ref().map(|inputs| inputs.get()), seen) {
            (Some("{\"long\":1}"), _) => Answer::Script(vec![started(), Step::AliveUntilClosed]),
            // Its slot is not free yet.
            (_, 1) => Answer::Status(503),
            _ => success(),
        }
    })
    .await;
    let platform = Platform::with(&worker).await;
    let task = platform.task(CODE).await;
    let long = platform.submit(task, r#"{"long":1}"#).await;
    platform
        .until(long, |kind| matches!(kind, RunEventKind::Started { .. }))
        .await;
    let short = platform.submit(task, "{}").await;
    let detail = platform.ended(short).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, 1, "a refusal is no attempt");
    assert_eq!(worker.calls(short), 2);
    assert_eq!(platform.get(long).await.summary.status, RunStatus::Running);
}

#[tokio::test]
async fn a_worker_that_ignores_the_time_limit_is_left() {
    let worker = FakeWorker::always(Answer::Script(vec![started(), Step::AliveUntilClosed])).await;
    let platform = Platform::with(&worker).await;
    let task = platform.task(CODE).await;
    let mut submit = submit(task, "{}");
    submit.limits = Some(Limits {
        wall_s: 1,
        ..Limits::default()
    });
    let run = runs::submit(&platform.services, &platform.caller, submit).await;
    let detail = platform.ended(run.expect("submitted").summary.id).await;
    let error = detail.summary.error.expect("an error");
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(error.message.contains("1 s"), "{}", error.message);
}

#[tokio::test]
async fn a_run_that_stopping_workers_give_back_is_not_given_up() {
    let stops = r#"{"event":"finished","status":"failed","given_back":true,"error":{"kind":"infrastructure","message":"It stops."},"cpu_ms":1,"wall_ms":1,"memory_peak_mb":1}"#;
    let worker = FakeWorker::start(4, move |_, seen| {
        if seen <= MAX_ATTEMPTS as usize {
            Answer::Script(vec![started(), line(stops)])
        } else {
            success()
        }
    })
    .await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.summary.attempt, MAX_ATTEMPTS + 1);
}
