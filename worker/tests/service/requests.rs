//! A request that is no run is refused in a clear sentence, never with a 5xx.

use crate::harness::{Request, TOKEN, rest, send, workers};
use serde_json::json;

#[track_caller]
fn refused(body: &str, status: u16, words: &str) {
    let worker = &workers()[0];
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Authorization", bearer.as_str())];
    let (reader, found, answer) = send(worker.addr, "POST", "/execute", &headers, body.as_bytes());
    let text = rest(reader, &answer);
    assert_eq!(found, status, "{text}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    let problem: serde_json::Value = serde_json::from_str(&text).expect("a problem");
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.contains(words), "{detail}");
}

#[test]
fn what_is_no_request() {
    refused("", 400, "not a run");
    refused("[]", 400, "not a run");
    refused("{}", 400, "code");
    refused(r#"{"code":"%%%"}"#, 400, "code must be base64");
    refused(r#"{"code":"/w=="}"#, 400, "code must be UTF-8");
    refused(r#"{"code":"","limits":{"wall":1}}"#, 400, "unknown field");
}

#[test]
fn limits_beyond_the_most() {
    let with = |name: &str, value: u64| Request::new("").limit(name, value).body.to_string();
    refused(
        &with("wall_s", 901),
        422,
        "limits.wall_s is 901; it is a number from 1 to 900",
    );
    refused(
        &with("memory_mb", 15),
        422,
        "limits.memory_mb is 15; it is a number from 16 to 2048",
    );
    refused(&with("cpu_s", 100_000), 422, "limits.cpu_s");
    refused(&with("output_bytes", 1 << 30), 422, "limits.output_bytes");
}

#[test]
fn code_and_inputs_beyond_their_size() {
    refused(
        &Request::new("#".repeat(256 * 1024 + 1)).body.to_string(),
        413,
        "262144 bytes",
    );
    let inputs = json!({"text": "x".repeat(10 * 1024 * 1024)});
    refused(
        &Request::new("").with("inputs", inputs).body.to_string(),
        413,
        "10485760 bytes",
    );
    let inputs = json!({"text": "x".repeat(20 * 1024 * 1024)});
    refused(
        &Request::new("").with("inputs", inputs).body.to_string(),
        413,
        "the limit",
    );
}

#[test]
fn two_kinds_of_inputs() {
    let request = Request::new("")
        .with("inputs", json!({}))
        .with("inputs_url", json!("http://127.0.0.1:1/"));
    refused(&request.body.to_string(), 422, "exclude each other");
}

#[test]
fn inputs_that_are_no_object_fail_the_run_in_words() {
    let request = Request::new("def calculate():\n    return 1").with("inputs", json!([1]));
    workers()[0]
        .run(&request)
        .fails_as("invalid_inputs", "object");
}

#[test]
fn labels_and_defaults_are_accepted() {
    let mut request = Request::new("def calculate():\n    return 1");
    request
        .body
        .as_object_mut()
        .expect("an object")
        .remove("run_id");
    let request = request
        .with("task_id", json!("t"))
        .with("user_id", json!("u"))
        .with("inputs_s3_key", json!("k"));
    assert_eq!(workers()[0].run(&request).result(), 1);
}
