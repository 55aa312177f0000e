//! Two hundred short runs and some endless ones, and what must be true of them at the end.

use crate::{
    cluster::{Cluster, OVERCOME_WITHIN, SLOTS},
    story::follow,
};
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const SHORT: usize = 200;
/// They leave two slots to the short ones.
const ENDLESS: usize = 4;
/// Asked for at the same time.
const AT_ONCE: usize = 16;
/// As many have ended when something fails.
const ENDED_BEFORE: usize = 10;
/// The platform's lease and what a process may be there beyond it.
const GONE_WITHIN: Duration = Duration::from_secs(22);
/// What tells the process of an endless run from all others, bytes.
const LARGE: u64 = 220_000_000;

const CODE: &str = "
import time

def calculate(n: int = 0, endless: bool = False):
    if endless:
        large = b'x' * 200_000_000
        while True:
            time.sleep(0.05)
    print('number', n)
    time.sleep(0.1)
    return {'square': n * n}
";

/// Lets `fault` happen under load and checks what comes of every run.
pub async fn survives(cluster: &mut Cluster, fault: impl AsyncFnOnce(&mut Cluster)) {
    let task = create(cluster).await;
    let endless = submit(cluster, &task, ENDLESS, true).await;
    all_large(cluster).await;
    let short = submit(cluster, &task, SHORT, false).await;
    for run in &short[..ENDED_BEFORE] {
        follow(cluster, run, 0).await;
    }
    let unfinished = waiting(cluster, &task).await;
    assert!(unfinished > SHORT as u64 / 2, "{unfinished} are unfinished");

    let begun = Instant::now();
    fault(cluster).await;
    eprintln!("the fault took {:.1} s", begun.elapsed().as_secs_f64());
    let cancelled = Instant::now();
    for run in &endless {
        let path = format!("/api/runs/{run}/cancel");
        let answer = cluster.ask(Method::POST, &path, "", None).await;
        assert!(answer.status < 300, "{}", answer.text);
    }
    while large(cluster) > 0 {
        assert!(
            cancelled.elapsed() < GONE_WITHIN,
            "a process is still there"
        );
        sleep(Duration::from_millis(50)).await;
    }
    let gone = cancelled.elapsed().as_secs_f64();

    check(cluster, &short, |n, story, run| {
        assert_eq!(run["status"], "completed", "{n}: {story:#?}");
    })
    .await;
    let took = begun.elapsed().as_secs_f64();
    check(cluster, &endless, |_, story, run| {
        assert_eq!(run["status"], "cancelled", "{story:#?}");
    })
    .await;
    for (n, run) in short.iter().enumerate() {
        let result = cluster.get(&format!("/api/runs/{run}/result")).await;
        assert_eq!(result, json!({"square": n * n}));
    }
    cluster.idle().await;
    eprintln!(
        "cancelled processes gone after {gone:.1} s; all {SHORT} runs right {took:.1} s after the fault began"
    );
}

async fn create(cluster: &Cluster) -> String {
    let body = json!({"name": "Square", "code": CODE});
    let answer = cluster
        .ask(Method::POST, "/api/tasks", "create", Some(&body))
        .await;
    answer.json()["id"].as_str().expect("an id").to_owned()
}

async fn submit(cluster: &Cluster, task: &str, count: usize, endless: bool) -> Vec<String> {
    let path = format!("/api/tasks/{task}/execute");
    let one = async |n: usize| {
        let body = json!({"inputs": {"n": n, "endless": endless}});
        let key = format!("{endless}-{n}");
        let answer = cluster.ask(Method::POST, &path, &key, Some(&body)).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["run_id"].as_str().expect("an id").to_owned()
    };
    stream::iter(0..count)
        .map(one)
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// How many runs of the task are not over.
async fn waiting(cluster: &Cluster, task: &str) -> u64 {
    let mut all = 0;
    for state in ["queued", "running"] {
        let page = cluster
            .get(&format!("/api/runs?task={task}&state={state}&limit=1"))
            .await;
        all += page["total"].as_u64().expect("a number");
    }
    all
}

/// How many processes of endless runs there are.
fn large(cluster: &Cluster) -> usize {
    let living = cluster.workers.iter().filter(|worker| !worker.killed);
    living.map(|worker| worker.processes_over(LARGE)).sum()
}

async fn all_large(cluster: &Cluster) {
    assert!(ENDLESS < cluster.workers.len() * SLOTS);
    let begun = Instant::now();
    while large(cluster) < ENDLESS {
        assert!(
            begun.elapsed() < OVERCOME_WITHIN,
            "{} large",
            large(cluster)
        );
        sleep(Duration::from_millis(50)).await;
    }
}

/// Every run's story is told in order, once, and to one end.
async fn check(cluster: &Cluster, runs: &[String], of_run: impl Fn(usize, &[Value], &Value)) {
    let told: Vec<_> = stream::iter(runs.iter().enumerate())
        .map(async |(n, run)| (n, run, follow(cluster, run, n).await))
        .buffered(AT_ONCE)
        .collect()
        .await;
    for (n, run, story) in told {
        for (event, seq) in story.iter().zip(1_u64..) {
            assert_eq!(event["seq"], seq, "{story:#?}");
        }
        let ends = story.iter().filter(|event| event["event"] == "finished");
        assert_eq!(ends.count(), 1, "{story:#?}");
        let now = cluster.get(&format!("/api/runs/{run}")).await;
        of_run(n, &story, &now);
    }
}
