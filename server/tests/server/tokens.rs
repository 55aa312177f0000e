//! API tokens and what was used, over HTTP and on the command line.

use crate::support::{Answer, DataDir, STRESS, Server, command, ends};
use reqwest::Method;
use serde_json::{Value, json};

/// A request with that `Authorization`.
async fn asked(server: &Server, method: Method, path: &str, shown: &str) -> Answer {
    let request = server.request(method, path).header("Authorization", shown);
    Answer::of(request).await
}

async fn make(server: &Server, body: Value) -> Value {
    let made = server.post("/api/tokens", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("cache-control"), "private, no-store");
    made.json()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[tokio::test]
async fn a_token_is_shown_once_and_honoured_until_it_is_revoked() {
    let server = Server::start();
    let body = json!({"name": "Excel", "scope": "run", "expires_in_s": 3600});
    let made = make(&server, body).await;
    let (id, token) = (text(&made["id"]), text(&made["token"]));
    let listed = server.get("/api/tokens").await;
    assert!(!listed.text.contains(token), "{}", listed.text);
    assert_eq!(listed.json()[0]["name"], "Excel");
    assert_eq!(listed.json()[0]["last_used_at"], Value::Null);

    let shown = format!("Bearer {token}");
    let me = asked(&server, Method::GET, "/api/me", &shown).await.json();
    assert_eq!(me["name"], "Ada");
    assert_eq!(me["scopes"], json!(["read", "run"]));
    assert_eq!(me["token"]["name"], "Excel");
    assert_eq!(me["token"]["expires_at"], made["expires_at"]);
    let path = format!("/api/tokens/{id}");
    let refused = asked(&server, Method::DELETE, &path, &shown).await;
    let problem = refused.problem(403);
    assert_eq!(problem["code"], "forbidden");
    assert!(
        text(&problem["detail"]).contains("scope write"),
        "{problem}"
    );

    assert_eq!(server.delete(&path).await.status, 204);
    let refused = asked(&server, Method::GET, "/api/me", &shown).await;
    let problem = refused.problem(401);
    assert_eq!(problem["type"], "urn:mecapy:problem:unauthenticated");
    assert!(text(&problem["detail"]).contains("revoked"), "{problem}");
    assert!(refused.header("www-authenticate").starts_with("Bearer "));
    server.delete(&path).await.problem(404);
}

#[tokio::test]
async fn without_login_any_word_but_a_wrong_token_of_ours_is_the_local_user() {
    let server = Server::start();
    for shown in [
        "Bearer any",
        "bearer any",
        "Basic YTpi",
        "Bearer",
        "nonsense",
    ] {
        let me = asked(&server, Method::GET, "/api/me", shown).await;
        assert_eq!(me.status, 200, "{shown}");
        let me = me.json();
        assert_eq!(me["scopes"], json!(["read", "run", "write"]), "{shown}");
        assert_eq!(me["token"], Value::Null, "{shown}");
    }
    for shown in ["Bearer mcp_", "bearer  mcp_abc", "BEARER mcp_é"] {
        asked(&server, Method::GET, "/api/tasks", shown)
            .await
            .problem(401);
    }
}

#[tokio::test]
async fn scopes_hold_on_every_way_to_a_run() {
    let server = Server::start();
    let task = server
        .task(STRESS, json!({"force": 1000, "section": 10}))
        .await;
    let mut shown = Vec::new();
    for scope in ["read", "run", "write"] {
        let made = make(&server, json!({"name": scope, "scope": scope})).await;
        shown.push(format!("Bearer {}", text(&made["token"])));
    }
    let execute = format!("/api/tasks/{task}/execute?wait=60");
    let statuses = async |path: &str, body: Option<Value>| {
        let mut statuses = Vec::new();
        for shown in &shown {
            let request = server
                .request(Method::POST, path)
                .header("Authorization", shown);
            let request = match &body {
                Some(body) => request.json(body),
                None => request,
            };
            statuses.push(Answer::of(request).await.status);
        }
        statuses
    };
    assert_eq!(statuses(&execute, None).await, [403, 200, 200]);
    let code = json!({"code": STRESS, "inputs": {"force": 1, "section": 1}});
    let both = [
        statuses("/api/tasks/execute?wait=60", Some(code.clone())).await,
        statuses("/tasks/execute?wait=60", Some(code)).await,
    ];
    assert_eq!(both, [[403, 403, 200], [403, 403, 200]]);
    let new = json!({"name": "New", "code": STRESS});
    assert_eq!(statuses("/api/tasks", Some(new)).await, [403, 403, 201]);
    let token = json!({"name": "More", "scope": "read"});
    assert_eq!(statuses("/api/tokens", Some(token)).await, [403, 403, 201]);
    for shown in &shown {
        let listed = asked(&server, Method::GET, "/api/runs", shown).await;
        assert_eq!(listed.status, 200);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_is_refused_with_its_field() {
    let server = Server::start();
    for (body, field) in [
        (json!({"scope": "read"}), "body"),
        (json!({"name": "x"}), "body"),
        (json!({"name": " ", "scope": "read"}), "name"),
        (json!({"name": "x", "scope": "admin"}), "scope"),
        (
            json!({"name": "x", "scope": "read", "expires_in_s": 0}),
            "expires_in_s",
        ),
        (
            json!({"name": "x", "scope": "read", "expires_in_s": -1}),
            "expires_in_s",
        ),
        (
            json!({"name": "x", "scope": "read", "expires_in_s": 1e18}),
            "expires_in_s",
        ),
        (
            json!({"name": "x", "scope": "read", "expires_in_s": u64::MAX}),
            "expires_in_s",
        ),
        (
            json!({"name": "x", "scope": "read", "expires": 5}),
            "expires",
        ),
    ] {
        let answer = server.post("/api/tokens", &body).await;
        assert_eq!(answer.problem(422)["field"], field, "{body}");
    }
    assert_eq!(server.get("/api/tokens").await.json(), json!([]));
}

#[tokio::test]
async fn what_was_used_is_told_with_its_limits() {
    let server = Server::start();
    let code = "def calculate():\n    return 1\n";
    server.ran(code, json!({})).await;
    server
        .ran("def calculate():\n    return 1 / 0\n", json!({}))
        .await;
    let usage = server.get("/api/usage").await;
    assert_eq!(usage.status, 200, "{}", usage.text);
    let usage = usage.json();
    let ended = json!({"completed": 1, "failed": 1, "cancelled": 0});
    assert_eq!(usage["this_month"]["runs"], ended);
    assert!(
        usage["this_month"]["cpu_s"]
            .as_f64()
            .is_some_and(|s| s > 0.0),
        "{usage}"
    );
    assert!(usage["this_month"]["memory_gb_s"].is_f64(), "{usage}");
    assert!(
        text(&usage["this_month"]["since"]).ends_with("-01T00:00:00Z"),
        "{usage}"
    );
    assert_eq!(
        (&usage["queue_length"], &usage["tasks"]),
        (&json!(0), &json!(2))
    );
    assert!(
        usage["stored_bytes"]
            .as_u64()
            .is_some_and(|n| n > code.len() as u64),
        "{usage}"
    );
    assert_eq!(usage["limits"]["queued_runs"], 1000);
}

#[tokio::test]
async fn the_command_line_makes_and_revokes_tokens_beside_a_running_server() {
    let server = Server::start();
    let token = |arguments: &[&str]| {
        let mut command = command(server.data.path());
        command.arg("token").args(arguments);
        ends(command)
    };
    let (code, made, notes) = token(&["create", "--name", "Night", "--scope", "read"]);
    assert_eq!(code, 0, "{notes}");
    assert!(notes.contains("“Night”, scope read"), "{notes}");
    let shown = format!("Bearer {}", made.trim());
    let me = asked(&server, Method::GET, "/api/me", &shown).await.json();
    assert_eq!(me["token"]["name"], "Night");
    let id = text(&me["token"]["id"]).to_owned();
    let (code, listed, _) = token(&["list"]);
    assert_eq!(code, 0);
    assert!(listed.contains(&id) && listed.contains("Night"), "{listed}");
    assert!(!listed.contains(made.trim()), "{listed}");
    let (code, _, notes) = token(&["revoke", &id]);
    assert_eq!(code, 0, "{notes}");
    asked(&server, Method::GET, "/api/me", &shown)
        .await
        .problem(401);
    let (code, _, notes) = token(&["revoke", &id]);
    assert_eq!(code, 1);
    assert!(notes.contains("no such token"), "{notes}");
}

#[tokio::test]
async fn a_token_made_while_no_server_runs_is_honoured_by_the_next() {
    let mut first = Server::start();
    first.signal(rustix::process::Signal::TERM);
    first.ended();
    let data = std::mem::replace(&mut first.data, DataDir::new());
    let mut create = command(data.path());
    create.args([
        "token",
        "create",
        "--name",
        "Later",
        "--scope",
        "write",
        "--expires",
        "2d",
    ]);
    let (code, made, notes) = ends(create);
    assert_eq!(code, 0, "{notes}");
    let second = Server::start_on(data, &[]);
    let shown = format!("Bearer {}", made.trim());
    let me = asked(&second, Method::GET, "/api/me", &shown).await.json();
    assert_eq!(me["scopes"], json!(["read", "run", "write"]));
}

#[test]
fn a_folder_without_data_gets_no_token() {
    let data = DataDir::new();
    let mut create = command(data.path());
    create.args(["token", "create", "--name", "x", "--scope", "read"]);
    let (code, made, notes) = ends(create);
    assert_eq!((code, made.as_str()), (1, ""));
    assert!(notes.contains("MECAPY_DATA_DIR"), "{notes}");
    let mut wrong = command(data.path());
    wrong.args(["token", "create", "--name", "x", "--scope", "admin"]);
    let (code, _, notes) = ends(wrong);
    assert_eq!(code, 2);
    assert!(notes.contains("none of read, run, write"), "{notes}");
}
