//! Who sends too many requests is told when to come back, and nobody else notices.

use crate::support::{Answer, DataDir, Server, command, ends, set};
use reqwest::Method;
use std::time::Duration;
use testbed::Redis;

/// A server with these limits; of one request a minute, the second waits for the minute to end.
fn server_with(settings: &[(&str, &str)]) -> Server {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("the folder is writable");
    Server::start_on(data, settings)
}

async fn forwarded(server: &Server, addresses: &str) -> Answer {
    let request = server.request(Method::GET, "/api/me");
    Answer::of(request.header("X-Forwarded-For", addresses)).await
}

#[tokio::test]
async fn an_address_that_sends_too_much_waits_as_long_as_it_is_told() {
    let server = server_with(&[("MECAPY_REQUESTS_PER_ADDRESS", "60")]);
    let mut refused = None;
    for _ in 0..100 {
        let answer = server.get("/api/me").await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a hundred requests are more than ten");
    let problem = refused.problem(429);
    assert_eq!(problem["type"], "about:blank");
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.starts_with("This address sends more requests than 60 a minute."));
    let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!(detail.contains(&format!("Wait {seconds} s")), "{detail}");
    assert!(!refused.header("content-security-policy").is_empty());
    // What the machine asks about the server itself is never refused.
    assert_eq!(server.get("/healthz").await.status, 200);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert_eq!(server.get("/api/me").await.status, 200);
}

#[tokio::test]
async fn without_a_limit_nobody_waits() {
    let server = server_with(&[
        ("MECAPY_REQUESTS_PER_ADDRESS", "0"),
        ("MECAPY_REQUESTS_PER_USER", "0"),
    ]);
    for _ in 0..300 {
        assert_eq!(server.get("/api/me").await.status, 200);
    }
}

#[tokio::test]
async fn a_page_is_told_in_the_form_that_it_reads() {
    let server = server_with(&[("MECAPY_REQUESTS_PER_ADDRESS", "1")]);
    server.get("/api/me").await;
    let asked = server
        .request(Method::POST, "/fn/tasks/list")
        .header("Accept", "application/json")
        .body("{}");
    let refused = Answer::of(asked).await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(!refused.header("retry-after").is_empty());
    let failure = refused.json();
    assert_eq!(failure["Problem"]["code"], "unavailable", "{failure}");
}

#[tokio::test]
async fn behind_a_proxy_of_ours_clients_are_told_apart_by_what_it_wrote() {
    let server = server_with(&[
        ("MECAPY_REQUESTS_PER_ADDRESS", "1"),
        ("MECAPY_TRUSTED_PROXIES", "1"),
    ]);
    assert_eq!(forwarded(&server, "203.0.113.1").await.status, 200);
    forwarded(&server, "203.0.113.1").await.problem(429);
    // What a client wrote itself stands before what the proxy added.
    forwarded(&server, "198.51.100.7, 203.0.113.1")
        .await
        .problem(429);
    assert_eq!(forwarded(&server, "203.0.113.2").await.status, 200);
    // The addresses of one IPv6 customer are one sender.
    assert_eq!(forwarded(&server, "2001:db8:0:1::1").await.status, 200);
    forwarded(&server, "2001:db8:0:1:ffff::3")
        .await
        .problem(429);
}

#[tokio::test]
async fn without_the_setting_nobody_gets_another_address_by_saying_so() {
    let server = server_with(&[("MECAPY_REQUESTS_PER_ADDRESS", "1")]);
    assert_eq!(forwarded(&server, "203.0.113.1").await.status, 200);
    forwarded(&server, "203.0.113.3").await.problem(429);
}

#[tokio::test]
async fn a_user_is_one_sender_from_wherever_they_ask() {
    let server = server_with(&[
        ("MECAPY_REQUESTS_PER_USER", "1"),
        ("MECAPY_TRUSTED_PROXIES", "1"),
    ]);
    assert_eq!(forwarded(&server, "203.0.113.1").await.status, 200);
    let refused = forwarded(&server, "203.0.113.3").await;
    let problem = refused.problem(429);
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.starts_with("You send more requests than 1 a minute."));
    assert!(!refused.header("retry-after").is_empty());
    // What nobody needs to be known for is not counted as anybody's.
    assert_eq!(server.get("/api/openapi.json").await.status, 200);
}

#[tokio::test]
async fn servers_of_one_redis_count_together_and_alone_while_it_is_away() {
    let mut redis = Redis::start();
    let url = redis.url();
    let settings = [
        ("REDIS_URL", url.as_str()),
        ("MECAPY_REQUESTS_PER_ADDRESS", "1"),
    ];
    let (one, other) = (server_with(&settings), server_with(&settings));
    assert_eq!(one.get("/api/me").await.status, 200);
    let refused = other.get("/api/me").await;
    refused.problem(429);
    let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    redis.stop();
    for server in [&one, &other] {
        assert_eq!(server.get("/api/me").await.status, 200);
        server.get("/api/me").await.problem(429);
    }
}

#[test]
fn a_limit_that_is_no_number_is_refused() {
    for name in [
        "MECAPY_REQUESTS_PER_ADDRESS",
        "MECAPY_REQUESTS_PER_USER",
        "MECAPY_TRUSTED_PROXIES",
    ] {
        let data = DataDir::new();
        let (code, _, error) = ends(set(command(data.path()), name, "many"));
        assert_eq!(code, 2);
        assert!(error.contains(&format!("{name}=many")), "{error}");
    }
}
