//! What operators read: enough to follow a request, nothing that belongs to a user.

use crate::support::{Answer, DataDir, Server};
use futures::StreamExt;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use rustix::process::Signal;
use serde_json::json;
use tokio_tungstenite::connect_async;

const SECRETIVE: &str = "def calculate(inputs):\n    # code-marker\n    print('print-marker')\n    return {'r': 'result-' + inputs['a']}\n";
/// Says in its error and its traceback what it was given.
const FAILING: &str = "def calculate(inputs):\n    raise ValueError('error-' + inputs['a'])\n";
const READING: &str = "from pathlib import Path\n\ndef calculate(data: Path):\n    return {'read': data.read_text()}\n";
const METRICS_TOKEN: &str = "metrics-token-marker";

/// The first line that holds the text.
fn line_with<'a>(log: &'a str, text: &str) -> Option<&'a str> {
    log.lines().find(|line| line.contains(text))
}

#[tokio::test]
async fn nothing_of_a_user_is_logged_however_much_is() {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let log = data.path().join("log");
    let mut command = crate::support::command(data.path());
    // Everything is an object, so that signed addresses are made and used.
    command.envs([
        ("MECAPY_LOG", "trace"),
        ("MECAPY_INLINE_BYTES", "0"),
        ("MECAPY_METRICS_TOKEN", METRICS_TOKEN),
    ]);
    let mut server = Server::start_logged(command, data, &log);

    let run = server.ran(SECRETIVE, json!({"a": "input-marker"})).await;
    assert_eq!(run["result"]["r"], "result-input-marker", "{run}");
    let id = run["id"].as_str().expect("an id");
    let failed = server.ran(FAILING, json!({"a": "input-marker"})).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    let file = Part::bytes(b"file-marker".as_slice()).file_name("name-marker.txt");
    let task = server.task(READING, json!({})).await;
    let upload = server
        .request(Method::POST, &format!("/api/tasks/{task}/execute?wait=60"))
        .multipart(Form::new().part("data", file));
    let upload = Answer::of(upload).await;
    assert_eq!(
        upload.json()["result"]["read"],
        "file-marker",
        "{}",
        upload.text
    );
    // The events of the run, whose log text they carry, over both of their ways.
    server.sse(id, 0).await.rest().await;
    let address = server.url.replacen("http", "ws", 1);
    let socket = connect_async(format!("{address}/api/runs/{id}/events")).await;
    let mut socket = socket.expect("a WebSocket").0;
    while let Some(Ok(_)) = socket.next().await {}

    let share = server
        .post(&format!("/api/runs/{id}/share"), &json!({}))
        .await
        .json();
    let token = share["token"].as_str().expect("a token");
    for path in [
        format!("/r/{token}"),
        format!("/r/{token}/result.json"),
        format!("/api/shared/{token}"),
    ] {
        let request = server
            .request(Method::GET, &path)
            .bearer_auth("bearer-marker")
            .header("Cookie", "session=cookie-marker");
        assert_eq!(Answer::of(request).await.status, 200);
    }
    server.get("/api/tasks?q=query-marker").await;
    server.get("/nowhere/path-marker").await;
    let object = "/objects/runs/object-marker?sig=signature-marker&expires=1&method=GET";
    server.get(object).await;
    let metrics = server
        .request(Method::GET, "/metrics")
        .bearer_auth(METRICS_TOKEN);
    assert_eq!(Answer::of(metrics).await.status, 200);
    server.signal(Signal::TERM);
    server.ended();

    let text = std::fs::read_to_string(&log).expect("the log is there");
    for there in [id, "/r/{token}", "/objects/{*key}", "rang", "run finished"] {
        assert!(line_with(&text, there).is_some(), "{there} is logged");
    }
    for secret in [
        "code-marker",
        "print-marker",
        "input-marker",
        "result-input",
        "error-input",
        "file-marker",
        "name-marker",
        "bearer-marker",
        "cookie-marker",
        "query-marker",
        "path-marker",
        "object-marker",
        "signature-marker",
        "sig=",
        METRICS_TOKEN,
        token,
    ] {
        assert_eq!(line_with(&text, secret), None, "{secret}");
    }
}

#[tokio::test]
async fn the_cause_of_a_defect_is_logged_whichever_face_met_it() {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let log = data.path().join("log");
    let mut command = crate::support::command(data.path());
    command.env("MECAPY_INLINE_BYTES", "0");
    let server = Server::start_logged(command, data, &log);
    let code = "def calculate():\n    return 1\n";
    let run = server.ran(code, json!({})).await;
    let id = run["id"].as_str().expect("an id");
    let objects = server.data.path().join("objects/runs").join(id);
    std::fs::remove_dir_all(objects).expect("removed");

    let by_page = server
        .request(Method::POST, "/fn/runs/show")
        .header("content-type", "application/json")
        .body(json!({"run": id}).to_string());
    let by_program = server.request(Method::GET, &format!("/api/runs/{id}/result"));
    for (told, request) in [by_page, by_program].into_iter().enumerate() {
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 500, "{}", answer.text);
        let text = std::fs::read_to_string(&log).expect("the log is there");
        let causes = text.matches("its object is missing").count();
        assert_eq!(causes, told + 1, "{text}");
    }
}
