//! No run is lost: not when the worker dies under it, not when the server does.

use crate::support::{DataDir, ENDLESS, Server, eventually, send_signal};
use rustix::process::Signal;
use serde_json::json;

/// Goes on long enough to be cut off.
const SLOW: &str = "def calculate():\n    import time\n    print('begun', flush=True)\n    time.sleep(4)\n    return 'done'\n";

#[tokio::test]
async fn a_run_whose_worker_is_killed_is_tried_again_and_completes() {
    let server = Server::start();
    let run = server.begun(SLOW).await;
    let worker = server.worker_pid();
    send_signal(worker, Signal::KILL);
    let events = server.sse(&run, 0).await.rest().await;
    let told = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert!(told("requeued") >= 1, "{events:?}");
    assert!(told("attempt") >= 2, "{events:?}");
    let last = events.last().expect("an event");
    assert_eq!(last["status"], "completed", "{last}");
    assert_ne!(server.worker_pid(), worker);
    assert_eq!(
        server.get(&format!("/api/runs/{run}/result")).await.json(),
        json!("done")
    );
}

#[tokio::test]
async fn an_idle_worker_that_is_killed_is_started_again() {
    let server = Server::start();
    let worker = server.worker_pid();
    send_signal(worker, Signal::KILL);
    let run = server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    assert_eq!(run["status"], "completed", "{run}");
    assert_eq!(run["attempt"], 1, "waiting for a worker is no attempt");
}

#[tokio::test]
async fn a_run_whose_server_is_killed_is_finished_by_the_next_one() {
    let mut first = Server::start();
    let run = first.begun(SLOW).await;
    // Both slots are taken, so this one waits.
    first.begun(ENDLESS).await;
    let code = json!({"code": "def calculate():\n    return 2\n"});
    let waiting = first.post("/api/tasks/execute", &code).await.json();
    let waiting = waiting["run_id"].as_str().expect("an id").to_owned();
    first.queued(&waiting).await;
    let worker = first.worker_pid();
    first.signal(Signal::KILL);
    first.ended();
    eventually("the orphaned worker ends", || {
        (!std::path::Path::new(&format!("/proc/{worker}")).exists()).then_some(())
    });
    let data = std::mem::replace(&mut first.data, DataDir::new());
    let second = Server::start_on(data, &[]);
    for run in [run, waiting] {
        let events = second.sse(&run, 0).await.rest().await;
        assert_eq!(events.last().expect("an event")["status"], "completed");
    }
}

#[tokio::test]
async fn a_run_under_way_when_the_server_stops_goes_on_after_the_next_start() {
    let mut first = Server::start();
    let run = first.begun(SLOW).await;
    first.signal(Signal::TERM);
    assert!(first.ended().success());
    let data = std::mem::replace(&mut first.data, DataDir::new());
    let second = Server::start_on(data, &[]);
    let events = second.sse(&run, 0).await.rest().await;
    assert!(
        events.iter().any(|event| event["event"] == "requeued"),
        "it was given back: {events:?}"
    );
    assert_eq!(events.last().expect("an event")["status"], "completed");
}

#[tokio::test]
async fn a_stopping_server_does_not_wait_for_those_who_follow_a_run() {
    let mut server = Server::start();
    let run = server.begun(ENDLESS).await;
    let reader = server.sse(&run, 0).await;
    server.signal(Signal::TERM);
    let begun = std::time::Instant::now();
    assert!(server.ended().success());
    assert!(begun.elapsed().as_secs() < 10);
    reader.rest().await;
}
