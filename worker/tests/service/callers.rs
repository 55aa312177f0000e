//! Only who shows the token is served.

use crate::harness::{Request, TOKEN, User, rest, send, start, workers};
use sha2::{Digest, Sha256};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

const BODY: &str = r#"{"code":"ZGVmIGNhbGN1bGF0ZSgpOgogICAgcmV0dXJuIDEK"}"#;

#[test]
fn without_the_token_nothing_runs() {
    let worker = &workers()[0];
    for shown in [
        "",
        "Bearer ",
        "Bearer wrong",
        TOKEN,
        "Basic dG9rZW4=",
        &format!("Bearer {TOKEN}x"),
    ] {
        let headers = [("Authorization", shown)];
        let (reader, status, answer) =
            send(worker.addr, "POST", "/execute", &headers, BODY.as_bytes());
        assert_eq!(status, 401, "{shown:?}");
        assert!(answer.contains("www-authenticate: bearer"), "{answer}");
        assert!(rest(reader, &answer).contains("token is missing or wrong"));
    }
    let bearer = format!("Bearer {TOKEN}");
    let (_, status, _) = send(
        worker.addr,
        "POST",
        "/execute",
        &[("Authorization", &bearer)],
        BODY.as_bytes(),
    );
    assert_eq!(status, 200);
}

#[test]
fn plain_json_is_the_last_event_alone() {
    let worker = &workers()[0];
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/json"),
    ];
    let (reader, status, answer) = send(worker.addr, "POST", "/execute", &headers, BODY.as_bytes());
    assert_eq!(status, 200);
    assert!(
        answer.contains("content-type: application/json"),
        "{answer}"
    );
    let body: serde_json::Value = serde_json::from_str(&rest(reader, &answer)).expect("one object");
    assert_eq!(body["status"], "completed");
    assert_eq!(body["result"], 1);
    assert!(body["wall_ms"].as_f64().is_some_and(|ms| ms > 0.0));
    assert!(body.get("event").is_none());
}

#[test]
fn health_and_metrics_tell_what_runs_here() {
    let worker = &workers()[0];
    worker.run(&Request::new("def calculate():\n    return 1"));
    let (status, health) = worker.get("/healthz");
    assert_eq!(status, 200);
    let health: serde_json::Value = serde_json::from_str(&health).expect("JSON");
    assert_eq!(health["status"], "ok");
    assert_eq!(health["sandbox_level"], "full");
    assert_eq!(health["slots"], 2);
    assert!(health["packages"]["numpy"].is_string());
    assert!(
        health["sandbox_layers"]
            .as_array()
            .is_some_and(|layers| layers.len() > 10)
    );
    let (status, metrics) = worker.get("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("mecapy_worker_slots 2\n"), "{metrics}");
    assert!(
        metrics.contains("mecapy_worker_runs_total{status=\"completed\",kind=\"\"}"),
        "{metrics}"
    );
    let (status, readiness) = worker.get("/readyz");
    let readiness: serde_json::Value = serde_json::from_str(&readiness).expect("JSON");
    assert_eq!(status, 200);
    assert_eq!(
        (&readiness["status"], &readiness["slots"]),
        (&"ready".into(), &2.into())
    );
    assert_eq!(worker.get("/nowhere").0, 404);
}

#[test]
fn metrics_ask_for_their_token_where_one_is_set() {
    let digest = hex::encode(Sha256::digest("token of Prometheus"));
    let settings = [("MECAPY_METRICS_TOKEN_SHA256", digest.as_str())];
    let worker = start(User::Own, &settings);
    let ask = |shown: &str| {
        let headers = [("Authorization", shown)];
        let (reader, status, answer) = send(worker.addr, "GET", "/metrics", &headers, b"");
        (status, rest(reader, &answer))
    };
    let own = format!("Bearer {TOKEN}");
    for shown in ["", "Bearer wrong", own.as_str()] {
        let (status, answer) = ask(shown);
        assert_eq!(status, 401, "{shown:?}");
        assert!(!answer.contains("mecapy_worker"), "{answer}");
    }
    let (status, page) = ask("Bearer token of Prometheus");
    assert_eq!(status, 200);
    assert!(page.contains("mecapy_worker_slots"), "{page}");
    assert_eq!(worker.get("/healthz").0, 200, "asks for none");
}

#[test]
fn the_body_of_a_stranger_is_not_waited_for() {
    let head = |token: &str| {
        let mut stream = TcpStream::connect(workers()[0].addr).expect("the worker listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(3)))
            .expect("a timeout can be set");
        write!(
            stream,
            "POST /execute HTTP/1.1\r\nHost: worker\r\nAuthorization: Bearer {token}\r\n\
             Content-Length: 10000000\r\n\r\n{{"
        )
        .expect("the worker reads");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).map(|()| answer)
    };
    assert_eq!(&head("wrong").expect("an answer at once"), b"HTTP/1.1 401");
    assert!(head(TOKEN).is_err(), "the rest of the body is waited for");
}
