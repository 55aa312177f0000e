//! Shares: `/api/runs/{id}/share…`, `/api/shared/{token}`, and the machine routes below `/r/`.

use crate::support::{Answer, DataDir, STRESS, Server};
use reqwest::Method;
use serde_json::{Value, json};

const CHART: &str = "def calculate():\n    import matplotlib\n    matplotlib.use('svg')\n    import matplotlib.pyplot as plt\n    figure, axes = plt.subplots()\n    axes.plot([1, 2, 3])\n    return {'=cmd': 1.5, 'figure': figure}\n";

#[tokio::test]
async fn an_anonymous_reader_sees_a_shared_run() {
    let server = Server::start();
    let (_, token) = shared(&server, STRESS, json!({"force": 1000, "section": 10})).await;
    let read = server.get(&format!("/api/shared/{token}")).await;
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!(read.header("cache-control"), "private, no-store");
    let read = read.json();
    assert_eq!(read["run"]["result"], json!({"stress": 100.0}));
    assert_eq!(read["author"], "Ada");
    assert_eq!(read["code"], STRESS);
    let json = server.get(&format!("/r/{token}/result.json")).await;
    assert_eq!(json.json(), json!({"stress": 100.0}));
}

#[tokio::test]
async fn the_shared_page_reads_without_cookies_or_script_and_sets_no_cookie() {
    let server = Server::start();
    let (_, token) = shared(&server, STRESS, json!({"force": 1000, "section": 10})).await;
    let page = server.get(&format!("/r/{token}")).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(
        page.text.contains("stress") && page.text.contains("100"),
        "{}",
        page.text
    );
    assert!(page.headers.get("set-cookie").is_none());
    assert_eq!(page.header("cache-control"), "private, no-store");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(
        !page
            .header("content-security-policy")
            .contains("unsafe-eval")
    );
}

#[tokio::test]
async fn unknown_expired_and_revoked_links_get_the_same_answers() {
    let server = Server::start();
    let (run, revoked) = shared(&server, CHART, json!({})).await;
    let listed = server.get(&format!("/api/runs/{run}/shares")).await.json();
    let id = listed["items"][0]["id"].as_str().expect("an id");
    assert_eq!(
        server.delete(&format!("/api/shares/{id}")).await.status,
        204
    );
    let expired = share(&server, &run, json!({"expires_in_s": 1})).await;
    let unknown = "A".repeat(revoked.len());
    let living = share(&server, &run, json!({})).await;
    for path in [
        "",
        "/result.json",
        "/result.csv",
        "/figures/0",
        "/charts/0.svg",
        "/preview.png",
    ] {
        let control = server.get(&format!("/r/{living}{path}")).await;
        assert!(
            control.status == 200 || path.starts_with("/charts"),
            "{path}: {}",
            control.text
        );
        let gone = without_token(&server.get(&format!("/r/{revoked}{path}")).await, &revoked);
        assert_eq!(gone.0, 404, "{path}");
        assert_eq!(
            gone,
            without_token(&server.get(&format!("/r/{unknown}{path}")).await, &unknown)
        );
    }
    until_gone(&server, &expired).await;
    for path in ["/r/TOKEN", "/r/TOKEN/result.json", "/api/shared/TOKEN"] {
        let of = |token: &str| path.replace("TOKEN", token);
        let gone = without_token(&server.get(&of(&revoked)).await, &revoked);
        assert_eq!(
            gone,
            without_token(&server.get(&of(&expired)).await, &expired),
            "{path}"
        );
        assert_eq!(
            gone,
            without_token(&server.get(&of("x")).await, "no such token"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_shared_figure_is_a_picture_and_nothing_else() {
    let server = Server::start();
    let (run, token) = shared(&server, CHART, json!({})).await;
    for path in [
        format!("/r/{token}/figures/0"),
        format!("/api/runs/{run}/figures/0"),
    ] {
        let figure = server.get(&path).await;
        assert_eq!(figure.status, 200, "{}", figure.text);
        assert_eq!(figure.header("content-type"), "image/svg+xml");
        assert!(figure.header("content-security-policy").contains("sandbox"));
        assert_eq!(figure.header("x-content-type-options"), "nosniff");
        assert!(figure.text.contains("<svg"));
    }
    server
        .get(&format!("/r/{token}/figures/1"))
        .await
        .problem(404);
}

#[tokio::test]
async fn the_csv_of_a_shared_result_holds_no_formula() {
    let server = Server::start();
    let (_, token) = shared(&server, CHART, json!({})).await;
    let csv = server.get(&format!("/r/{token}/result.csv")).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.text.contains("'=cmd,1.5"), "{}", csv.text);
}

#[tokio::test]
async fn the_preview_is_a_png_of_the_size_social_sites_show() {
    let server = Server::start();
    let (_, token) = shared(&server, STRESS, json!({"force": 1000, "section": 10})).await;
    let request = server.request(Method::GET, &format!("/r/{token}/preview.png"));
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "image/png");
    let bytes = response.bytes().await.expect("a body");
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
    let size = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    assert_eq!((size(16), size(20)), (1200, 630));
}

#[tokio::test]
async fn a_reader_makes_a_copy_and_is_led_to_it() {
    let server = Server::start();
    let (_, token) = shared(&server, STRESS, json!({"force": 1000, "section": 10})).await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let copied = client
        .post(format!("{}/r/{token}/copy", server.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(copied.status(), 303);
    let location = copied.headers()["location"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let task = server.get(&format!("/api{location}")).await.json();
    assert_eq!(task["code"], STRESS);
    let gone = client
        .post(format!("{}/r/unknown/copy", server.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(gone.status(), 404);
}

#[tokio::test]
async fn a_link_says_whether_others_can_open_it() {
    let server = Server::start();
    let run = server.ran(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/runs/{}/share", run["id"].as_str().expect("an id"));
    let local = server.post(&path, &json!({})).await.json();
    assert_eq!(local["reachable"], false);
    assert!(
        local["url"]
            .as_str()
            .is_some_and(|url| url.starts_with(&server.url)),
        "{local}"
    );
    drop(server);

    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let mut command = crate::support::command(data.path());
    command.env("MECAPY_PUBLIC_URL", "https://mecapy.example.eu/");
    command.env("MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN", "1");
    let server = Server::start_command(command, data);
    let run = server.ran(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/runs/{}/share", run["id"].as_str().expect("an id"));
    let public = server.post(&path, &json!({})).await.json();
    assert_eq!(public["reachable"], true);
    assert!(
        public["url"]
            .as_str()
            .is_some_and(|url| url.starts_with("https://mecapy.example.eu/r/")),
        "{public}"
    );
}

#[tokio::test]
async fn a_share_that_is_over_at_once_is_refused() {
    let server = Server::start();
    let run = server.ran(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/runs/{}/share", run["id"].as_str().expect("an id"));
    for seconds in [json!(0), json!(-1), json!("soon"), json!(1e12)] {
        let answer = server.post(&path, &json!({"expires_in_s": seconds})).await;
        assert_eq!(answer.problem(422)["field"], "expires_in_s");
    }
}

/// A finished run of the code and the token of a share of it.
async fn shared(server: &Server, code: &str, inputs: Value) -> (String, String) {
    let run = server.ran(code, inputs).await;
    assert_eq!(run["status"], "completed", "{run}");
    let run = run["id"].as_str().expect("an id").to_owned();
    let token = share(server, &run, json!({})).await;
    (run, token)
}

async fn share(server: &Server, run: &str, body: Value) -> String {
    let made = server.post(&format!("/api/runs/{run}/share"), &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["token"].as_str().expect("a token").to_owned()
}

async fn until_gone(server: &Server, token: &str) {
    let begun = std::time::Instant::now();
    while server.get(&format!("/r/{token}/result.json")).await.status == 200 {
        assert!(begun.elapsed().as_secs() < 10, "the share does not expire");
    }
}

/// What a reader can tell from an answer, but for the token it asked with.
fn without_token(answer: &Answer, token: &str) -> (u16, String, Vec<String>) {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id" && *name != "date")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    // Each request has an id of its own, which its problem names too.
    let id = answer.header("x-request-id");
    let text = answer.text.replace(token, "TOKEN").replace(id, "ID");
    (answer.status, text, headers)
}
