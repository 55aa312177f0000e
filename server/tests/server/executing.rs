//! `/api/tasks/{id}/execute`, `/api/tasks/execute`, and the life of a run over REST.

use crate::support::{Answer, ENDLESS, STRESS, Server};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn caller_executes_a_task_and_reads_status_and_results() {
    let server = Server::start();
    let task = server
        .task(STRESS, json!({"force": 1000, "section": 10}))
        .await;
    let status = server
        .get(&format!("/api/tasks/{task}/status"))
        .await
        .json();
    assert_eq!(status["status"], "created");
    assert_eq!(status["run_id"], Value::Null);
    server
        .get(&format!("/api/tasks/{task}/results"))
        .await
        .problem(409);

    let accepted =
        Answer::of(server.request(Method::POST, &format!("/api/tasks/{task}/execute"))).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let accepted = accepted.json();
    assert_eq!(accepted["status"], "queued");
    assert_eq!(accepted["task_id"], task.as_str());
    let run = accepted["run_id"].as_str().expect("an id");
    server.sse(run, 0).await.rest().await;

    let status = server
        .get(&format!("/api/tasks/{task}/status"))
        .await
        .json();
    assert_eq!(status["status"], "completed");
    assert_eq!(status["run_id"], run);
    assert_eq!(status["attempt"], 1);
    assert_eq!(status["backend"], "serverless");
    for name in ["enqueued_at", "started_at", "finished_at"] {
        assert!(
            status[name].as_str().is_some_and(|at| at.ends_with('Z')),
            "{name}: {status}"
        );
    }
    let results = server
        .get(&format!("/api/tasks/{task}/results"))
        .await
        .json();
    assert_eq!(results["status"], "completed");
    assert_eq!(results["result"], json!({"stress": 100.0}));
}

#[tokio::test]
async fn the_reference_documents_curl_call_works() {
    let server = Server::start();
    // What `curl -d` sends: JSON under the content type of a form, and a Bearer token.
    let request = server
        .request(Method::POST, "/tasks/execute")
        .bearer_auth("token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(json!({"code": STRESS, "inputs": {"force": 1000, "section": 10}}).to_string());
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let run = answer.json()["run_id"].as_str().expect("an id").to_owned();
    server.sse(&run, 0).await.rest().await;
    let result = server.get(&format!("/api/runs/{run}/result")).await.json();
    assert_eq!(result, json!({"stress": 100.0}));
}

#[tokio::test]
async fn waiting_answers_with_the_finished_run_and_its_result() {
    let server = Server::start();
    let run = server
        .ran(STRESS, json!({"force": 500, "section": 10}))
        .await;
    assert_eq!(run["status"], "completed");
    assert_eq!(run["result"], json!({"stress": 50.0}));
    assert_eq!(run["inputs"], json!({"force": 500, "section": 10}));
    assert!(run["wall_ms"].as_f64().is_some_and(|ms| ms >= 0.0));
    assert_eq!(
        run["provenance"]["code_sha256"].as_str().map(str::len),
        Some(64)
    );
}

#[tokio::test]
async fn waiting_for_an_endless_run_is_over_in_time_and_the_run_goes_on() {
    let server = Server::start();
    let body = json!({"code": ENDLESS});
    let answer = server.post("/api/tasks/execute?wait=0.2", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let run = answer.json()["run_id"].as_str().expect("an id").to_owned();
    assert_eq!(
        server
            .post(&format!("/api/runs/{run}/cancel"), &json!({}))
            .await
            .status,
        200
    );
    let events = server.sse(&run, 0).await.rest().await;
    assert_eq!(events.last().expect("an event")["status"], "cancelled");
}

#[tokio::test]
async fn waiting_for_too_long_is_refused_with_the_limit() {
    let server = Server::start();
    for wait in ["61", "-1", "NaN", "inf", "soon"] {
        let answer = server
            .post(
                &format!("/api/tasks/execute?wait={wait}"),
                &json!({"code": STRESS}),
            )
            .await;
        assert_eq!(answer.problem(422)["field"], "wait", "{wait}");
    }
}

#[tokio::test]
async fn a_running_endless_loop_is_cancelled_and_cannot_be_twice() {
    let server = Server::start();
    let run = server.begun(ENDLESS).await;
    let cancel = format!("/api/runs/{run}/cancel");
    assert_eq!(server.post(&cancel, &json!({})).await.status, 200);
    let events = server.sse(&run, 0).await.rest().await;
    assert_eq!(events.last().expect("an event")["status"], "cancelled");
    assert_eq!(
        server.post(&cancel, &json!({})).await.problem(409)["code"],
        "already_finished"
    );
    let result = server.get(&format!("/api/runs/{run}/result")).await;
    assert_eq!(result.problem(409)["code"], "not_completed");
}

#[tokio::test]
async fn a_failed_run_tells_kind_message_and_line() {
    let server = Server::start();
    let run = server
        .ran("def calculate():\n    x = 1\n    return x / 0\n", json!({}))
        .await;
    assert_eq!(run["status"], "failed");
    assert_eq!(run["error"]["kind"], "python");
    assert_eq!(run["error"]["line"], 3);
    let task = run["task_id"].as_str().expect("an id");
    let problem = server
        .get(&format!("/api/tasks/{task}/results"))
        .await
        .problem(409);
    assert_eq!(problem["code"], "not_completed");
    assert_eq!(problem["error"]["kind"], "python");
    assert_eq!(problem["run_id"], run["id"]);
}

#[tokio::test]
async fn inputs_that_do_not_fit_are_refused_at_their_field_before_a_run_is_made() {
    let server = Server::start();
    let code = "def calculate(force: float, section: float = 10):\n    return force / section\n";
    let task = server.task(code, json!({"force": 1})).await;
    let body = json!({"inputs": {"force": "a lot"}});
    let answer = server
        .post(&format!("/api/tasks/{task}/execute"), &body)
        .await;
    assert_eq!(answer.problem(422)["field"], "force");
    assert_eq!(server.get("/api/runs").await.json()["total"], 0);
}

#[tokio::test]
async fn the_same_key_and_request_answer_the_same_run() {
    let server = Server::start();
    let task = server.task(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/tasks/{task}/execute");
    let body = json!({"inputs": {"force": 2, "section": 1}});
    let first = keyed(&server, &path, "k1", &body).await.json();
    let again = keyed(&server, &path, "k1", &body).await.json();
    assert_eq!(first["run_id"], again["run_id"]);
    let other = json!({"inputs": {"force": 3, "section": 1}});
    let mismatch = keyed(&server, &path, "k1", &other).await;
    assert_eq!(mismatch.problem(422)["code"], "idempotency_mismatch");
    let second = keyed(&server, &path, "k2", &other).await.json();
    assert_ne!(first["run_id"], second["run_id"]);
    assert_eq!(server.get("/api/runs").await.json()["total"], 2);
}

#[tokio::test]
async fn the_same_key_creates_one_task_however_often_it_is_sent() {
    let server = Server::start();
    let body = json!({"code": STRESS, "inputs": {"force": 2, "section": 1}});
    let first = keyed(&server, "/api/tasks/execute", "k1", &body)
        .await
        .json();
    let again = keyed(&server, "/api/tasks/execute", "k1", &body)
        .await
        .json();
    assert_eq!(first["run_id"], again["run_id"]);
    assert_eq!(first["task_id"], again["task_id"]);
    assert_eq!(server.get("/api/tasks").await.json()["total"], 1);
    let other = json!({"code": STRESS, "inputs": {"force": 3, "section": 1}});
    let mismatch = keyed(&server, "/api/tasks/execute", "k1", &other).await;
    assert_eq!(mismatch.problem(422)["code"], "idempotency_mismatch");
    assert_eq!(server.get("/api/tasks").await.json()["total"], 1);
}

#[tokio::test]
async fn an_old_version_can_be_executed_and_an_unknown_one_not() {
    let server = Server::start();
    let task = server
        .task("def calculate():\n    return 1\n", json!({}))
        .await;
    let edit = server.request(Method::PATCH, &format!("/api/tasks/{task}"));
    Answer::of(edit.json(&json!({"code": "def calculate():\n    return 2\n"}))).await;
    let path = format!("/api/tasks/{task}/execute?wait=60");
    assert_eq!(
        server.post(&path, &json!({"version": 1})).await.json()["result"],
        1
    );
    assert_eq!(server.post(&path, &json!({})).await.json()["result"], 2);
    server
        .post(&path, &json!({"version": 9}))
        .await
        .problem(404);
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_by_state() {
    let server = Server::start();
    server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    let failed = server
        .ran("def calculate():\n    return 1 / 0\n", json!({}))
        .await;
    let all = server.get("/api/runs").await.json();
    assert_eq!(all["total"], 2);
    assert_eq!(all["items"][0]["id"], failed["id"]);
    let some = server.get("/api/runs?state=failed").await.json();
    assert_eq!(some["total"], 1);
    assert_eq!(some["items"][0]["id"], failed["id"]);
    server.get("/api/runs?state=asleep").await.problem(422);
}

#[tokio::test]
async fn what_a_run_printed_is_its_log() {
    let server = Server::start();
    let run = server
        .ran(
            "def calculate():\n    print('hello é')\n    return 1\n",
            json!({}),
        )
        .await;
    let id = run["id"].as_str().expect("an id");
    let log = server.get(&format!("/api/runs/{id}/logs")).await;
    assert_eq!(log.text, "hello é\n");
    assert!(log.header("content-type").starts_with("text/plain"));
}

async fn keyed(server: &Server, path: &str, key: &str, body: &Value) -> Answer {
    let request = server
        .request(Method::POST, path)
        .header("Idempotency-Key", key)
        .json(body);
    Answer::of(request).await
}
