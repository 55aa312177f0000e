//! Headers and requests that no sound client sends.

use crate::support::{Answer, PATIENCE, STRESS, Server};
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn a_request_that_never_ends_its_head_is_closed() {
    let server = Server::start();
    let addr = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(addr).await.expect("it connects");
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\n")
        .await
        .expect("sent");
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    closed.expect("closed in time").expect("closed in order");
}

#[tokio::test]
async fn headers_nobody_should_send() {
    let server = Server::start();
    let task = server.task(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/tasks/{task}/execute");
    for key in ["", " ", "é", &"k".repeat(300)] {
        let request = server
            .request(Method::POST, &path)
            .header("Idempotency-Key", key.as_bytes());
        assert_eq!(
            Answer::of(request).await.problem(422)["field"],
            "Idempotency-Key"
        );
    }
    let zipped = server
        .request(Method::POST, &path)
        .header("Content-Encoding", "gzip")
        .body("{}");
    Answer::of(zipped).await.problem(415);
    for (name, value) in [
        ("Accept", "\u{80}\u{81}"),
        ("Accept", "application/x-nonsense"),
        ("Accept-Language", ";;;q=,,"),
        ("Cookie", "mecapy_lang=\u{ff}; ;=;"),
        ("Authorization", "Bearer"),
        ("Authorization", "Basic !!!"),
        ("Content-Type", "///"),
        ("Upgrade", "websocket"),
        ("Range", "bytes=9999999-"),
        ("If-None-Match", "\"x\""),
        ("X-Request-Id", "a b"),
        ("Referer", "not a url"),
    ] {
        for path in [
            "/",
            "/api/tasks",
            "/api/runs",
            "/examples",
            "/r/x",
            "/favicon.svg",
        ] {
            let request = server
                .request(Method::GET, path)
                .header(name, value.as_bytes());
            let answer = Answer::of(request).await;
            assert!(
                answer.status < 500,
                "{path} {name}: {value}: {} {}",
                answer.status,
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn requests_that_are_hardly_http() {
    let server = Server::start();
    for raw in [
        "GET /api/me HTTP/1.1\r\n\r\n",
        "GET /api/me HTTP/1.1\r\nHost: \r\n\r\n",
        "GET /api/me HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET http://evil.example/api/me HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /pkg/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /pkg/%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "NONSENSE\r\n\r\n",
        "POST /api/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
        "POST /api/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let answer = raw_answer(&server, raw).await;
        let status = answer.split_whitespace().nth(1).unwrap_or("none");
        assert!(status.starts_with('4'), "{raw:?}: {answer}");
        assert!(!answer.contains("root:"), "{raw:?}");
    }
}

async fn raw_answer(server: &Server, request: &str) -> String {
    let addr = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(addr).await.expect("it connects");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it is sent");
    let mut bytes = vec![0; 4096];
    let length = stream.read(&mut bytes).await.expect("an answer");
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}
