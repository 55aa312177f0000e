//! Who is kept away from a server without login, and what every answer carries.

use crate::support::{Answer, STRESS, Server};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

#[tokio::test]
async fn a_name_that_was_made_to_resolve_here_is_not_served() {
    let server = Server::start();
    let rebound = server
        .request(Method::GET, "/api/tasks")
        .header("Host", "evil.example:7979");
    Answer::of(rebound).await.problem(421);
    let own = server
        .request(Method::GET, "/api/tasks")
        .header("Host", "localhost:7979");
    assert_eq!(Answer::of(own).await.status, 200);
}

#[tokio::test]
async fn the_name_of_the_public_url_is_served() {
    let server = Server::start_behind_a_proxy();
    assert_eq!(server.said_url, "https://mecapy.example.eu");
    let known = server
        .request(Method::GET, "/api/me")
        .header("Host", "mecapy.example.eu");
    assert_eq!(Answer::of(known).await.status, 200);
    let unknown = server
        .request(Method::GET, "/api/me")
        .header("Host", "other.example.eu");
    Answer::of(unknown).await.problem(421);
}

/// What a page can make a browser send without asking first: no header of its own, and a body of one
/// of the three types that forms have.
struct Forged {
    path: String,
    kind: &'static str,
    body: String,
}

impl Forged {
    fn sent(&self, server: &Server) -> RequestBuilder {
        server
            .request(Method::POST, &self.path)
            .header("content-type", self.kind)
            .body(self.body.clone())
    }

    /// One for each way in which a request makes a task.
    fn all(shared: &str) -> [Self; 5] {
        let task = json!({"name": "x", "code": STRESS}).to_string();
        let page = json!({"name": "x", "description": "", "code": STRESS, "inputs": "{}"});
        let part = "--x\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\n";
        [
            Self::new("/api/tasks", "text/plain", task),
            Self::new(
                "/api/tasks/execute",
                "text/plain",
                json!({"code": STRESS, "inputs": {"force": 1, "section": 1}}).to_string(),
            ),
            Self::new(
                "/tasks/execute",
                "multipart/form-data; boundary=x",
                format!("{part}def calculate():\n    return 1\n\r\n--x--\r\n"),
            ),
            Self::new("/fn/tasks/create", "text/plain", page.to_string()),
            Self::new(
                &format!("/r/{shared}/copy"),
                "application/x-www-form-urlencoded",
                String::new(),
            ),
        ]
    }

    fn new(path: &str, kind: &'static str, body: String) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            body,
        }
    }
}

async fn tasks_in(server: &Server) -> u64 {
    let total = server.get("/api/tasks").await.json()["total"].as_u64();
    total.expect("a number")
}

#[tokio::test]
async fn a_form_or_fetch_of_another_site_changes_nothing() {
    let server = Server::start();
    let run = server.ran(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/runs/{}/share", run["id"].as_str().expect("an id"));
    let shared = server.post(&path, &json!({})).await.json();
    let shared = shared["token"].as_str().expect("a token");
    let before = tasks_in(&server).await;
    for forged in Forged::all(shared) {
        for headers in [
            [
                ("Origin", "https://evil.example"),
                ("Sec-Fetch-Site", "cross-site"),
            ],
            // Another port of this machine.
            [
                ("Origin", "http://127.0.0.1:1"),
                ("Sec-Fetch-Site", "same-site"),
            ],
            // A sandboxed frame, or a page without referrer.
            [("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
            // A browser that says less, as every one does to a server without TLS elsewhere.
            [("Origin", "https://evil.example"), ("Accept", "*/*")],
            [("Origin", "null"), ("Accept", "*/*")],
            [("Accept", "*/*"), ("Sec-Fetch-Site", "cross-site")],
        ] {
            let foreign = headers
                .into_iter()
                .fold(forged.sent(&server), |request, (name, value)| {
                    request.header(name, value)
                });
            let answer = Answer::of(foreign).await;
            let detail = answer.problem(403)["detail"].to_string();
            assert!(detail.contains("another site"), "{}: {detail}", forged.path);
        }
    }
    assert_eq!(tasks_in(&server).await, before);

    // The same requests, by our own pages and by programs: each would have done it.
    for (index, forged) in (0..).zip(Forged::all(shared)) {
        let own = forged
            .sent(&server)
            .header("Origin", &server.url)
            .header("Sec-Fetch-Site", "same-origin");
        let page = Answer::of(own).await;
        let program = Answer::of(forged.sent(&server)).await;
        for answer in [page, program] {
            assert!(answer.status < 400, "{}: {}", forged.path, answer.text);
        }
        assert_eq!(
            tasks_in(&server).await,
            before + 2 * (index + 1),
            "{}",
            forged.path
        );
    }
}

#[tokio::test]
async fn every_answer_keeps_browsers_careful() {
    let server = Server::start();
    for path in [
        "/api/me",
        "/api/tasks/nonsense",
        "/healthz",
        "/r/unknown",
        "/nowhere",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(
            answer.headers.get("access-control-allow-origin").is_none(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn only_a_server_with_tls_asks_browsers_to_insist_on_it() {
    let header = "strict-transport-security";
    let plain = Server::start();
    assert_eq!(plain.get("/api/me").await.header(header), "");
    let with_tls = Server::start_behind_a_proxy();
    for path in ["/api/me", "/", "/nowhere", "/healthz"] {
        let answer = with_tls.get(path).await;
        assert_eq!(answer.header(header), "max-age=31536000", "{path}");
    }
}

#[tokio::test]
async fn a_redirect_leads_to_a_path_of_ours_and_nowhere_else() {
    let server = Server::start();
    // A browser would take an address that begins with two slashes for another host.
    for path in [
        "//evil.example",
        "//evil.example/%2f..",
        "/%2f%2fevil.example",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("location"), "", "{path}");
        assert_eq!(answer.status, 404, "{path}");
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    // A form that calls a server function without script is led back to where it says it was.
    let own = format!("{}/runs?q=a", server.url);
    for (referer, led) in [
        (own.as_str(), "/runs?q=a"),
        ("https://evil.example/", "/"),
        ("https://evil.example", "/"),
    ] {
        let asked = client
            .post(format!("{}/fn/tasks/list", server.url))
            .header("Accept", "text/html")
            .header("Referer", referer)
            .body("{}");
        let answer = Answer::of(asked).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        assert_eq!(answer.header("location"), led, "{referer}");
    }
}

#[tokio::test]
async fn operators_read_health_readiness_and_metrics() {
    let server = Server::start();
    assert_eq!(server.get("/healthz").await.status, 200);
    assert_eq!(server.get("/readyz").await.status, 200);
    server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    let metrics = server.get("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "mecapy_runs{state=\"completed\"} 1.0",
        "mecapy_queue_depth 0.0",
        "mecapy_worker_up 1",
    ] {
        assert!(
            metrics.text.lines().any(|l| l == line),
            "{line}\n{}",
            metrics.text
        );
    }
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_asks() {
    let server = Server::start();
    let code = format!("{STRESS}# {}\n", "x".repeat(10_000));
    let task = server.task(&code, json!({})).await;
    let path = format!("/api/tasks/{task}");
    let asked = server
        .request(Method::GET, &path)
        .header("Accept-Encoding", "br");
    assert_eq!(Answer::of(asked).await.header("content-encoding"), "br");
    assert_eq!(server.get(&path).await.header("content-encoding"), "");
}
