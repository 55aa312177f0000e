//! What is told, of which runs, and to whom.

use super::*;
use crate::support::{ENDLESS, Receiver, STRESS, Server};
use rustix::process::Signal;
use serde_json::{Value, json};

const FAILING: &str = "def calculate():\n    raise ValueError('too thin')\n";

#[tokio::test]
async fn a_completed_run_is_told_once_and_signed() {
    let server = with_private("20");
    let mut receiver = Receiver::start().await;
    let (webhook, secret) = webhook(&server, json!({"url": receiver.url()})).await;
    let run = server
        .ran(STRESS, json!({"force": 1000, "section": 10}))
        .await;
    let told = receiver.next().await;
    assert_signed(&told, &secret);
    assert_eq!(told.header("content-type"), "application/json");
    let body = told.json();
    assert_eq!(body["type"], "run.completed");
    assert_eq!(body["id"], told.header("webhook-id"));
    let data = &body["data"];
    for name in [
        "task_id",
        "task_name",
        "number",
        "version",
        "status",
        "enqueued_at",
        "started_at",
        "finished_at",
        "wall_ms",
        "headline",
    ] {
        assert_eq!(data[name], run[name], "{name}");
    }
    let (id, task) = (text(&run["id"]), text(&run["task_id"]));
    assert_eq!(data["run_id"], id);
    assert_eq!(data["error"], Value::Null);
    assert_eq!(data["headline"]["value"], json!(100.0));
    assert_eq!(
        data["url"],
        format!("{}/tasks/{task}?run={id}", server.said_url)
    );
    assert_eq!(
        data["result_url"],
        format!("{}/api/runs/{id}/result", server.said_url)
    );
    for secret in ["def calculate", "\"inputs\"", "\"force\"", "\"result\""] {
        assert!(!told.body.contains(secret), "{secret}: {}", told.body);
    }
    let line = logged(&server, &webhook, "delivered").await;
    assert_eq!(line["id"], body["id"]);
    assert_eq!(line["run_id"], id);
    assert_eq!(line["event"], "run.completed");
    assert_eq!(line["attempt"], 1);
    assert_eq!(line["http_status"], 200);
    assert_eq!(line["error"], Value::Null);
    assert_eq!(line["next_try_at"], Value::Null);
    assert!(line["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0));
    receiver.nothing().await;
}

#[tokio::test]
async fn failed_and_cancelled_runs_are_told_once_each() {
    let server = with_private("20");
    let mut receiver = Receiver::start().await;
    let (_, secret) = webhook(&server, json!({"url": receiver.url()})).await;
    server.ran(FAILING, json!({})).await;
    let failed = receiver.next().await;
    assert_signed(&failed, &secret);
    let failed = failed.json();
    assert_eq!(failed["type"], "run.failed");
    assert_eq!(failed["data"]["error"]["kind"], "python");
    assert_eq!(failed["data"]["error"]["message"], "ValueError: too thin");
    assert_eq!(
        failed["data"]["error"].as_object().map(|e| e.len()),
        Some(2)
    );
    assert_eq!(failed["data"]["result_url"], Value::Null);

    // Both slots are taken, so a third run waits.
    let running = server.begun(ENDLESS).await;
    let other = server.begun(ENDLESS).await;
    let waiting = server
        .post("/api/tasks/execute", &json!({"code": TRIVIAL}))
        .await
        .json();
    let waiting = text(&waiting["run_id"]);
    server.queued(&waiting).await;
    for run in [waiting, running, other] {
        let cancelled = server
            .post(&format!("/api/runs/{run}/cancel"), &json!({}))
            .await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text);
        let told = receiver.next().await.json();
        assert_eq!(told["type"], "run.cancelled");
        assert_eq!(told["data"]["run_id"], run);
    }
    receiver.nothing().await;
}

#[tokio::test]
async fn a_webhook_hears_of_its_task_and_its_events_only() {
    let server = with_private("20");
    let mut receiver = Receiver::start().await;
    let task = server.task(TRIVIAL, json!({})).await;
    let body = json!({"url": receiver.url(), "task_id": task, "events": ["run.failed"]});
    webhook(&server, body).await;
    let body = json!({"url": receiver.url(), "task_id": task, "events": ["run.completed"]});
    let (heard, _) = webhook(&server, body).await;
    server.ran(TRIVIAL, json!({})).await;
    let path = format!("/api/tasks/{task}/execute?wait=60");
    let run = server.post(&path, &json!({})).await.json();
    let told = receiver.next().await.json();
    assert_eq!(told["data"]["run_id"], run["id"]);
    assert_eq!(logged(&server, &heard, "delivered").await["id"], told["id"]);
    receiver.nothing().await;
}

#[tokio::test]
async fn a_deleted_webhook_and_those_of_a_deleted_task_fall_silent() {
    let server = with_private("200");
    let mut receiver = Receiver::start().await;
    receiver.answer(&[500]);
    let (webhook_id, _) = webhook(&server, json!({"url": receiver.url()})).await;
    server.ran(TRIVIAL, json!({})).await;
    receiver.next().await;
    let path = format!("/api/webhooks/{webhook_id}");
    assert_eq!(server.delete(&path).await.status, 204);
    server.get(&path).await.problem(404);
    server.get(&format!("{path}/deliveries")).await.problem(404);
    receiver.nothing().await;

    let task = server.task(ENDLESS, json!({})).await;
    let body = json!({"url": receiver.url(), "task_id": task});
    let (of_task, _) = webhook(&server, body).await;
    let (of_all, _) = webhook(&server, json!({"url": receiver.url()})).await;
    server
        .post(&format!("/api/tasks/{task}/execute"), &json!({}))
        .await;
    let path = format!("/api/webhooks/{of_task}");
    assert_eq!(server.get(&path).await.status, 200, "control");
    assert_eq!(
        server.delete(&format!("/api/tasks/{task}")).await.status,
        204
    );
    server.get(&path).await.problem(404);
    receiver.nothing().await;
    let log = server
        .get(&format!("/api/webhooks/{of_all}/deliveries"))
        .await;
    assert_eq!(
        log.json()["total"],
        0,
        "a run that ends with its task is no news"
    );
    assert_eq!(
        server
            .get("/api/webhooks")
            .await
            .json()
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn neither_secrets_nor_queries_are_logged() {
    let data = without_examples();
    let log = data.path().join("log");
    let mut command = crate::support::command(data.path());
    command.envs(private("20")).env("MECAPY_LOG", "debug");
    let mut server = Server::start_logged(command, data, &log);
    let mut receiver = Receiver::start().await;
    receiver.answer(&[500]);
    let (webhook, secret) = webhook(&server, json!({"url": receiver.url()})).await;
    server.ran(TRIVIAL, json!({})).await;
    let first = receiver.next().await;
    let second = receiver.next().await;
    logged(&server, &webhook, "delivered").await;
    server.signal(Signal::TERM);
    server.ended();
    let logged = std::fs::read_to_string(&log).expect("the log is there");
    assert!(logged.contains(&webhook), "webhooks are logged by their id");
    let signatures = [first, second].map(|told| told.header("webhook-signature").to_owned());
    let key = secret.trim_start_matches("whsec_");
    for secret in ["query-marker", key, &signatures[0], &signatures[1]] {
        let line = logged.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
