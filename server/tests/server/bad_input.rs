//! Whatever is sent, the answer is a problem that says what is wrong, and never a 5xx.

use crate::support::{Answer, STRESS, Server};
use reqwest::Method;
use serde_json::json;

const UNKNOWN: &str = "0197f000-0000-7000-8000-000000000000";

#[tokio::test]
async fn bodies_that_are_not_json() {
    let server = Server::start();
    let bodies: [&[u8]; 9] = [
        b"",
        b"   ",
        b"{",
        b"{\"code\": \"x\"",
        b"{\"code\": 'x'}",
        b"code=x&inputs=y",
        b"{\"code\": \"\xff\xfe\"}",
        b"{\"code\": \"x\"} trailing",
        b"\x00\x01\x02",
    ];
    for body in bodies {
        let request = server
            .request(Method::POST, "/api/tasks/execute")
            .body(body.to_vec());
        Answer::of(request).await.problem(400);
    }
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_name_the_field() {
    let server = Server::start();
    for (body, field) in [
        (json!([]), "body"),
        (json!("text"), "body"),
        (json!({}), "body"),
        (json!({"code": 1}), "code"),
        (json!({"code": null}), "code"),
        (json!({"code": "x", "name": []}), "name"),
        (json!({"code": "x", "surprise": 1}), "surprise"),
        (json!({"code": STRESS, "inputs": [1]}), "inputs"),
        (json!({"code": STRESS, "inputs": "text"}), "inputs"),
        (json!({"code": STRESS, "name": "n".repeat(5000)}), "name"),
    ] {
        let answer = server.post("/api/tasks/execute", &body).await;
        let problem = if answer.status == 413 {
            answer.problem(413)
        } else {
            answer.problem(422)
        };
        assert_eq!(problem["field"], field, "{body}: {}", answer.text);
    }
}

#[tokio::test]
async fn limits_of_a_run_of_the_wrong_shape() {
    let server = Server::start();
    let task = server.task(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/tasks/{task}/execute");
    for limits in [
        json!({"wall_s": -1}),
        json!({"wall_s": 1.5}),
        json!({"wall_s": 0}),
        json!({"wall_s": 100_000}),
        json!({"memory_mb": 1_000_000}),
        json!({"surprise": 1}),
        json!("much"),
    ] {
        let answer = server.post(&path, &json!({"limits": limits})).await;
        assert_eq!(answer.status, 422, "{limits}: {}", answer.text);
        answer.problem(422);
    }
    server
        .post(&path, &json!({"version": -1}))
        .await
        .problem(422);
    server
        .post(&path, &json!({"version": "1"}))
        .await
        .problem(422);
}

#[tokio::test]
async fn ids_that_name_nothing() {
    let server = Server::start();
    for id in [
        UNKNOWN,
        "1",
        "x",
        "%00",
        "%ff%fe",
        "..%2f..",
        "0197f000-0000-7000-8000-00000000000g",
    ] {
        for path in ["", "/versions", "/versions/1", "/status", "/results"] {
            server
                .get(&format!("/api/tasks/{id}{path}"))
                .await
                .problem(404);
        }
        for path in [
            "",
            "/result",
            "/logs",
            "/events",
            "/shares",
            "/figures/0",
            "/charts/0.svg",
            "/charts/0.png",
            "/export.html",
        ] {
            server
                .get(&format!("/api/runs/{id}{path}"))
                .await
                .problem(404);
        }
        server
            .post(&format!("/api/tasks/{id}/execute"), &json!({}))
            .await
            .problem(404);
        server
            .post(&format!("/api/runs/{id}/cancel"), &json!({}))
            .await
            .problem(404);
        server
            .post(&format!("/api/runs/{id}/share"), &json!({}))
            .await
            .problem(404);
        server
            .delete(&format!("/api/tasks/{id}"))
            .await
            .problem(404);
        server
            .delete(&format!("/api/shares/{id}"))
            .await
            .problem(404);
    }
    for n in ["-1", "x", "99999999999999999999"] {
        server
            .get(&format!("/api/tasks/{UNKNOWN}/versions/{n}"))
            .await
            .problem(404);
        server
            .get(&format!("/api/runs/{UNKNOWN}/figures/{n}"))
            .await
            .problem(404);
    }
}

#[tokio::test]
async fn routes_and_methods_that_are_not_there() {
    let server = Server::start();
    server.get("/api").await.problem(404);
    server.get("/api/nothing").await.problem(404);
    server.post("/nothing", &json!({})).await.problem(404);
    let answer = Answer::of(server.request(Method::PUT, "/api/tasks")).await;
    answer.problem(405);
    assert!(
        answer.header("allow").contains("POST"),
        "{}",
        answer.header("allow")
    );
    let trace = Answer::of(server.request(Method::TRACE, "/api/me")).await;
    trace.problem(405);
}

#[tokio::test]
async fn query_strings_that_do_not_fit() {
    let server = Server::start();
    for query in [
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "state=x",
        "cursor=%00",
        "cursor=AAAA",
        "limit=1&limit=2",
    ] {
        let answer = server.get(&format!("/api/tasks?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {}", answer.text);
    }
    for query in ["task=1", "state=created", "cursor=~"] {
        server.get(&format!("/api/runs?{query}")).await.problem(422);
    }
    for query in [
        "limit=0",
        "limit=99999999",
        "q=%25%27%22%5C_%00",
        "q=%ff",
        "nonsense",
        "q",
    ] {
        let answer = server.get(&format!("/api/tasks?{query}")).await;
        assert!(answer.status < 500, "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_long_search_is_refused_at_its_field() {
    let server = Server::start();
    for q in ["a".repeat(51_000), "_".repeat(30_000)] {
        for path in ["/api/tasks", "/api/runs"] {
            let answer = server.get(&format!("{path}?q={q}")).await;
            assert_eq!(answer.problem(422)["field"], "q");
        }
        let list = server
            .request(Method::POST, "/fn/tasks/list")
            .header("content-type", "application/json")
            .body(json!({"q": q}).to_string());
        let answer = Answer::of(list).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert_eq!(answer.json()["Problem"]["field"], "q");
    }
}

#[tokio::test]
async fn a_link_that_cannot_be_one_shows_the_page_of_closed_links() {
    let server = Server::start();
    for link in ["/r/%ff", "/r/unknown"] {
        let answer = server.get(link).await;
        assert_eq!(answer.status, 404, "{link}");
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{link}"
        );
    }
}

#[tokio::test]
async fn a_page_may_send_the_largest_inputs_as_text() {
    let server = Server::start();
    let task = server
        .task("def calculate(inputs):\n    return 1\n", json!({}))
        .await;
    let inputs = format!(r#"{{"a":[{}"x"]}}"#, r#""1","#.repeat(2_000_000));
    let body = json!({
        "task": task,
        "submission": {
            "base_version": 1,
            "code": "def calculate(inputs):\n    return 1\n",
            "inputs": inputs,
        },
        "idempotency_key": "k",
    });
    let body = body.to_string();
    assert!(body.len() > 11 << 20, "control: {}", body.len());
    let submit = server
        .request(Method::POST, "/fn/runs/submit")
        .header("content-type", "application/json")
        .body(body);
    let answer = Answer::of(submit).await;
    assert_eq!(
        answer.status,
        200,
        "{}",
        &answer.text[..answer.text.len().min(300)]
    );
}

#[tokio::test]
async fn bodies_over_the_limit_name_it() {
    let server = Server::start();
    let huge = "x".repeat(13 * 1024 * 1024);
    let declared = server
        .request(Method::POST, "/api/tasks")
        .body(huge.clone());
    let problem = Answer::of(declared).await.problem(413);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("10 MB")),
        "{problem}"
    );
    let chunks =
        futures::stream::iter((0..13).map(|_| Ok::<_, std::io::Error>("y".repeat(1024 * 1024))));
    let streamed = server
        .request(Method::POST, "/api/tasks")
        .body(reqwest::Body::wrap_stream(chunks));
    Answer::of(streamed).await.problem(413);
}

#[tokio::test]
async fn code_and_inputs_over_their_limits_name_them() {
    let server = Server::start();
    let code = format!("{STRESS}# {}\n", "x".repeat(256 * 1024));
    let answer = server
        .post("/api/tasks", &json!({"name": "x", "code": code}))
        .await;
    let problem = answer.problem(413);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("262144")),
        "{problem}"
    );
    let inputs = json!({"text": "x".repeat(10 * 1024 * 1024)});
    let answer = server
        .post(
            "/api/tasks",
            &json!({"name": "x", "code": STRESS, "inputs": inputs}),
        )
        .await;
    let problem = answer.problem(413);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("10485760")),
        "{problem}"
    );
}

#[tokio::test]
async fn json_nested_deeper_than_anything_is() {
    let server = Server::start();
    let task = server.task(STRESS, json!({})).await;
    for depth in [80, 200, 100_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (path, body) in [
            (
                "/api/tasks".to_owned(),
                format!(r#"{{"name":"x","code":"x","inputs":{{"a":{nested}}}}}"#),
            ),
            (
                format!("/api/tasks/{task}/execute"),
                format!(r#"{{"inputs":{{"a":{nested}}}}}"#),
            ),
            (format!("/api/tasks/{task}/execute"), nested.clone()),
            (
                format!("/api/tasks/{task}/execute"),
                format!(r#"{{"limits":{nested}}}"#),
            ),
        ] {
            let answer = Answer::of(server.request(Method::POST, &path).body(body)).await;
            assert!(
                (400..500).contains(&answer.status),
                "{depth}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn odd_but_valid_json_is_taken_or_refused_but_never_a_defect() {
    let server = Server::start();
    for inputs in [
        r#"{"force": 1e400, "section": 1}"#,
        r#"{"force": 1, "force": 2, "section": 1}"#,
        r#"{"force": "\ud800", "section": 1}"#,
        r#"{"\u0000": "\u0000", "force": 1, "section": 1}"#,
        r#"{"force": 99999999999999999999999999999999, "section": 1}"#,
        r#"{"": {}, "force": 1, "section": 1}"#,
        r#"null"#,
    ] {
        let code = STRESS.replace('\n', "\\n");
        let body = format!(r#"{{"code": "{code}", "inputs": {inputs}}}"#);
        let answer = Answer::of(
            server
                .request(Method::POST, "/api/tasks/execute?wait=60")
                .body(body),
        )
        .await;
        assert!(answer.status < 500, "{inputs}: {}", answer.text);
    }
}

#[tokio::test]
async fn server_functions_that_are_asked_nonsense() {
    let server = Server::start();
    let id = UNKNOWN;
    for path in [
        "runs/submit",
        "runs/list",
        "runs/show",
        "tasks/list",
        "examples/use",
        "nothing",
    ] {
        for body in [
            "",
            "{",
            "[]",
            "null",
            "\u{0}",
            "x=1",
            &format!(r#"{{"run":"{id}"}}"#),
        ] {
            let request = server.request(Method::POST, &format!("/fn/{path}"));
            let answer = Answer::of(request.body(body.to_owned())).await;
            assert!(
                answer.status < 500,
                "{path} {body:?}: {} {}",
                answer.status,
                answer.text
            );
        }
    }
    let huge = server
        .request(Method::POST, "/fn/runs/submit")
        .body("x".repeat(25 * 1024 * 1024));
    let answer = Answer::of(huge).await;
    assert_eq!(answer.status, 413);
    assert_eq!(
        answer.json()["Problem"]["code"],
        "too_large",
        "{}",
        answer.text
    );
}
