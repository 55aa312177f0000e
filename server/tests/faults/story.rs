//! A run's events as a client reads them that is cut off now and then.

use crate::cluster::{Cluster, OVERCOME_WITHIN};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

const PAUSE: Duration = Duration::from_millis(100);
/// A stream says something at least this often (its keep-alive), else it is opened again.
const SILENCE: Duration = Duration::from_secs(40);

/// Follows a run to its end, from whichever web server answers, always from where it was.
pub async fn follow(cluster: &Cluster, run: &str, turn: usize) -> Vec<Value> {
    let begun = Instant::now();
    let mut events: Vec<Value> = Vec::new();
    let mut turn = turn;
    loop {
        let after = events.len();
        let web = cluster.webs.iter().flatten().nth(turn % 2);
        let web = web.or(cluster.webs.iter().flatten().next());
        let request = web
            .expect("a web server is left")
            .request(reqwest::Method::GET, &format!("/api/runs/{run}/events"))
            .header("Last-Event-ID", after.to_string());
        if let Ok(mut response) = request.send().await
            && response.status() == 200
        {
            let mut text = String::new();
            while let Ok(Ok(Some(chunk))) = timeout(SILENCE, response.chunk()).await {
                text.push_str(std::str::from_utf8(&chunk).expect("events are UTF-8"));
                while let Some(end) = text.find("\n\n") {
                    let block: String = text.drain(..end + 2).collect();
                    let data = block.lines().find_map(|line| line.strip_prefix("data: "));
                    let data = data.map(|data| serde_json::from_str::<Value>(data).expect("JSON"));
                    events.extend(data);
                }
            }
        }
        if events
            .last()
            .is_some_and(|last| last["event"] == "finished")
        {
            return events;
        }
        assert!(begun.elapsed() < OVERCOME_WITHIN, "{run}: {events:#?}");
        turn += 1;
        sleep(PAUSE).await;
    }
}
