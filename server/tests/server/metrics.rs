//! What Prometheus reads, who may read it, and that the dashboard and the alerts ask for nothing else.

use crate::support::{
    Answer, DataDir, ENDLESS, PATIENCE, Server, command, ends, send_signal, set, worker_python,
};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// Goes on long enough to be cut off.
const SLOW: &str =
    "def calculate():\n    import time\n    print('begun', flush=True)\n    time.sleep(3)\n";
const TOKEN: &str = "token-of-prometheus";

/// The value of the sample of exactly that name and those labels.
fn sample(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|rest| rest.strip_prefix(' ')).map(str::parse);
    match value {
        Some(Ok(value)) => value,
        other => panic!("{name}: {other:?}\n{page}"),
    }
}

async fn page(server: &Server) -> String {
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

#[tokio::test]
async fn operator_sees_how_runs_ended_and_how_long_they_took() {
    let server = Server::start();
    let good = "def calculate():\n    import time\n    time.sleep(0.2)\n    return 1\n";
    server.ran(good, json!({})).await;
    let bad = "def calculate():\n    return 1 / 0\n";
    assert_eq!(server.ran(bad, json!({})).await["status"], "failed");
    let page = page(&server).await;
    let of = |name: &str| sample(&page, name);
    assert_eq!(
        of("mecapy_runs_ended_total{outcome=\"completed\",error=\"\"}"),
        1.0
    );
    assert_eq!(
        of("mecapy_runs_ended_total{outcome=\"failed\",error=\"python\"}"),
        1.0
    );
    assert_eq!(
        of("mecapy_runs_ended_total{outcome=\"failed\",error=\"timeout\"}"),
        0.0,
        "a count is there before its first event"
    );
    assert_eq!(of("mecapy_runs{state=\"completed\"}"), 1.0);
    assert_eq!(of("mecapy_runs{state=\"failed\"}"), 1.0);
    assert_eq!(of("mecapy_runs{state=\"queued\"}"), 0.0);
    assert_eq!(of("mecapy_queue_depth"), 0.0);
    assert_eq!(of("mecapy_queue_oldest_seconds"), 0.0);
    assert_eq!(of("mecapy_run_wall_seconds_count"), 2.0);
    assert_eq!(of("mecapy_run_overhead_seconds_count"), 2.0);
    assert_eq!(of("mecapy_queue_wait_seconds_count"), 2.0);
    let (wall, overhead) = (
        of("mecapy_run_wall_seconds_sum"),
        of("mecapy_run_overhead_seconds_sum"),
    );
    assert!((0.2..60.0).contains(&wall), "{wall}");
    assert!(overhead > 0.0, "{overhead}");
    assert!(of("mecapy_dispatch_window") >= 1.0);
    assert_eq!(of("mecapy_attempts_active"), 0.0);
    assert_eq!(of("mecapy_database_up"), 1.0);
    assert_eq!(of("mecapy_worker_up"), 1.0);
    assert!(
        page.contains("mecapy_database_connections{pool=\""),
        "{page}"
    );
    assert!(page.ends_with("# EOF\n"));
}

#[tokio::test]
async fn operator_sees_what_waits_and_what_is_lost() {
    let server = Server::start();
    let running = [server.begun(ENDLESS).await, server.begun(ENDLESS).await];
    let code = json!({"code": "def calculate():\n    return 2\n"});
    let waiting = server.post("/api/tasks/execute", &code).await.json();
    let waiting = waiting["run_id"].as_str().expect("an id").to_owned();
    server.queued(&waiting).await;
    let now = page(&server).await;
    // A moment ago it may have been offered to the worker, which is full.
    let unfinished = sample(&now, "mecapy_runs{state=\"queued\"}")
        + sample(&now, "mecapy_runs{state=\"running\"}");
    assert_eq!(unfinished, 3.0);
    assert!(sample(&now, "mecapy_attempts_active") >= 2.0);

    let cancelled = "mecapy_runs_ended_total{outcome=\"cancelled\",error=\"\"}";
    for run in [&waiting, &running[0], &running[1]] {
        let answer = server
            .post(&format!("/api/runs/{run}/cancel"), &json!({}))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        server.sse(run, 0).await.rest().await;
    }
    assert_eq!(sample(&page(&server).await, cancelled), 3.0);

    let lost = server.begun(SLOW).await;
    send_signal(server.worker_pid(), Signal::KILL);
    server.sse(&lost, 0).await.rest().await;
    let reason = "mecapy_attempts_lost_total{reason=\"disconnected\"}";
    assert_eq!(sample(&page(&server).await, reason), 1.0);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_path() {
    let server = Server::start();
    let run = server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    let id = run["id"].as_str().expect("an id");
    let share = format!("/api/runs/{id}/share");
    let share = server.post(&share, &json!({})).await.json();
    let token = share["token"].as_str().expect("a token");
    for path in [format!("/r/{token}"), format!("/api/shared/{token}")] {
        assert_eq!(server.get(&path).await.status, 200);
    }
    server.get("/r/unknown-token").await;
    server.get("/nowhere-at-all").await;
    let made_up = Method::from_bytes(b"BREW").expect("a method");
    Answer::of(server.request(made_up, "/healthz")).await;
    let page = page(&server).await;
    let of = |labels: &str| sample(&page, &format!("mecapy_http_requests_total{{{labels}}}"));
    assert_eq!(of(r#"method="GET",route="/r/{token}",status="2xx""#), 1.0);
    assert_eq!(of(r#"method="GET",route="/r/{token}",status="4xx""#), 1.0);
    assert_eq!(of(r#"method="OTHER",route="/healthz",status="4xx""#), 1.0);
    let seconds = r#"mecapy_http_request_seconds_count{method="GET",route="/r/{token}"}"#;
    assert_eq!(sample(&page, seconds), 2.0);
    for raw in [token, id, "unknown-token", "nowhere-at-all", "BREW"] {
        assert!(!page.contains(raw), "{raw}\n{page}");
    }
}

#[tokio::test]
async fn who_follows_a_run_is_counted_while_they_do() {
    let server = Server::start();
    let run = server.begun(ENDLESS).await;
    let followers = "mecapy_event_followers{kind=\"sse\"}";
    let reader = server.sse(&run, 0).await;
    assert!(sample(&page(&server).await, followers) >= 1.0);
    drop(reader);
    let gone = async { while sample(&page(&server).await, followers) > 0.0 {} };
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    gone.expect("who has gone does not follow");
}

/// A server that says it is known to other machines.
fn reachable(settings: &[(&str, &str)]) -> Server {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let public = [
        ("MECAPY_PUBLIC_URL", "https://mecapy.example.eu"),
        ("MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN", "1"),
    ];
    Server::start_on(data, &[&public, settings].concat())
}

#[tokio::test]
async fn metrics_of_a_server_that_others_reach_are_closed() {
    let server = reachable(&[]);
    let answer = server.get("/metrics").await;
    let problem = answer.problem(403);
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.contains("MECAPY_METRICS_TOKEN"), "{detail}");
    assert!(!answer.text.contains("mecapy_"), "{}", answer.text);
}

#[tokio::test]
async fn metrics_are_shown_for_their_token_alone() {
    let server = reachable(&[("MECAPY_METRICS_TOKEN", TOKEN)]);
    let ask = |token: &str| {
        let request = server.request(Method::GET, "/metrics");
        Answer::of(request.bearer_auth(token))
    };
    server.get("/metrics").await.problem(401);
    ask("another-token-of-theirs").await.problem(401);
    let shown = ask(TOKEN).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    let kind = shown.header("content-type");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    assert_eq!(server.get("/healthz").await.status, 200, "asks for none");
}

#[test]
fn a_token_that_can_be_guessed_is_refused_and_not_repeated() {
    let data = DataDir::new();
    let (code, _, error) = ends(set(
        command(data.path()),
        "MECAPY_METRICS_TOKEN",
        "guessable",
    ));
    assert_eq!(code, 2);
    assert!(error.contains("MECAPY_METRICS_TOKEN"), "{error}");
    assert!(!error.contains("guessable"), "{error}");
}

#[tokio::test]
async fn dashboard_and_alerts_ask_for_what_is_there() {
    let server = Server::start();
    server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    let run = server.begun(SLOW).await;
    send_signal(server.worker_pid(), Signal::KILL);
    server.sse(&run, 0).await.rest().await;
    let shown = names(&page(&server).await);
    assert!(shown.contains("mecapy_queue_depth"), "{shown:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dashboard = std::fs::read_to_string(root.join("deploy/grafana/mecapy.json"));
    let dashboard: Value = serde_json::from_str(&dashboard.expect("it is there")).expect("JSON");
    let queries: Vec<&str> = dashboard["panels"]
        .as_array()
        .expect("panels")
        .iter()
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten())
        .map(|target| target["expr"].as_str().expect("a query"))
        .collect();
    assert!(queries.len() > 10, "{queries:?}");
    let alerts = std::fs::read_to_string(root.join("deploy/prometheus/mecapy.rules.yaml"));
    let alerts = alerts.expect("it is there");
    for text in queries.into_iter().chain([alerts.as_str()]) {
        let asked = names(text);
        assert!(!asked.is_empty(), "{text}");
        for name in asked.difference(&shown) {
            // The worker has a page of its own; its test asks for these names.
            assert!(name.starts_with("mecapy_worker_"), "{name} in {text}");
        }
    }
}

/// Everything in a text that looks like one of our metrics.
fn names(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("mecapy_"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_server_is_alive_but_not_ready_while_its_database_takes_nothing() {
    let server = Server::start();
    let script = "import sqlite3, sys\n\
        database = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        database.execute('BEGIN IMMEDIATE')\n\
        print('locked', flush=True)\n\
        sys.stdin.read()\n";
    let mut holder = Command::new(worker_python())
        .args(["-c", script])
        .arg(server.data.path().join("mecapy.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut said = String::new();
    let mut stdout = BufReader::new(holder.stdout.take().expect("piped"));
    stdout.read_line(&mut said).expect("it speaks");
    assert_eq!(said, "locked\n");
    server.get("/readyz").await.problem(503);
    assert_eq!(server.get("/healthz").await.status, 200);
    drop(holder.stdin.take());
    holder.wait().expect("it ends");
    let ready = async { while server.get("/readyz").await.status != 200 {} };
    let ready = tokio::time::timeout(PATIENCE, ready).await;
    ready.expect("the database is let go");
}
