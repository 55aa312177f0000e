//! Pages of other sites: none by default, those that are named with `/api/` alone.

use crate::support::{Answer, DataDir, STRESS, Server};
use reqwest::Method;
use serde_json::json;

const NAMED: &str = "https://tools.example.eu";

fn server_for(origins: &str) -> Server {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("the folder is writable");
    Server::start_on(data, &[("MECAPY_CORS_ORIGINS", origins)])
}

async fn asked(server: &Server, method: Method, path: &str, origin: &str) -> Answer {
    let request = server
        .request(method.clone(), path)
        .header("Origin", origin);
    let request = match method {
        Method::OPTIONS => request
            .header("Access-Control-Request-Method", "POST")
            .header(
                "Access-Control-Request-Headers",
                "authorization,content-type",
            ),
        Method::POST => request
            .header("Sec-Fetch-Site", "cross-site")
            .json(&json!({"name": "A", "code": STRESS})),
        _ => request,
    };
    Answer::of(request).await
}

fn allowed(answer: &Answer) -> &str {
    answer.header("access-control-allow-origin")
}

#[tokio::test]
async fn nobody_is_allowed_unless_named() {
    let server = Server::start();
    for method in [Method::GET, Method::OPTIONS] {
        let answer = asked(&server, method, "/api/tasks", NAMED).await;
        assert_eq!(allowed(&answer), "");
    }
    asked(&server, Method::POST, "/api/tasks", NAMED)
        .await
        .problem(403);
}

#[tokio::test]
async fn a_named_origin_may_use_the_rest_face_and_nothing_else() {
    let server = server_for(&format!("{NAMED}, http://localhost:3000"));
    let preflight = asked(&server, Method::OPTIONS, "/api/tasks", NAMED).await;
    assert_eq!((preflight.status, allowed(&preflight)), (200, NAMED));
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    let created = asked(&server, Method::POST, "/api/tasks", NAMED).await;
    assert_eq!(
        (created.status, allowed(&created)),
        (201, NAMED),
        "{}",
        created.text
    );
    assert!(
        created
            .header("access-control-expose-headers")
            .contains("etag")
    );
    let refused = asked(&server, Method::GET, "/api/tasks?cursor=x", NAMED).await;
    assert_eq!(allowed(&refused), NAMED, "a problem can be read too");
    refused.problem(422);

    for other in ["https://evil.example", "null", "http://tools.example.eu"] {
        let answer = asked(&server, Method::GET, "/api/tasks", other).await;
        assert_eq!(allowed(&answer), "", "{other}");
        asked(&server, Method::POST, "/api/tasks", other)
            .await
            .problem(403);
    }
    for page in ["/", "/healthz"] {
        assert_eq!(allowed(&asked(&server, Method::GET, page, NAMED).await), "");
    }
    asked(&server, Method::POST, "/fn/tasks/list", NAMED)
        .await
        .problem(403);
    asked(&server, Method::POST, "/tasks/execute", NAMED)
        .await
        .problem(403);
}
