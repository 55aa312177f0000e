//! Files among the inputs: sent as `multipart/form-data`, read by the calculation under a path.

use crate::support::{Answer, Server};
use domain::limits::{MAX_INPUT_FILES, MAX_INPUT_FILES_BYTES};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

const SUM: &str = "from pathlib import Path

def calculate(data: Path, factor: float = 1):
    values = [float(word) for word in data.read_text().split()]
    return {'sum': sum(values) * factor, 'name': data.name}
";
const NAMES: &str = "def calculate(inputs):
    return [open(path).read() for path in inputs['data']]
";

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Part {
    Part::bytes(bytes.into()).file_name(name.to_owned())
}

async fn post(server: &Server, path: &str, form: Form) -> Answer {
    Answer::of(server.request(Method::POST, path).multipart(form)).await
}

async fn run_of(server: &Server, answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    server.get(&format!("/api/runs/{id}")).await.json()
}

#[tokio::test]
async fn caller_sends_a_file_and_the_calculation_reads_it_under_its_name() {
    let server = Server::start();
    let task = server.task(SUM, json!({})).await;
    let form = Form::new()
        .text("inputs", r#"{"factor": 2}"#)
        .part("data", file("loads.txt", "1 2 3.5"));
    let answer = post(&server, &format!("/api/tasks/{task}/execute?wait=60"), form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        answer.json()["result"],
        json!({"sum": 13.0, "name": "loads.txt"})
    );
    let stored = run_of(&server, &answer).await["inputs"].clone();
    assert_eq!(stored["factor"], 2);
    assert_eq!(stored["data"]["name"], "loads.txt");
    assert_eq!(stored["data"]["bytes"], 7);

    // The same file again, by what the first run was stored with, and without sending it.
    let body = json!({"inputs": {"data": stored["data"], "factor": 1}});
    let again = server
        .post(&format!("/api/tasks/{task}/execute?wait=60"), &body)
        .await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(again.json()["result"]["sum"], 6.5);
}

#[tokio::test]
async fn files_of_one_input_are_a_list_and_a_new_task_keeps_them() {
    let server = Server::start();
    let form = Form::new()
        .text("code", NAMES)
        .text("name", "two files")
        .part("data", file("same.txt", "one"))
        .part("data", file("same.txt", "two"));
    let answer = post(&server, "/api/tasks/execute?wait=60", form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["result"], json!(["one", "two"]));
    let task = answer.json()["task_id"].as_str().expect("an id").to_owned();
    let again =
        Answer::of(server.request(Method::POST, &format!("/api/tasks/{task}/execute?wait=60")))
            .await;
    assert_eq!(
        again.json()["result"],
        json!(["one", "two"]),
        "{}",
        again.text
    );
}

#[tokio::test]
async fn files_up_to_the_limit_reach_the_calculation() {
    let server = Server::start();
    let code = "import os\ndef calculate(inputs):\n    return os.path.getsize(inputs['data'])\n";
    let whole = usize::try_from(MAX_INPUT_FILES_BYTES).expect("a length");
    let form = Form::new()
        .text("code", code)
        .part("data", file("large.bin", vec![7; whole]));
    let answer = post(&server, "/api/tasks/execute?wait=60", form).await;
    assert_eq!(
        answer.json()["result"],
        MAX_INPUT_FILES_BYTES,
        "{}",
        answer.text
    );

    let form = Form::new()
        .text("code", code)
        .part("data", file("large.bin", vec![7; whole + 1]));
    let problem = post(&server, "/api/tasks/execute", form).await.problem(413);
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.contains("a run takes 32 MB"), "{detail}");
}

#[tokio::test]
async fn what_is_wrong_with_files_is_said_in_words() {
    let server = Server::start();
    let task = server.task(SUM, json!({})).await;
    let execute = format!("/api/tasks/{task}/execute");
    let many = (0..=MAX_INPUT_FILES).fold(Form::new(), |form, n| {
        form.part("data", file("a.txt", n.to_string()))
    });
    let one = || Form::new().part("data", file("a.txt", "1"));
    let cases: [(Form, u16, &str); 6] = [
        (many, 413, "17 files"),
        (
            Form::new().part("data", file("../../etc/passwd", "1")),
            422,
            "no usable name",
        ),
        (one().text("inputs", "{factor: 2}"), 422, "not valid JSON"),
        (one().text("inputs", "[1]"), 422, "must be a JSON object"),
        (
            one().text("inputs", "{}").text("inputs", "{}"),
            422,
            "there twice",
        ),
        (one().text("colour", "red"), 422, "colour"),
    ];
    for (form, status, words) in cases {
        let problem = post(&server, &execute, form).await.problem(status);
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.contains(words), "{words}: {detail}");
    }
    let torn = server
        .request(Method::POST, &execute)
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x\r\nContent-Disposition: form-data; name=\"data\"");
    let problem = Answer::of(torn).await.problem(400);
    assert!(
        problem["detail"]
            .as_str()
            .expect("words")
            .contains("multipart")
    );
}

#[tokio::test]
async fn a_file_nobody_sent_is_refused_and_so_is_one_where_a_text_is_asked() {
    let server = Server::start();
    let task = server.task(SUM, json!({})).await;
    let unknown = json!({"$type": "file", "name": "b.csv", "bytes": 1, "sha256": "a".repeat(64)});
    let body = json!({"inputs": {"data": unknown}});
    let problem = server
        .post(&format!("/api/tasks/{task}/execute"), &body)
        .await
        .problem(422);
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.contains("b.csv is not stored here"), "{detail}");

    let form = Form::new()
        .text("code", "def calculate(data: str):\n    return data\n")
        .part("data", file("b.csv", "1"));
    let problem = post(&server, "/api/tasks/execute", form).await.problem(422);
    let detail = problem["detail"].as_str().expect("words");
    assert!(
        detail.contains("must be a text. It is file b.csv"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_key_stands_for_the_files_too() {
    let server = Server::start();
    let task = server.task(SUM, json!({})).await;
    let send = async |content: &'static str| {
        let form = Form::new().part("data", file("a.txt", content));
        let request = server
            .request(Method::POST, &format!("/api/tasks/{task}/execute"))
            .header("Idempotency-Key", "one")
            .multipart(form);
        Answer::of(request).await
    };
    let first = send("1").await;
    assert_eq!(first.status, 202, "{}", first.text);
    assert_eq!(send("1").await.json()["run_id"], first.json()["run_id"]);
    send("2").await.problem(422);
}
