//! `/api/webhooks…`: who is told when runs end, what, how often, and where requests never go.

mod managing;
mod reach;
mod retrying;
mod telling;

use crate::support::{Answer, DataDir, PATIENCE, Received, Server};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use reqwest::Method;
use serde_json::Value;
use sha2::Sha256;
use std::time::{Duration, Instant};

const TRIVIAL: &str = "def calculate():\n    return 1\n";
/// Longer than any test.
const NEVER_MS: &str = "3600000";

fn private(first_retry_ms: &'static str) -> [(&'static str, &'static str); 2] {
    [
        ("MECAPY_WEBHOOK_PRIVATE", "1"),
        ("MECAPY_WEBHOOK_FIRST_RETRY_MS", first_retry_ms),
    ]
}

/// A server whose webhooks reach this machine.
fn with_private(first_retry_ms: &'static str) -> Server {
    Server::start_on(without_examples(), &private(first_retry_ms))
}

fn without_examples() -> DataDir {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("the folder is writable");
    data
}

/// A new webhook: its id and its secret.
async fn webhook(server: &Server, body: Value) -> (String, String) {
    let made = server.post("/api/webhooks", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    (text(&made["id"]), text(&made["secret"]))
}

async fn ping(server: &Server, webhook: &str) -> Value {
    let request = server.request(Method::POST, &format!("/api/webhooks/{webhook}/ping"));
    let sent = Answer::of(request).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    sent.json()
}

/// The newest line of the log, once it is so.
async fn logged(server: &Server, webhook: &str, status: &str) -> Value {
    line_when(server, webhook, |line| line["status"] == status).await
}

/// The newest line of the log, once it was tried.
async fn tried(server: &Server, webhook: &str) -> Value {
    line_when(server, webhook, |line| line["tried_at"].is_string()).await
}

async fn line_when(server: &Server, webhook: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/webhooks/{webhook}/deliveries");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let log = server.get(&path).await.json();
        let line = &log["items"][0];
        if fits(line) {
            return line.clone();
        }
        assert!(Instant::now() < deadline, "never: {log}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// As a receiver checks it, by the convention and not by our code.
fn assert_signed(told: &Received, secret: &str) {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.expect("base64")).expect("a key");
    let (id, at) = (told.header("webhook-id"), told.header("webhook-timestamp"));
    mac.update(format!("{id}.{at}.{}", told.body).as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(told.header("webhook-signature"), expected);
    let at: i64 = at.parse().expect("seconds");
    let now = platform::clock::now().millis() / 1000;
    assert!((now - at).abs() < 60, "{at} is not now, {now}");
}
