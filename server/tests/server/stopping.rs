//! A server that is asked to stop loses no request and no run, so that another one can take its place.

use crate::support::{Answer, DataDir, PATIENCE, Server, send_signal};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

fn draining(seconds: &str) -> Server {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    Server::start_on(data, &[("MECAPY_DRAIN_S", seconds)])
}

/// Prints, takes a moment, and ends.
fn slow(seconds: u32) -> String {
    format!(
        "def calculate():\n    import time\n    print('begun', flush=True)\n    time.sleep({seconds})\n    return 'done'\n"
    )
}

/// Waits until the server says that it is about to stop.
async fn is_draining(server: &Server) {
    let refused = async { while server.get("/readyz").await.status != 503 {} };
    timeout(PATIENCE, refused).await.expect("it says so");
}

#[tokio::test]
async fn a_request_whose_body_is_still_on_its_way_is_answered() {
    let mut server = draining("0");
    let addr = server.url.trim_start_matches("http://").to_owned();
    let body = json!({"name": "Late", "code": "def calculate():\n    return 1\n"}).to_string();
    let (first, second) = body.split_at(body.len() / 2);
    let mut stream = TcpStream::connect(&addr).await.expect("it connects");
    let head = format!(
        "POST /api/tasks HTTP/1.1\r\nHost: {addr}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    // The server asks for the body once a handler reads it: from here on the request is under way.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.expect("it reads on");
    assert_eq!(&asked[..12], b"HTTP/1.1 100");
    stream.write_all(first.as_bytes()).await.expect("sent");
    server.signal(Signal::TERM);
    let refused = async { while TcpStream::connect(&addr).await.is_ok() {} };
    timeout(PATIENCE, refused)
        .await
        .expect("no connection is taken");
    stream.write_all(second.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(server.ended().success());
}

#[tokio::test]
async fn a_draining_server_answers_on_ends_its_runs_and_begins_none() {
    let mut server = draining("300");
    let run = server.begun(&slow(2)).await;
    server.signal(Signal::TERM);
    is_draining(&server).await;
    assert_eq!(server.get("/healthz").await.status, 200, "it is alive");
    let answer = server.get("/api/me").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("connection"), "close");
    let code = json!({"code": "def calculate():\n    return 2\n"});
    let request = server
        .request(Method::POST, "/api/tasks/execute")
        .json(&code);
    let waiting = Answer::of(request).await.json();
    let waiting = waiting["run_id"].as_str().expect("an id").to_owned();

    let story = server.sse(&run, 0).await.rest().await;
    assert_eq!(story.last().expect("an event")["status"], "completed");
    assert!(
        story.iter().all(|event| event["event"] != "requeued"),
        "{story:?}"
    );
    let state = server.get(&format!("/api/runs/{waiting}")).await.json();
    assert_eq!(state["status"], "queued", "left to the next server");

    // Asked twice, it waits no longer.
    server.signal(Signal::TERM);
    assert!(server.ended().success());
    let data = std::mem::replace(&mut server.data, DataDir::new());
    let second = Server::start_on(data, &[]);
    let story = second.sse(&waiting, 0).await.rest().await;
    assert_eq!(story.last().expect("an event")["status"], "completed");
}

#[tokio::test]
async fn who_follows_a_run_comes_back_to_the_next_server_and_misses_nothing() {
    let mut first = draining("0");
    let run = first.begun(&slow(4)).await;
    let before = first.sse(&run, 0).await;
    first.signal(Signal::TERM);
    let before = before.rest().await;
    let seen = before.last().expect("an event")["seq"]
        .as_u64()
        .expect("a number");
    assert!(first.ended().success());
    let data = std::mem::replace(&mut first.data, DataDir::new());
    let second = Server::start_on(data, &[]);
    let after = second.sse(&run, seen).await.rest().await;
    let numbers: Vec<u64> = before
        .iter()
        .chain(&after)
        .filter_map(|event| event["seq"].as_u64())
        .collect();
    let whole: Vec<u64> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, whole);
    assert_eq!(after.last().expect("an event")["status"], "completed");
}

#[tokio::test]
async fn a_worker_that_is_asked_to_stop_ends_its_run_first() {
    let server = Server::start();
    let run = server.begun(&slow(3)).await;
    let worker = server.worker_pid();
    send_signal(worker, Signal::TERM);
    // Refused by the one that stops, it waits for the next one.
    let code = json!({"code": "def calculate():\n    return 2\n"});
    let waiting = server.post("/api/tasks/execute", &code).await.json();
    let waiting = waiting["run_id"].as_str().expect("an id").to_owned();
    let story = server.sse(&run, 0).await.rest().await;
    assert_eq!(story.last().expect("an event")["status"], "completed");
    assert!(
        story.iter().all(|event| event["event"] != "requeued"),
        "{story:?}"
    );
    let story = server.sse(&waiting, 0).await.rest().await;
    let last = story.last().expect("an event");
    assert_eq!(
        (&last["status"], &last["attempt"]),
        (&json!("completed"), &json!(1))
    );
    assert_ne!(server.worker_pid(), worker);
}

#[test]
fn a_drain_that_makes_no_sense_is_refused() {
    for drain in ["-1", "soon", "301"] {
        let data = DataDir::new();
        let command = crate::support::command(data.path());
        let command = crate::support::set(command, "MECAPY_DRAIN_S", drain);
        let (code, _, error) = crate::support::ends(command);
        assert_eq!(code, 2, "{drain}");
        assert!(error.contains("MECAPY_DRAIN_S"), "{error}");
    }
}
