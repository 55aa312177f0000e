//! Webhooks and their logs as they are made and read.

use super::*;
use crate::support::{Receiver, Server};
use serde_json::{Value, json};

#[tokio::test]
async fn the_log_is_read_in_pages_newest_first() {
    let server = with_private("20");
    let mut receiver = Receiver::start().await;
    let (webhook, _) = webhook(&server, json!({"url": receiver.url()})).await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.insert(0, ping(&server, &webhook).await["id"].clone());
        receiver.next().await;
        logged(&server, &webhook, "delivered").await;
    }
    let path = format!("/api/webhooks/{webhook}/deliveries?limit=2");
    let first = server.get(&path).await.json();
    assert_eq!(first["total"], 3);
    let cursor = text(&first["next_cursor"]);
    let second = server.get(&format!("{path}&cursor={cursor}")).await.json();
    assert_eq!(second["next_cursor"], Value::Null);
    let of = |page: &Value| page["items"].as_array().expect("a list").clone();
    let read = [of(&first), of(&second)].concat();
    let read: Vec<_> = read.iter().map(|line| line["id"].clone()).collect();
    assert_eq!(read, sent);
    let odd = server.get(&format!("{path}&cursor=x")).await.problem(422);
    assert_eq!(odd["field"], "cursor");
}

#[tokio::test]
async fn the_secret_is_shown_once_and_a_user_has_so_many_webhooks() {
    let server = Server::start();
    let (_, secret) = webhook(&server, json!({"url": "https://example.eu/hook#top"})).await;
    let listed = server.get("/api/webhooks").await;
    assert!(!listed.text.contains(&secret), "{}", listed.text);
    let listed = listed.json();
    assert_eq!(listed[0]["url"], "https://example.eu/hook");
    assert_eq!(
        listed[0]["events"],
        json!(["run.completed", "run.failed", "run.cancelled"])
    );
    let one = server
        .get(&format!("/api/webhooks/{}", text(&listed[0]["id"])))
        .await;
    assert_eq!(one.json(), listed[0]);
    for _ in 1..domain::limits::MAX_WEBHOOKS {
        webhook(&server, json!({"url": "https://example.eu/"})).await;
    }
    let body = json!({"url": "https://example.eu/"});
    let refused = server.post("/api/webhooks", &body).await.problem(422);
    assert!(
        text(&refused["detail"]).contains("20 webhooks"),
        "{refused}"
    );
    let oldest = format!("/api/webhooks/{}", text(&listed[0]["id"]));
    assert_eq!(server.delete(&oldest).await.status, 204);
    webhook(&server, body).await;
}

#[tokio::test]
async fn what_is_no_webhook_is_refused_with_its_field() {
    let server = Server::start();
    let url = "https://example.eu/";
    let unknown = "0197f000-0000-7000-8000-000000000000";
    for (body, field) in [
        (json!({}), "body"),
        (json!({"url": 1}), "url"),
        (json!({"url": ""}), "url"),
        (json!({"url": "example.eu"}), "url"),
        (json!({"url": "ftp://example.eu/"}), "url"),
        (json!({"url": "https://user:secret@example.eu/"}), "url"),
        (json!({"url": format!("{url}{}", "x".repeat(2000))}), "url"),
        (json!({"url": url, "events": []}), "events"),
        (json!({"url": url, "events": ["ping"]}), "events"),
        (json!({"url": url, "events": ["run.started"]}), "events[0]"),
        (json!({"url": url, "task_id": "x"}), "task_id"),
        (json!({"url": url, "surprise": 1}), "surprise"),
        (json!({"url": url, "description": "\u{0}"}), "description"),
    ] {
        let refused = server.post("/api/webhooks", &body).await.problem(422);
        assert_eq!(refused["field"], field, "{body}: {refused}");
    }
    let body = json!({"url": url, "task_id": unknown});
    server.post("/api/webhooks", &body).await.problem(404);
    for id in [unknown, "x", "%00"] {
        let path = format!("/api/webhooks/{id}");
        server.get(&path).await.problem(404);
        server.delete(&path).await.problem(404);
        server.get(&format!("{path}/deliveries")).await.problem(404);
        server
            .post(&format!("{path}/ping"), &json!({}))
            .await
            .problem(404);
    }
    let (made, _) = webhook(&server, json!({"url": url})).await;
    for id in [unknown, "x"] {
        let path = format!("/api/webhooks/{made}/deliveries/{id}/redeliver");
        server.post(&path, &json!({})).await.problem(404);
    }
}
