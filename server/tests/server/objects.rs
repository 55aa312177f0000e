//! `/objects/{key…}`: nothing without a signature. That workers get through with one is seen
//! wherever large inputs and figures arrive.

use crate::support::{Answer, DataDir, Server};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_unsigned_or_badly_signed_request_gets_nothing() {
    let server = Server::start();
    let key = "/objects/runs/x/inputs";
    server.get(key).await.problem(422);
    for query in [
        "method=GET&exp=99999999999999&max=0&sig=AAAA",
        "method=GET&exp=99999999999999&max=0&sig=",
        "method=PUT&exp=99999999999999&max=9999999999999&sig=%00",
        "method=NONE&exp=0&max=0&sig=AAAA",
    ] {
        for method in [Method::GET, Method::PUT] {
            let request = server.request(method, &format!("{key}?{query}")).body("x");
            Answer::of(request).await.problem(403);
        }
    }
    for key in ["..%2f..%2fetc%2fpasswd", "%00", "runs/%2e%2e/x"] {
        let answer = server
            .get(&format!("/objects/{key}?method=GET&exp=1&max=1&sig=AAAA"))
            .await;
        assert!(
            (400..500).contains(&answer.status),
            "{key}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn everything_can_be_an_object() {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let server = Server::start_on(data, &[("MECAPY_INLINE_BYTES", "0")]);
    let run = server
        .ran(
            "def calculate(inputs):\n    return inputs\n",
            json!({"a": 1}),
        )
        .await;
    assert_eq!(run["result"], json!({"a": 1}), "{run}");
    assert_eq!(run["inputs"], json!({"a": 1}));
}

#[tokio::test]
async fn large_inputs_and_results_go_round() {
    let server = Server::start();
    let text = "é".repeat(1_000_000);
    let run = server
        .ran(
            "def calculate(inputs):\n    return inputs\n",
            json!({"text": text}),
        )
        .await;
    assert_eq!(run["status"], "completed", "{}", run["error"]);
    assert_eq!(
        run["result"]["text"].as_str().map(str::len),
        Some(text.len())
    );
}
