//! Where requests never go.

use super::*;
use crate::support::{DataDir, Receiver, Server};
use rustix::process::Signal;
use serde_json::{Value, json};

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = with_private(NEVER_MS);
    let (mut receiver, mut elsewhere) = (Receiver::start().await, Receiver::start().await);
    for status in [302, 307, 308] {
        receiver.redirect(status, &elsewhere.url());
        let (webhook, _) = webhook(&server, json!({"url": receiver.url()})).await;
        ping(&server, &webhook).await;
        receiver.next().await;
        let line = logged(&server, &webhook, "failed").await;
        assert_eq!(line["http_status"], status);
        let error = text(&line["error"]);
        assert!(error.contains("Redirects are not followed"), "{error}");
    }
    elsewhere.nothing().await;
}

#[tokio::test]
async fn private_addresses_are_refused_in_words_unless_they_are_meant() {
    let closed = Server::start();
    let mut receiver = Receiver::start().await;
    let port = receiver.port;
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
    ] {
        let url = format!("http://{host}:{port}/hook");
        let refused = closed.post("/api/webhooks", &json!({"url": url})).await;
        let refused = refused.problem(422);
        assert_eq!(refused["field"], "url");
        let detail = text(&refused["detail"]);
        assert!(detail.contains("webhooks"), "{host}: {detail}");
    }
    // What a name means is known only when it is told.
    let by_name = format!("http://localhost:{port}/hook?key=query-marker");
    let (named, _) = webhook(&closed, json!({"url": by_name})).await;
    closed.ran(TRIVIAL, json!({})).await;
    let line = logged(&closed, &named, "failed").await;
    let error = text(&line["error"]);
    assert!(
        error.contains("localhost") && error.contains("this machine"),
        "{error}"
    );
    assert!(error.contains("MECAPY_WEBHOOK_PRIVATE=1"), "{error}");
    assert_eq!(
        (&line["attempt"], &line["http_status"]),
        (&json!(1), &Value::Null)
    );
    receiver.nothing().await;

    let open = with_private("20");
    for host in ["127.0.0.1", "0x7f.1", "localhost"] {
        let url = format!("http://{host}:{port}/hook");
        let (webhook, _) = webhook(&open, json!({"url": url})).await;
        ping(&open, &webhook).await;
        let told = receiver.next().await.json();
        assert_eq!(told["type"], "ping", "control: {host}");
    }
    for host in ["169.254.169.254", "0.0.0.0", "[fe80::1]", "224.0.0.1"] {
        let url = format!("http://{host}/");
        let refused = open.post("/api/webhooks", &json!({"url": url})).await;
        assert_eq!(refused.problem(422)["field"], "url", "never: {host}");
    }
}

#[tokio::test]
async fn an_address_that_was_allowed_once_is_checked_again_at_each_delivery() {
    let mut open = with_private(NEVER_MS);
    let mut receiver = Receiver::start().await;
    let (webhook, _) = webhook(&open, json!({"url": receiver.url()})).await;
    ping(&open, &webhook).await;
    receiver.next().await;
    open.signal(Signal::TERM);
    open.ended();
    let data = std::mem::replace(&mut open.data, DataDir::new());
    let closed = Server::start_on(data, &[]);
    let sent = ping(&closed, &webhook).await;
    let line = line_when(&closed, &webhook, |line| {
        line["id"] == sent["id"] && line["status"] != "pending"
    });
    let line = line.await;
    assert_eq!(line["status"], "failed");
    assert!(text(&line["error"]).contains("this machine"), "{line}");
    receiver.nothing().await;
}
