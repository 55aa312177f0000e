//! Two hundred short runs that wait while longer and endless ones take every slot, and what must be
//! true of all of them at the end.

use crate::{
    cluster::{Cluster, OVERCOME_WITHIN, SLOTS, WORKERS},
    story::follow,
};
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    ops::Range,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// As many wait when something fails.
const WAITING: u64 = 200;
/// Short runs that are submitted together.
const BATCH: usize = 40;
/// Together they take every slot.
const ENDLESS: usize = 4;
const LONG: usize = WORKERS * SLOTS - ENDLESS;
/// How long a long one takes: it is in the middle when something fails.
const LONG_S: f64 = 15.0;
/// Asked for at the same time.
const AT_ONCE: usize = 16;
/// The platform's lease and what a process may be there beyond it.
const GONE_WITHIN: Duration = Duration::from_secs(22);
/// What tells the process of an endless run from all others, bytes.
const LARGE: u64 = 220_000_000;

const CODE: &str = "
import time

def calculate(n: int = 0, seconds: float = 0.1):
    if seconds == 0:
        large = b'x' * 200_000_000
        while True:
            time.sleep(0.05)
    print('number', n)
    time.sleep(seconds)
    return {'square': n * n}
";

/// Lets `fault` happen under load and checks what comes of every run.
pub async fn survives(cluster: &mut Cluster, fault: impl AsyncFnOnce(&mut Cluster)) {
    let task = create(cluster).await;
    let endless = submit(cluster, &task, 0..ENDLESS, 0.0).await;
    let mut counted = submit(cluster, &task, 0..LONG, LONG_S).await;
    all_running(cluster, &task).await;
    // A slow machine may come to the short ones while they are submitted.
    while in_state(cluster, &task, "queued").await < WAITING {
        let n = counted.len();
        counted.extend(submit(cluster, &task, n..n + BATCH, 0.1).await);
    }

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

    check(cluster, &counted, |n, story, run| {
        assert_eq!(run["status"], "completed", "{n}: {story:#?}");
    })
    .await;
    check(cluster, &endless, |_, story, run| {
        assert_eq!(run["status"], "cancelled", "{story:#?}");
    })
    .await;
    let took = begun.elapsed().as_secs_f64();
    for (n, run) in counted.iter().enumerate() {
        let result = cluster.get(&format!("/api/runs/{run}/result")).await;
        assert_eq!(result, json!({"square": n * n}));
    }
    cluster.idle().await;
    eprintln!(
        "cancelled processes gone after {gone:.1} s; all runs right and told {took:.1} s after the fault began"
    );
}

async fn create(cluster: &Cluster) -> String {
    let body = json!({"name": "Square", "code": CODE});
    let answer = cluster
        .ask(Method::POST, "/api/tasks", "create", Some(&body))
        .await;
    answer.json()["id"].as_str().expect("an id").to_owned()
}

async fn submit(cluster: &Cluster, task: &str, n: Range<usize>, seconds: f64) -> Vec<String> {
    let path = format!("/api/tasks/{task}/execute");
    let one = async |n: usize| {
        let body = json!({"inputs": {"n": n, "seconds": seconds}});
        let key = format!("{seconds}-{n}");
        let answer = cluster.ask(Method::POST, &path, &key, Some(&body)).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json()["run_id"].as_str().expect("an id").to_owned()
    };
    stream::iter(n).map(one).buffered(AT_ONCE).collect().await
}

/// How many runs of the task are in that state.
async fn in_state(cluster: &Cluster, task: &str, state: &str) -> u64 {
    let path = format!("/api/runs?task={task}&state={state}&limit=1");
    let page = cluster.get(&path).await;
    page["total"].as_u64().expect("a number")
}

/// How many processes of endless runs there are.
fn large(cluster: &Cluster) -> usize {
    let living = cluster.workers.iter().filter(|worker| !worker.killed);
    living.map(|worker| worker.processes_over(LARGE)).sum()
}

/// Waits until every slot is taken, the endless ones by processes that can be told apart.
async fn all_running(cluster: &Cluster, task: &str) {
    let begun = Instant::now();
    while large(cluster) < ENDLESS
        || in_state(cluster, task, "running").await < (WORKERS * SLOTS) as u64
    {
        assert!(begun.elapsed() < OVERCOME_WITHIN, "not every slot is taken");
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
