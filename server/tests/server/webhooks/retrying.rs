//! What happens when a receiver does not take what it is told.

use super::*;
use crate::support::{DataDir, Receiver, Server};
use rustix::process::Signal;
use serde_json::{Value, json};

#[tokio::test]
async fn a_receiver_that_fails_is_told_again_with_the_same_id() {
    let server = with_private("20");
    let mut receiver = Receiver::start().await;
    receiver.answer(&[500, 503]);
    let (webhook, secret) = webhook(&server, json!({"url": receiver.url()})).await;
    server.ran(TRIVIAL, json!({})).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let told = receiver.next().await;
        assert_signed(&told, &secret);
        ids.push(told.header("webhook-id").to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let line = logged(&server, &webhook, "delivered").await;
    assert_eq!(line["attempt"], 3);
    receiver.nothing().await;
}

#[tokio::test]
async fn a_failure_and_the_next_try_are_told_in_the_log() {
    let server = with_private(NEVER_MS);
    let mut receiver = Receiver::start().await;
    receiver.answer(&[500]);
    let (webhook, _) = webhook(&server, json!({"url": receiver.url()})).await;
    server.ran(TRIVIAL, json!({})).await;
    receiver.next().await;
    let line = tried(&server, &webhook).await;
    assert_eq!(line["status"], "pending");
    assert_eq!(line["attempt"], 1);
    assert_eq!(line["http_status"], 500);
    assert!(
        text(&line["error"]).contains("500 Internal Server Error"),
        "{line}"
    );
    assert!(
        line["next_try_at"].as_str() > line["tried_at"].as_str(),
        "{line}"
    );
    receiver.nothing().await;
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_told_when_it_is() {
    let server = with_private("200");
    let receiver = Receiver::start().await;
    let (port, url) = (receiver.port, receiver.url());
    drop(receiver);
    let (webhook, _) = webhook(&server, json!({"url": url})).await;
    server.ran(TRIVIAL, json!({})).await;
    let line = tried(&server, &webhook).await;
    let error = text(&line["error"]);
    assert!(
        error.contains(&format!("127.0.0.1:{port} could not be reached")),
        "{error}"
    );
    assert!(!error.contains("query-marker"), "{error}");
    let mut receiver = Receiver::start_at(port).await;
    receiver.next().await;
    logged(&server, &webhook, "delivered").await;
}

#[tokio::test]
async fn what_a_killed_server_had_not_delivered_its_successor_delivers() {
    let mut first = with_private(NEVER_MS);
    let mut receiver = Receiver::start().await;
    receiver.hang();
    let (webhook, secret) = webhook(&first, json!({"url": receiver.url()})).await;
    let run = first.ran(TRIVIAL, json!({})).await;
    let unanswered = receiver.next().await;
    first.signal(Signal::KILL);
    first.ended();
    let data = std::mem::replace(&mut first.data, DataDir::new());
    let second = Server::start_on(data, &private(NEVER_MS));
    let told = receiver.next().await;
    assert_signed(&told, &secret);
    assert_eq!(told.json()["data"]["run_id"], run["id"]);
    assert_eq!(
        told.header("webhook-id"),
        unanswered.header("webhook-id"),
        "so that the receiver knows it"
    );
    logged(&second, &webhook, "delivered").await;
    receiver.nothing().await;
}

#[tokio::test]
async fn a_ping_is_tried_once_and_a_delivery_is_sent_again_on_demand() {
    let server = with_private(NEVER_MS);
    let mut receiver = Receiver::start().await;
    let (webhook, secret) = webhook(&server, json!({"url": receiver.url()})).await;
    receiver.answer(&[500]);
    let sent = ping(&server, &webhook).await;
    assert_eq!(
        (&sent["event"], &sent["run_id"]),
        (&json!("ping"), &Value::Null)
    );
    let told = receiver.next().await;
    assert_signed(&told, &secret);
    assert_eq!(told.json()["data"], json!({"webhook_id": webhook}));
    let line = logged(&server, &webhook, "failed").await;
    assert_eq!((&line["id"], &line["attempt"]), (&sent["id"], &json!(1)));

    let path = format!(
        "/api/webhooks/{webhook}/deliveries/{}/redeliver",
        text(&sent["id"])
    );
    let again = server.post(&path, &json!({})).await;
    assert_eq!(again.status, 202, "{}", again.text);
    let repeated = receiver.next().await;
    assert_eq!(repeated.header("webhook-id"), told.header("webhook-id"));
    logged(&server, &webhook, "delivered").await;
    receiver.nothing().await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_nothing_more_until_a_ping_arrives() {
    let server = with_private("20");
    let mut receiver = Receiver::start().await;
    receiver.answer(&[410]);
    let (webhook, _) = webhook(&server, json!({"url": receiver.url()})).await;
    server.ran(TRIVIAL, json!({})).await;
    receiver.next().await;
    let line = logged(&server, &webhook, "failed").await;
    assert!(text(&line["error"]).contains("410 Gone"), "{line}");
    let path = format!("/api/webhooks/{webhook}");
    assert!(server.get(&path).await.json()["disabled_at"].is_string());
    server.ran(TRIVIAL, json!({})).await;
    receiver.nothing().await;
    ping(&server, &webhook).await;
    assert_eq!(receiver.next().await.json()["type"], "ping");
    logged(&server, &webhook, "delivered").await;
    assert_eq!(server.get(&path).await.json()["disabled_at"], Value::Null);
    server.ran(TRIVIAL, json!({})).await;
    assert_eq!(receiver.next().await.json()["type"], "run.completed");
}

#[tokio::test]
async fn a_receiver_that_never_takes_it_is_told_so_many_times_only() {
    let server = with_private("1");
    let mut receiver = Receiver::start().await;
    let (webhook, _) = webhook(&server, json!({"url": receiver.url()})).await;
    let tries = domain::limits::WEBHOOK_TRIES;
    for _ in 0..tries {
        receiver.answer(&[500]);
    }
    server.ran(TRIVIAL, json!({})).await;
    for _ in 0..tries {
        receiver.next().await;
    }
    let line = logged(&server, &webhook, "failed").await;
    assert_eq!(line["attempt"], tries);
    assert_eq!(line["next_try_at"], Value::Null);
    receiver.nothing().await;
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up_and_holds_up_nobody_else() {
    let server = with_private(NEVER_MS);
    let (mut hanging, mut other) = (Receiver::start().await, Receiver::start().await);
    let (slow, _) = webhook(&server, json!({"url": hanging.url()})).await;
    let (quick, _) = webhook(&server, json!({"url": other.url()})).await;
    for _ in 0..2 {
        hanging.hang();
        server.ran(TRIVIAL, json!({})).await;
        other.next().await;
    }
    logged(&server, &quick, "delivered").await;
    hanging.next().await;
    let log = server
        .get(&format!("/api/webhooks/{slow}/deliveries"))
        .await
        .json();
    assert_eq!(
        log["items"][1]["tried_at"],
        Value::Null,
        "control: it hangs yet"
    );
    assert_eq!(
        log["items"][1]["next_try_at"],
        Value::Null,
        "it is being sent"
    );
    let error = |line: &Value| line["error"].as_str().map(str::to_owned);
    let line = tried(&server, &slow).await;
    let told = error(&line).expect("a reason");
    assert!(told.contains("did not answer within 10 s"), "{told}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let server = with_private(NEVER_MS);
    let mut receiver = Receiver::start().await;
    receiver.never_end();
    let (webhook, _) = webhook(&server, json!({"url": receiver.url()})).await;
    ping(&server, &webhook).await;
    receiver.next().await;
    let line = logged(&server, &webhook, "delivered").await;
    assert!(
        line["duration_ms"].as_f64().is_some_and(|ms| ms < 5000.0),
        "{line}"
    );
}
