//! A request that is sent again does not run again.

use crate::harness::*;
use domain::{Problem, ProblemCode};
use platform::{
    Config,
    runs::{self, SubmitNew, SubmitRun},
    tasks::{self, NewTask},
};

#[tokio::test]
async fn the_same_key_answers_the_same_run() {
    let platform = Platform::open().await;
    let (task, other) = (platform.task(CODE).await, platform.task(CODE).await);
    let send = async |task, inputs: &str, key: &str| {
        let submit = SubmitRun {
            idempotency_key: Some(key.into()),
            ..submit(task, inputs)
        };
        let run = runs::submit(&platform.services, &platform.caller, submit).await;
        run.map(|run| run.summary.id)
    };
    let first = send(task, "{}", "a").await.expect("submitted");
    assert_eq!(send(task, "{}", "a").await.expect("again"), first);
    assert_ne!(send(task, "{}", "b").await.expect("another key"), first);
    assert_ne!(send(other, "{}", "a").await.expect("another route"), first);
    let mismatch = send(task, r#"{"force":1}"#, "a").await;
    let problem = Problem::from(mismatch.expect_err("another body"));
    assert_eq!(problem.code, ProblemCode::IdempotencyMismatch);
    let unusable = send(task, "{}", "").await;
    let problem = Problem::from(unusable.expect_err("no key"));
    assert_eq!(problem.code, ProblemCode::Invalid);
}

#[tokio::test]
async fn code_sent_again_makes_no_second_task() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let send = async |code: &str| {
        let submit = SubmitNew {
            task: NewTask {
                name: "Bolt".into(),
                code: code.into(),
                ..NewTask::default()
            },
            files: Vec::new(),
            limits: None,
            idempotency_key: Some("a".into()),
        };
        let run = runs::submit_new(s, c, submit).await;
        run.map(|run| (run.summary.task_id, run.summary.id))
    };
    let first = send(CODE).await.expect("submitted");
    assert_eq!(send(CODE).await.expect("again"), first);
    let problem = Problem::from(send("a = 1").await.expect_err("other code"));
    assert_eq!(problem.code, ProblemCode::IdempotencyMismatch);
    let tasks = tasks::list(s, c, tasks::TaskQuery::default()).await;
    assert_eq!(tasks.expect("a list").total, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_sent_many_times_at_once_makes_one_run() {
    let platform = Platform::open().await;
    let task = platform.task(CODE).await;
    let sending = (0..16).map(|_| {
        let (services, caller) = (platform.services.clone(), platform.caller.clone());
        tokio::spawn(async move {
            let submit = SubmitRun {
                idempotency_key: Some("same".into()),
                ..submit(task, "{}")
            };
            let run = runs::submit(&services, &caller, submit).await;
            run.expect("submitted").summary.id
        })
    });
    let runs = futures::future::join_all(sending).await;
    let runs: Vec<_> = runs.into_iter().map(|run| run.expect("no panic")).collect();
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
}

#[tokio::test]
async fn a_key_answers_the_run_whatever_has_changed_since() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform
        .task("def calculate(x: float):\n    return x\n")
        .await;
    let send = async || {
        let submit = SubmitRun {
            idempotency_key: Some("a".into()),
            ..submit(task, r#"{"x":2}"#)
        };
        let run = runs::submit(s, c, submit).await;
        run.map(|run| run.summary.id)
    };
    let first = send().await.expect("submitted");
    let change = tasks::TaskChange {
        code: Some("def calculate(y: float):\n    return y\n".into()),
        ..tasks::TaskChange::default()
    };
    tasks::change(s, c, task, change).await.expect("saved");
    assert_eq!(send().await.expect("the same request"), first);
    let new = runs::submit(s, c, submit(task, r#"{"x":2}"#)).await;
    let problem = Problem::from(new.expect_err("control: a new one does not fit"));
    assert_eq!(problem.code, ProblemCode::Invalid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_make_no_run_leave_no_inputs_behind() {
    let everything_large = |config: &mut Config| config.objects.inline_bytes = 0;
    let platform = Platform::open_with(everything_large).await;
    let task = platform.task(CODE).await;
    let send = |key: &str, inputs: &str| {
        let (services, caller) = (platform.services.clone(), platform.caller.clone());
        let submit = SubmitRun {
            idempotency_key: Some(key.into()),
            ..submit(task, inputs)
        };
        tokio::spawn(async move {
            let run = runs::submit(&services, &caller, submit).await;
            run.map(|run| run.summary.id)
        })
    };
    // Sent at once, so that most find out only when they are stored.
    let at_once: Vec<_> = (0..16).map(|_| send("same", "{}")).collect();
    for run in at_once {
        run.await.expect("no panic").expect("submitted");
    }
    let other = send("same", r#"{"force":1}"#).await.expect("no panic");
    assert!(other.is_err(), "another request");
    let stored = std::fs::read_dir(platform.data.object("runs"));
    let with_inputs = stored.expect("readable").flatten();
    let with_inputs = with_inputs.filter(|run| run.path().join("inputs").is_file());
    assert_eq!(with_inputs.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_created_many_times_under_one_key_is_one_task() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let new = |code: &str| NewTask {
        name: "Bolt".into(),
        code: code.into(),
        ..NewTask::default()
    };
    let send = async |code: &str, key: &str| {
        let task = tasks::create_once(s, c, new(code), Some(key.into())).await;
        task.map(|task| task.id)
    };
    let (first, second) = tokio::join!(send(CODE, "a"), send(CODE, "a"));
    let first = first.expect("created");
    assert_eq!(second.expect("at the same time"), first);
    assert_eq!(send(CODE, "a").await.expect("again"), first);
    let problem = Problem::from(send("a = 1", "a").await.expect_err("other code"));
    assert_eq!(problem.code, ProblemCode::IdempotencyMismatch);
    let problem = Problem::from(send(CODE, "").await.expect_err("no key"));
    assert_eq!(problem.code, ProblemCode::Invalid);
    assert_ne!(send(CODE, "b").await.expect("another key"), first);
    let tasks = tasks::list(s, c, tasks::TaskQuery::default()).await;
    assert_eq!(tasks.expect("a list").total, 2);
}
