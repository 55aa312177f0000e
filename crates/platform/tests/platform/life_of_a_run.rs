//! What a run that nothing happens to goes through, and what is kept of it.

use crate::harness::*;
use domain::{
    event::{LogStream, RunEventKind},
    run::{ErrorKind, RunChange, RunStatus},
};
use futures::TryStreamExt;
use platform::runs;
use sha2::{Digest, Sha256};

#[tokio::test]
async fn a_run_is_told_from_queued_to_completed() {
    let script = vec![
        started(),
        log("hello "),
        log("world\n"),
        line(r#"{"event":"progress","fraction":0.25,"message":"meshing"}"#),
        completed(r#"{"stress":100.0}"#),
    ];
    let platform = Platform::with(&FakeWorker::always(Answer::Script(script)).await).await;
    let run = platform.run().await;
    let story = platform.story(run).await;
    assert_eq!(
        names(&story),
        [
            "queued",
            "attempt",
            "started",
            "log",
            "progress",
            "completed"
        ]
    );
    let RunEventKind::Log { stream, text } = &story[3].kind else {
        panic!("a log");
    };
    assert_eq!(
        (stream, text.as_str()),
        (&LogStream::Stdout, "hello world\n")
    );

    let detail = platform.get(run).await;
    let summary = &detail.summary;
    assert_eq!(summary.status, RunStatus::Completed);
    assert_eq!(
        (summary.attempt, summary.number, summary.version),
        (1, 1, 1)
    );
    assert_eq!(summary.wall_ms, Some(2.5));
    assert_eq!(
        (detail.cpu_ms, detail.memory_peak_mb),
        (Some(1.5), Some(3.5))
    );
    let headline = summary.headline.as_ref().expect("a headline");
    assert_eq!(
        (headline.label.as_str(), headline.value.as_str()),
        ("stress", "100.0")
    );
    let logs = runs::logs(&platform.services, &platform.caller, run).await;
    assert_eq!(logs.expect("a log"), "hello world\n");
}

#[tokio::test]
async fn its_provenance_can_be_checked() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let task = platform.task(CODE).await;
    let run = platform.submit(task, r#"{"force": 1000}"#).await;
    let provenance = platform.ended(run).await.provenance;
    let hash = |text: &str| hex::encode(Sha256::digest(text));
    assert_eq!(provenance.code_sha256, hash(CODE));
    assert_eq!(provenance.inputs_sha256, hash(r#"{"force": 1000}"#));
    let result = runs::result(&platform.services, &platform.caller, run).await;
    let result = result.expect("a result");
    assert_eq!(result.sha256, hash(&result.json));
    assert_eq!(provenance.result_sha256, result.sha256);
    assert_eq!(provenance.python, "3.11.2");
    assert_eq!(provenance.packages["numpy"], "2.4.6");
    assert_eq!(provenance.sandbox_layers, ["seccomp"]);
}

#[tokio::test]
async fn a_result_keeps_every_digit() {
    let exact = r#"{"n":123456789012345678901234567890,"x":0.10000000000000001}"#;
    let answer = Answer::Script(vec![completed(exact)]);
    let platform = Platform::with(&FakeWorker::always(answer).await).await;
    let run = platform.run().await;
    platform.ended(run).await;
    let result = runs::result(&platform.services, &platform.caller, run).await;
    assert_eq!(result.expect("a result").json, exact);
}

#[tokio::test]
async fn an_error_of_the_calculation_is_final_at_once() {
    let worker = FakeWorker::always(Answer::Script(vec![started(), failed("python")])).await;
    let platform = Platform::with(&worker).await;
    let run = platform.run().await;
    let detail = platform.ended(run).await;
    let error = detail.summary.error.expect("an error");
    assert_eq!((error.kind, error.line), (ErrorKind::Python, Some(2)));
    assert_eq!(worker.calls(run), 1);
    assert_eq!(names(&platform.story(run).await).last(), Some(&"failed"));
}

#[tokio::test]
async fn a_log_is_cut_at_its_limit_and_the_run_goes_on() {
    let chunk = "x".repeat(100_000);
    let mut script = vec![started()];
    script.extend((0..15).map(|_| log(&chunk)));
    script.push(completed("1"));
    let platform = Platform::with(&FakeWorker::always(Answer::Script(script)).await).await;
    let run = platform.run().await;
    assert_eq!(
        platform.ended(run).await.summary.status,
        RunStatus::Completed
    );
    let logs = runs::logs(&platform.services, &platform.caller, run).await;
    let logs = logs.expect("a log");
    let kept = logs.matches('x').count() as u64;
    assert_eq!(kept, domain::limits::MAX_LOG_BYTES);
    assert!(logs.ends_with("The log is cut here: it passed 1048576 bytes.\n"));
}

#[tokio::test]
async fn a_result_over_its_limit_fails_the_run() {
    let large = format!("\"{}\"", "x".repeat(2_000));
    let worker = FakeWorker::always(Answer::Script(vec![completed(&large)])).await;
    let platform = Platform::with(&worker).await;
    let task = platform.task(CODE).await;
    let mut submit = submit(task, "{}");
    submit.limits = Some(domain::limits::Limits {
        output_bytes: 1_000,
        ..Default::default()
    });
    let run = runs::submit(&platform.services, &platform.caller, submit).await;
    let detail = platform.ended(run.expect("submitted").summary.id).await;
    let error = detail.summary.error.expect("an error");
    assert_eq!(error.kind, ErrorKind::ResultTooLarge);
    assert!(error.message.contains("1000"), "{}", error.message);
}

#[tokio::test]
async fn who_follows_late_reads_the_rest() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let run = platform.run().await;
    let whole = platform.story(run).await;
    let rest = runs::events(&platform.services, &platform.caller, run, 2).await;
    let rest: Vec<_> = rest.expect("events").try_collect().await.expect("readable");
    assert_eq!(rest, whole[2..]);
}

#[tokio::test]
async fn a_run_says_what_changed_since_the_one_before() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let task = platform.task(CODE).await;
    let mut changes = Vec::new();
    for inputs in [
        r#"{"force": 1000, "section": 10}"#,
        r#"{"force": 1000, "section": 10}"#,
        r#"{"force": 2000, "section": 10}"#,
    ] {
        let run = platform.submit(task, inputs).await;
        changes.push(platform.ended(run).await.summary.change);
    }
    assert_eq!(changes[..2], [RunChange::First, RunChange::Nothing]);
    let RunChange::Input { name, others, .. } = &changes[2] else {
        panic!("{changes:?}");
    };
    assert_eq!((name.as_str(), *others), ("Force", 0));
}

#[tokio::test]
async fn inputs_are_checked_before_anything_runs() {
    let worker = FakeWorker::always(success()).await;
    let platform = Platform::with(&worker).await;
    let code = "def calculate(force: float = 1000, section: float = 10):\n    return force\n";
    let task = platform.task(code).await;
    let wrong = submit(task, r#"{"force": "strong"}"#);
    let refused = runs::submit(&platform.services, &platform.caller, wrong).await;
    let problem = domain::Problem::from(refused.expect_err("refused"));
    assert_eq!(problem.code, domain::ProblemCode::Invalid);
    assert_eq!(problem.field.as_deref(), Some("force"));
    assert!(worker.order().is_empty());
}
