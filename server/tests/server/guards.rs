//! Who is kept away from a server without login, and what every answer carries.

use crate::support::{Answer, STRESS, Server};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_name_that_was_made_to_resolve_here_is_not_served() {
    let server = Server::start();
    let rebound = server
        .request(Method::GET, "/api/tasks")
        .header("Host", "evil.example:7979");
    Answer::of(rebound).await.problem(421);
    let own = server
        .request(Method::GET, "/api/tasks")
        .header("Host", "localhost:7979");
    assert_eq!(Answer::of(own).await.status, 200);
}

#[tokio::test]
async fn the_name_of_the_public_url_is_served() {
    let server = Server::start_behind_a_proxy();
    assert_eq!(server.said_url, "https://mecapy.example.eu");
    let known = server
        .request(Method::GET, "/api/me")
        .header("Host", "mecapy.example.eu");
    assert_eq!(Answer::of(known).await.status, 200);
    let unknown = server
        .request(Method::GET, "/api/me")
        .header("Host", "other.example.eu");
    Answer::of(unknown).await.problem(421);
}

#[tokio::test]
async fn a_form_or_fetch_of_another_site_changes_nothing() {
    let server = Server::start();
    let body = json!({"name": "x", "code": STRESS}).to_string();
    for (name, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let foreign = server
            .request(Method::POST, "/api/tasks")
            .header("content-type", "text/plain")
            .header(name, value)
            .body(body.clone());
        Answer::of(foreign).await.problem(403);
    }
    assert_eq!(server.get("/api/tasks").await.json()["total"], 0);
    let own = server
        .request(Method::POST, "/api/tasks")
        .header("Origin", &server.url)
        .header("Sec-Fetch-Site", "same-origin")
        .body(body);
    assert_eq!(Answer::of(own).await.status, 201);
}

#[tokio::test]
async fn every_answer_keeps_browsers_careful() {
    let server = Server::start();
    for path in [
        "/api/me",
        "/api/tasks/nonsense",
        "/healthz",
        "/r/unknown",
        "/nowhere",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(
            answer.headers.get("access-control-allow-origin").is_none(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn operators_read_health_readiness_and_metrics() {
    let server = Server::start();
    assert_eq!(server.get("/healthz").await.status, 200);
    assert_eq!(server.get("/readyz").await.status, 200);
    server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    let metrics = server.get("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "mecapy_runs{state=\"completed\"} 1.0",
        "mecapy_queue_depth 0.0",
        "mecapy_worker_up 1",
    ] {
        assert!(
            metrics.text.lines().any(|l| l == line),
            "{line}\n{}",
            metrics.text
        );
    }
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_asks() {
    let server = Server::start();
    let code = format!("{STRESS}# {}\n", "x".repeat(10_000));
    let task = server.task(&code, json!({})).await;
    let path = format!("/api/tasks/{task}");
    let asked = server
        .request(Method::GET, &path)
        .header("Accept-Encoding", "br");
    assert_eq!(Answer::of(asked).await.header("content-encoding"), "br");
    assert_eq!(server.get(&path).await.header("content-encoding"), "");
}
