//! What operators read: enough to follow a request, nothing that belongs to a user.

use crate::support::{Answer, DataDir, Server};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;

const SECRETIVE: &str = "def calculate(inputs):\n    # code-marker\n    print('print-marker')\n    return {'r': 'result-' + inputs['a']}\n";

#[tokio::test]
async fn code_inputs_results_tokens_and_secret_addresses_are_not_logged() {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let log = data.path().join("log");
    let mut command = crate::support::command(data.path());
    // Everything is an object, so that signed addresses are made and used.
    command.envs([("MECAPY_LOG", "debug"), ("MECAPY_INLINE_BYTES", "0")]);
    let mut server = Server::start_logged(command, data, &log);

    let run = server.ran(SECRETIVE, json!({"a": "input-marker"})).await;
    assert_eq!(run["result"]["r"], "result-input-marker", "{run}");
    let id = run["id"].as_str().expect("an id");
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
            .bearer_auth("bearer-marker");
        assert_eq!(Answer::of(request).await.status, 200);
    }
    server.get("/api/tasks?q=query-marker").await;
    server.signal(Signal::TERM);
    server.ended();

    let text = std::fs::read_to_string(&log).expect("the log is there");
    assert!(
        text.contains("/r/{token}"),
        "requests are logged by their route"
    );
    assert!(text.contains(id), "runs are logged by their id");
    for secret in [
        "code-marker",
        "print-marker",
        "input-marker",
        "result-input",
        "bearer-marker",
        "query-marker",
        "sig=",
        token,
    ] {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
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
