//! One id from a request to the worker: who reads the log finds all of a run by it.

use crate::support::{Answer, DataDir, Server};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRIVIAL: &str = "def calculate():\n    return 1\n";

fn logged() -> (Server, std::path::PathBuf) {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let log = data.path().join("log");
    let mut command = crate::support::command(data.path());
    command.env("MECAPY_LOG_FORMAT", "json");
    (Server::start_logged(command, data, &log), log)
}

/// The lines of the log once the server has ended.
fn lines(mut server: Server, log: &std::path::Path) -> Vec<Value> {
    server.signal(Signal::TERM);
    server.ended();
    let text = std::fs::read_to_string(log).expect("the log is there");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// Values of a field in the spans of the lines with that message, of that program.
fn of_spans<'a>(lines: &'a [Value], program: &str, message: &str, field: &str) -> Vec<&'a str> {
    lines
        .iter()
        .filter(|line| line["message"] == message)
        .filter(|line| {
            line["target"]
                .as_str()
                .unwrap_or_default()
                .starts_with(program)
        })
        .flat_map(|line| line["spans"].as_array().into_iter().flatten())
        .filter_map(|span| span[field].as_str())
        .collect()
}

#[tokio::test]
async fn the_lines_of_server_and_worker_about_a_run_carry_its_requests_trace() {
    let (server, log) = logged();
    let request = server
        .request(Method::POST, "/api/tasks/execute?wait=60")
        .header("traceparent", GIVEN)
        .json(&json!({"code": TRIVIAL}));
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("x-request-id"), TRACE);
    let run = answer.json()["id"].as_str().expect("an id").to_owned();
    server.ran(TRIVIAL, json!({})).await;
    let lines = lines(server, &log);
    for (program, message) in [
        ("platform", "attempt ended"),
        ("mecapy_worker", "run finished"),
    ] {
        let traces = of_spans(&lines, program, message, "trace");
        let runs = of_spans(&lines, program, message, "run");
        assert_eq!((traces.len(), runs.len()), (2, 2), "{message}: {lines:?}");
        assert_eq!((traces[0], runs[0]), (TRACE, run.as_str()), "{message}");
        assert_ne!(traces[1], TRACE, "another request is another trace");
    }
    let server_says = of_spans(&lines, "platform", "attempt ended", "trace");
    let worker_says = of_spans(&lines, "mecapy_worker", "run finished", "trace");
    assert_eq!(server_says, worker_says);
}

#[tokio::test]
async fn a_press_of_run_begins_a_trace_that_reaches_the_worker() {
    let (server, log) = logged();
    let task = server.task(TRIVIAL, json!({})).await;
    let pressed = json!({
        "task": task,
        "submission": {"base_version": 1, "code": TRIVIAL, "inputs": "{}"},
        "idempotency_key": "pressed-once",
    });
    let answer = server.post("/fn/runs/submit", &pressed).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let trace = answer.header("x-request-id").to_owned();
    let run = answer.json()["run"]["id"].clone();
    let run = run.as_str().expect("an id");
    server.sse(run, 0).await.rest().await;
    let lines = lines(server, &log);
    assert_eq!(
        of_spans(&lines, "mecapy_worker", "run finished", "trace"),
        [trace]
    );
}

#[tokio::test]
async fn a_run_keeps_its_trace_over_a_restart_and_a_lost_attempt() {
    let (mut first, _) = logged();
    let code = "def calculate():\n    import time\n    print('begun', flush=True)\n    time.sleep(2)\n    return 1\n";
    let request = first
        .request(Method::POST, "/api/tasks/execute")
        .header("traceparent", GIVEN)
        .json(&json!({"code": code}));
    let run = Answer::of(request).await.json()["run_id"].clone();
    let run = run.as_str().expect("an id").to_owned();
    let mut events = first.sse(&run, 0).await;
    while events.next().await.expect("the run prints")["event"] != "log" {}
    first.signal(Signal::KILL);
    first.ended();
    let data = std::mem::replace(&mut first.data, DataDir::new());
    let log = data.path().join("second");
    let mut command = crate::support::command(data.path());
    command.env("MECAPY_LOG_FORMAT", "json");
    let second = Server::start_logged(command, data, &log);
    let events = second.sse(&run, 0).await.rest().await;
    assert_eq!(events.last().expect("an event")["status"], "completed");
    let lines = lines(second, &log);
    assert_eq!(
        of_spans(&lines, "mecapy_worker", "run finished", "trace"),
        [TRACE]
    );
}

#[tokio::test]
async fn a_traceparent_that_is_none_begins_a_new_trace() {
    let server = Server::start();
    for given in ["nonsense", &GIVEN.to_uppercase(), &GIVEN[..40]] {
        let request = server.request(Method::GET, "/api/me");
        let answer = Answer::of(request.header("traceparent", given)).await;
        assert_eq!(answer.status, 200, "{given}");
        let id = answer.header("x-request-id");
        assert!(id.len() == 32 && id != TRACE, "{given}: {id}");
    }
}
