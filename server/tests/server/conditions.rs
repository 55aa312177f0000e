//! `ETag`, `If-Match`, `If-None-Match` and `Idempotency-Key` of tasks.

use crate::support::{Answer, STRESS, Server};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

#[tokio::test]
async fn an_edit_of_a_state_that_was_changed_is_refused_with_what_happened() {
    let server = Server::start();
    let created = server
        .post("/api/tasks", &json!({"name": "A", "code": STRESS}))
        .await;
    let path = created.header("location").to_owned();
    let first = created.header("etag").to_owned();
    assert!(first.starts_with("\"v1-"), "{first}");
    assert_eq!(server.get(&path).await.header("etag"), first);

    let code = json!({"code": "def calculate():\n    return 1\n"});
    let edited = edit(&server, &path, &first, &code).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    let second = edited.header("etag").to_owned();
    assert!(second.starts_with("\"v2-"), "{second}");

    let late = edit(&server, &path, &first, &json!({"name": "B"})).await;
    let problem = late.problem(412);
    assert_eq!(problem["code"], "precondition_failed");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(
        detail.contains("Ada saved version 2") && detail.contains("ETag"),
        "{detail}"
    );
    assert_eq!(server.get(&path).await.json()["name"], "A");

    for tags in [second.clone(), "*".to_owned(), format!("\"x\", {second}")] {
        let same = edit(&server, &path, &tags, &json!({"name": "A"})).await;
        assert_eq!(same.status, 200, "{tags}: {}", same.text);
    }
    let weak = edit(
        &server,
        &path,
        &format!("W/{second}"),
        &json!({"name": "B"}),
    )
    .await;
    let weak = weak.problem(412);
    assert!(
        weak["detail"]
            .as_str()
            .is_some_and(|said| said.contains("weak")),
        "{weak}"
    );
    let unquoted = edit(&server, &path, "v2", &json!({"name": "B"})).await;
    assert_eq!(unquoted.problem(422)["field"], "if-match");

    let delete = |tag: &str| {
        server
            .request(Method::DELETE, &path)
            .header("If-Match", tag)
    };
    Answer::of(delete(&first)).await.problem(412);
    assert_eq!(Answer::of(delete(&second)).await.status, 204);
    Answer::of(delete(&second)).await.problem(404);
}

#[tokio::test]
async fn a_run_changes_what_is_read_and_not_what_may_be_edited() {
    let server = Server::start();
    let task = server.task(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/tasks/{task}");
    let tag = server.get(&path).await.header("etag").to_owned();
    let ask = |tag: &str| {
        server
            .request(Method::GET, &path)
            .header("If-None-Match", tag)
    };
    let known = Answer::of(ask(&tag)).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    assert_eq!(known.header("etag"), tag);
    assert_eq!(
        Answer::of(ask(&format!("\"x\", W/{tag}"))).await.status,
        304
    );
    server.post(&format!("{path}/execute"), &json!({})).await;
    let new = Answer::of(ask(&tag)).await;
    assert_eq!((new.status, &new.json()["runs"]), (200, &json!(1)));
    let edited = edit(&server, &path, &tag, &json!({"name": "B"})).await;
    assert_eq!(edited.status, 200, "{}", edited.text);
}

#[tokio::test]
async fn a_task_that_is_created_again_under_its_key_is_the_same_one() {
    let server = Server::start();
    let create = |body: Value| {
        let request = server.request(Method::POST, "/api/tasks");
        Answer::of(request.header("Idempotency-Key", "k1").json(&body))
    };
    let first = create(json!({"name": "A", "code": STRESS})).await;
    let again = create(json!({"name": "A", "code": STRESS})).await;
    assert_eq!((first.status, again.status), (201, 201), "{}", again.text);
    assert_eq!(first.json()["id"], again.json()["id"]);
    let other = create(json!({"name": "B", "code": STRESS})).await;
    assert_eq!(other.problem(422)["code"], "idempotency_mismatch");
    assert_eq!(server.get("/api/tasks").await.json()["total"], 1);
    // The same key on another route is another key.
    let run = server
        .request(Method::POST, "/api/tasks/execute")
        .header("Idempotency-Key", "k1")
        .json(&json!({"code": STRESS, "inputs": {"force": 1, "section": 1}}));
    assert_eq!(Answer::of(run).await.status, 202);
}

#[tokio::test]
async fn every_list_links_to_its_next_page() {
    let server = Server::start();
    let task = server.task("a = 0", json!({})).await;
    let path = format!("/api/tasks/{task}");
    for n in 1..3 {
        let change = server.request(Method::PATCH, &path);
        Answer::of(change.json(&json!({"code": format!("a = {n}")}))).await;
    }
    let run = server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    let run = format!("/api/runs/{}", run["id"].as_str().expect("an id"));
    for _ in 0..2 {
        server.post(&format!("{run}/share"), &json!({})).await;
    }
    for list in [
        format!("{path}/versions"),
        format!("{run}/shares"),
        "/api/tasks".to_owned(),
    ] {
        let first = server.get(&format!("{list}?limit=1")).await;
        let link = first.header("link").to_owned();
        let next = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix(">; rel=\"next\""))
            .unwrap_or_else(|| panic!("{list}: {link}"));
        let cursor = first.json()["next_cursor"]
            .as_str()
            .expect("a cursor")
            .to_owned();
        assert!(next.ends_with(&format!("cursor={cursor}")), "{next}");
        let second = server.get(next).await;
        assert_eq!(second.status, 200, "{}", second.text);
        assert_ne!(second.json()["items"], first.json()["items"], "{list}");
        assert_eq!(server.get(&list).await.header("link"), "");
    }
    assert_eq!(
        server.get(&format!("{run}/shares")).await.json()["total"],
        2
    );
}

#[tokio::test]
async fn an_answer_carries_the_id_of_its_request() {
    let server = Server::start();
    let ask = |id: &str| {
        let request = server.request(Method::GET, "/api/tasks?cursor=x");
        Answer::of(request.header("X-Request-Id", id))
    };
    let own = ask("build-7.a:b").await;
    assert_eq!(own.header("x-request-id"), "build-7.a:b");
    assert_eq!(own.problem(422)["request_id"], "build-7.a:b");
    let long = "x".repeat(129);
    for unusable in ["a b", "a\"b", long.as_str()] {
        let made = ask(unusable).await;
        let id = made.header("x-request-id").to_owned();
        assert_eq!(id.len(), 32, "the trace's: {unusable}: {id}");
        assert_eq!(made.problem(422)["request_id"], id.as_str());
    }
}

async fn edit(server: &Server, path: &str, tag: &str, body: &Value) -> Answer {
    let request: RequestBuilder = server.request(Method::PATCH, path);
    Answer::of(request.header("If-Match", tag).json(body)).await
}
