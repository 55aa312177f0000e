//! `/api/tasks…`

use crate::support::{Answer, STRESS, Server};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn caller_creates_reads_lists_and_deletes_a_task() {
    let server = Server::start();
    let body = json!({"name": "Bolt", "description": "M10", "code": STRESS, "inputs": {"force": 1000, "section": 10}});
    let created = server.post("/api/tasks", &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let task = created.json();
    assert_eq!(task["version"], 1);
    let path = format!("/api/tasks/{}", task["id"].as_str().expect("an id"));
    assert_eq!(created.header("location"), path);

    let read = server.get(&path).await.json();
    assert_eq!(read["code"], STRESS);
    assert_eq!(read["inputs"], json!({"force": 1000, "section": 10}));

    let listed = server.get("/api/tasks?q=bolt").await.json();
    assert_eq!(listed["total"], 1);
    assert_eq!(listed["items"][0]["id"], task["id"]);

    assert_eq!(server.delete(&path).await.status, 204);
    server.get(&path).await.problem(404);
    assert_eq!(server.get("/api/tasks").await.json()["total"], 0);
}

#[tokio::test]
async fn changed_code_makes_a_version_and_a_changed_name_does_not() {
    let server = Server::start();
    let path = format!(
        "/api/tasks/{}",
        server.task(STRESS, json!({"force": 1, "section": 1})).await
    );
    let renamed = patch(&server, &path, json!({"name": "Renamed"})).await;
    assert_eq!(renamed.json()["version"], 1, "{}", renamed.text);
    let edited = patch(
        &server,
        &path,
        json!({"code": "def calculate():\n    return 1\n"}),
    )
    .await;
    assert_eq!(edited.json()["version"], 2, "{}", edited.text);
    assert_eq!(edited.json()["name"], "Renamed");
    let versions = server.get(&format!("{path}/versions")).await.json();
    assert_eq!(versions["total"], 2);
    assert_eq!(versions["items"][0]["number"], 2);
    let first = server.get(&format!("{path}/versions/1")).await.json();
    assert_eq!(first["code"], STRESS);
    server.get(&format!("{path}/versions/3")).await.problem(404);
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let server = Server::start();
    let task = server.task("a = 1", json!({})).await;
    let path = format!("/api/tasks/{task}");
    let answer = patch(&server, &path, json!({"code": "a = 2", "name": ""})).await;
    answer.problem(422);
    let now = server.get(&path).await.json();
    assert_eq!(
        (&now["version"], &now["code"]),
        (&json!(1), &json!("a = 1"))
    );
}

#[tokio::test]
async fn an_edit_of_an_old_version_is_a_conflict() {
    let server = Server::start();
    let path = format!("/api/tasks/{}", server.task(STRESS, json!({})).await);
    patch(
        &server,
        &path,
        json!({"code": "def calculate():\n    return 1\n", "base_version": 1}),
    )
    .await;
    let late = patch(
        &server,
        &path,
        json!({"code": "def calculate():\n    return 2\n", "base_version": 1}),
    )
    .await;
    assert_eq!(late.problem(409)["code"], "conflict");
}

#[tokio::test]
async fn numbers_of_saved_inputs_keep_every_digit() {
    let server = Server::start();
    let body = r#"{"name":"Digits","code":"def calculate(inputs):\n    return inputs\n","inputs":{"n":123456789012345678901234567890,"x":1.10}}"#;
    let created = Answer::of(server.request(Method::POST, "/api/tasks").body(body)).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert!(
        created.text.contains("123456789012345678901234567890"),
        "{}",
        created.text
    );
    assert!(created.text.contains("1.10"), "{}", created.text);
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let server = Server::start();
    for _ in 0..3 {
        server.task(STRESS, json!({})).await;
    }
    let first = server.get("/api/tasks?limit=2").await.json();
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = server
        .get(&format!("/api/tasks?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(second["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["next_cursor"], serde_json::Value::Null);
    server.get("/api/tasks?cursor=nonsense").await.problem(422);
}

#[tokio::test]
async fn any_bearer_is_the_local_user_of_a_server_without_login() {
    let server = Server::start();
    let request = server
        .request(Method::GET, "/api/me")
        .bearer_auth("whatever");
    let me = Answer::of(request).await.json();
    assert_eq!(me["name"], "Ada");
}

async fn patch(server: &Server, path: &str, body: serde_json::Value) -> Answer {
    Answer::of(server.request(Method::PATCH, path).json(&body)).await
}
