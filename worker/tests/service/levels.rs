//! The lower levels: only when asked for, with a warning everywhere, and still holding.

use crate::harness::{PRELUDE, Request, Started, User, start, workers};
use serde_json::json;

const ATTACK: &str = r#"
def calculate():
    return {
        "shadow": attempt(open, "/etc/shadow"),
        "environ": attempt(open, "/proc/self/environ"),
        "write": attempt(open, "/tmp/mecapy-evil", "w"),
        "socket": attempt(socket.socket),
        "fork": attempt(os.fork),
        "kill": attempt(os.kill, -1, 0),
        "exec": attempt(os.execv, "/bin/true", ["true"]),
        "uid": os.geteuid() == 0,
    }
"#;

fn seen(worker: &Started) -> serde_json::Value {
    worker
        .run(&Request::new(format!("{PRELUDE}{ATTACK}")))
        .result()
}

fn lower(level: &str) -> Vec<Started> {
    workers()
        .iter()
        .map(|worker| {
            start(
                worker.user,
                &[
                    ("MECAPY_SANDBOX_LEVEL", level),
                    ("MECAPY_WORKER_SLOTS", "4"),
                ],
            )
        })
        .collect()
}

#[track_caller]
fn warned(worker: &Started, level: &str) {
    let health: serde_json::Value = serde_json::from_str(&worker.get("/healthz").1).expect("JSON");
    assert_eq!(health["sandbox_level"], level);
    assert_eq!(health["slots"], 1, "runs share a user, so one at a time");
    assert!(
        health["warnings"][0]
            .as_str()
            .is_some_and(|text| text.contains(level)),
        "{health}"
    );
    let run = worker.run(&Request::new("def calculate():\n    return 1"));
    assert_eq!(
        run.started
            .as_ref()
            .map(|started| started.sandbox_level.as_str()),
        Some(level)
    );
    assert!(
        run.notes.contains(level),
        "every result says so: {:?}",
        run.notes
    );
}

#[test]
fn filtered_still_holds() {
    for worker in lower("filtered") {
        warned(&worker, "filtered");
        assert_eq!(
            seen(&worker),
            json!({
                "shadow": "EACCES", "environ": "EACCES", "write": "EACCES", "socket": "EPERM",
                "fork": "EPERM", "kill": "EPERM", "exec": "EPERM", "uid": false,
            }),
            "{:?}",
            worker.user
        );
    }
}

#[test]
fn host_sandboxed_still_holds() {
    for worker in lower("host-sandboxed") {
        warned(&worker, "host-sandboxed");
        let seen = seen(&worker);
        for denied in ["socket", "fork", "kill", "exec"] {
            assert_eq!(seen[denied], "EPERM", "{seen}");
        }
        // Files are the platform's to guard; only the user's own rights stand here.
        assert_eq!(seen["shadow"], "EACCES");
        assert_eq!(seen["uid"], false);
    }
}

#[test]
fn limits_hold_at_every_level() {
    for level in ["filtered", "host-sandboxed"] {
        let worker = start(User::Own, &[("MECAPY_SANDBOX_LEVEL", level)]);
        let endless = "def calculate():\n    while True: pass";
        worker
            .run(&Request::new(endless).limit("cpu_s", 1))
            .fails_as("timeout", "processor time");
        let sleep = "import time\ndef calculate():\n    time.sleep(100)";
        worker
            .run(&Request::new(sleep).limit("wall_s", 1))
            .fails_as("timeout", "wall time");
        let memory = "def calculate():\n    return len(bytearray(400_000_000))";
        worker
            .run(&Request::new(memory).limit("memory_mb", 100))
            .fails_as("out_of_memory", "100 MB");
        assert_eq!(worker.run(&Request::new(memory)).result(), 400_000_000);
    }
}
