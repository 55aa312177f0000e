//! Who has a link reads what it opens, and nothing else opens anything.

use crate::harness::*;
use domain::{Problem, ProblemCode};
use platform::{shares, tasks};
use std::time::Duration;

#[tokio::test]
async fn a_link_shows_the_run_until_it_is_revoked() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let task = platform.task(CODE).await;
    let run = platform.submit(task, r#"{"force":1}"#).await;
    platform.ended(run).await;
    let (s, c) = (&platform.services, &platform.caller);
    let share = shares::create(s, c, run, None).await.expect("a share");
    assert_eq!(
        share.url,
        format!("https://mecapy.example.eu/r/{}", share.token)
    );
    assert!(share.token.len() >= 22, "128 bits at least");

    let shared = shares::open(s, &share.token).await.expect("it opens");
    assert_eq!(
        (shared.author.as_str(), shared.code.as_str()),
        ("Ada", CODE)
    );
    assert_eq!(shared.run.inputs, r#"{"force":1}"#);
    assert_eq!(shared.result.as_deref(), Some(r#"{"stress":100.0}"#));
    let copy = shares::copy(s, c, &share.token).await.expect("a copy");
    assert_ne!(copy.id, task);
    assert_eq!(copy.version.inputs, r#"{"force":1}"#);

    assert_eq!(shares::list(s, c, run).await.expect("a list").len(), 1);
    shares::revoke(s, c, share.id).await.expect("revoked");
    assert!(shares::list(s, c, run).await.expect("a list").is_empty());
    let closed = Problem::from(shares::open(s, &share.token).await.expect_err("closed"));
    let unknown = Problem::from(shares::open(s, "unknown").await.expect_err("unknown"));
    assert_eq!(closed.code, ProblemCode::NotFound);
    assert_eq!(closed, unknown, "nobody learns that there was one");
}

#[tokio::test]
async fn a_link_ends_with_its_time_and_with_its_task() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let task = platform.task(CODE).await;
    let run = platform.submit(task, "{}").await;
    platform.ended(run).await;
    let (s, c) = (&platform.services, &platform.caller);
    let short = Some(Duration::from_millis(400));
    let short = shares::create(s, c, run, short).await.expect("a share");
    let long = shares::create(s, c, run, None).await.expect("a share");
    shares::open(s, &short.token)
        .await
        .expect("control: open yet");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(shares::open(s, &short.token).await.is_err(), "over");
    shares::open(s, &long.token).await.expect("control: no end");
    tasks::delete(s, c, task).await.expect("deleted");
    assert!(shares::open(s, &long.token).await.is_err(), "hidden");
    tasks::restore(s, c, task).await.expect("restored");
    shares::open(s, &long.token).await.expect("open again");
}

#[tokio::test]
async fn only_a_run_that_has_ended_is_shared() {
    let platform = Platform::open().await;
    let run = platform.run().await;
    let refused = shares::create(&platform.services, &platform.caller, run, None).await;
    let problem = Problem::from(refused.expect_err("it waits"));
    assert_eq!(problem.code, ProblemCode::NotCompleted);
}

#[tokio::test]
async fn tokens_are_not_stored() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let run = platform.run().await;
    platform.ended(run).await;
    let share = shares::create(&platform.services, &platform.caller, run, None).await;
    let share = share.expect("a share");
    let stored = platform.data.database();
    let holds = |needle: &str| {
        stored
            .windows(needle.len())
            .any(|part| part == needle.as_bytes())
    };
    assert!(holds(&share.id.to_string()), "control: the share is stored");
    assert!(!holds(&share.token));
}
