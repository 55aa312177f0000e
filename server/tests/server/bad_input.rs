//! Whatever is sent, the answer is a problem that says what is wrong, and never a 5xx.

use crate::support::{Answer, STRESS, Server};
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

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
        .body("x".repeat(13 * 1024 * 1024));
    let answer = Answer::of(huge).await;
    assert_eq!(answer.status, 413);
    assert_eq!(
        answer.json()["Problem"]["code"],
        "too_large",
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn headers_nobody_should_send() {
    let server = Server::start();
    let task = server.task(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/tasks/{task}/execute");
    for key in ["", " ", "é", &"k".repeat(300)] {
        let request = server
            .request(Method::POST, &path)
            .header("Idempotency-Key", key.as_bytes());
        assert_eq!(
            Answer::of(request).await.problem(422)["field"],
            "Idempotency-Key"
        );
    }
    let zipped = server
        .request(Method::POST, &path)
        .header("Content-Encoding", "gzip")
        .body("{}");
    Answer::of(zipped).await.problem(415);
    for (name, value) in [
        ("Accept", "\u{80}\u{81}"),
        ("Accept", "application/x-nonsense"),
        ("Accept-Language", ";;;q=,,"),
        ("Cookie", "mecapy_lang=\u{ff}; ;=;"),
        ("Authorization", "Bearer"),
        ("Authorization", "Basic !!!"),
        ("Content-Type", "///"),
        ("Upgrade", "websocket"),
        ("Range", "bytes=9999999-"),
        ("If-None-Match", "\"x\""),
        ("X-Request-Id", "a b"),
        ("Referer", "not a url"),
    ] {
        for path in [
            "/",
            "/api/tasks",
            "/api/runs",
            "/examples",
            "/r/x",
            "/favicon.svg",
        ] {
            let request = server
                .request(Method::GET, path)
                .header(name, value.as_bytes());
            let answer = Answer::of(request).await;
            assert!(
                answer.status < 500,
                "{path} {name}: {value}: {} {}",
                answer.status,
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn requests_that_are_hardly_http() {
    let server = Server::start();
    for raw in [
        "GET /api/me HTTP/1.1\r\n\r\n",
        "GET /api/me HTTP/1.1\r\nHost: \r\n\r\n",
        "GET /api/me HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET http://evil.example/api/me HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /pkg/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /pkg/%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "NONSENSE\r\n\r\n",
        "POST /api/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
        "POST /api/tasks HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let answer = raw_answer(&server, raw).await;
        let status = answer.split_whitespace().nth(1).unwrap_or("none");
        assert!(status.starts_with('4'), "{raw:?}: {answer}");
        assert!(!answer.contains("root:"), "{raw:?}");
    }
}

async fn raw_answer(server: &Server, request: &str) -> String {
    let addr = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(addr).await.expect("it connects");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it is sent");
    let mut bytes = vec![0; 4096];
    let length = stream.read(&mut bytes).await.expect("an answer");
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}
