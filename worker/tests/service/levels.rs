//! The lower levels: only when asked for, with a warning everywhere, and still holding.

use crate::harness::{
    PRELUDE, Request, Started, User, control, repeated, start, start_read_only, workers,
};
use serde_json::json;
use std::{
    os::unix::process::CommandExt,
    process::{Child, Command},
};

const ATTACK: &str = r#"
import fcntl
def calculate():
    zygote = os.getppid()
    return {
        "zygote": [attempt(open, f"/proc/{zygote}/{file}", "rb") for file in ("mem", "maps", "environ")],
        "owner": [attempt(fcntl.fcntl, 2, command, zygote) for command in (fcntl.F_SETOWN, fcntl.F_SETSIG, 15)],
        "datagram": attempt(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM),
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
                "zygote": ["EACCES", "EACCES", "EACCES"], "owner": ["EPERM", "EPERM", "EPERM"],
                "datagram": "EPERM", "shadow": "EACCES", "environ": "EACCES", "write": "EACCES", "socket": "EPERM",
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
        for denied in ["socket", "fork", "kill", "exec", "datagram"] {
            assert_eq!(seen[denied], "EPERM", "{seen}");
        }
        assert_eq!(seen["owner"], repeated("EPERM", 3));
        assert_eq!(seen["zygote"], repeated("EACCES", 3));
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

#[test]
fn what_the_lower_levels_refuse_works_where_nothing_refuses_it() {
    let code = r#"
import fcntl
def attack():
    parent = os.getpid()
    if (child := os.fork()) == 0:
        outcomes = [
            attempt(open, f"/proc/{parent}/mem", "rb"),
            attempt(fcntl.fcntl, 2, fcntl.F_SETOWN, parent),
            attempt(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM),
        ]
        os._exit(outcomes.count("did"))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"#;
    assert_eq!(control::unconfined(code), 3);
}

#[test]
fn a_run_is_gone_when_the_next_one_may_begin() {
    let code = r#"
import os, threading
def calculate():
    for _ in range(4): threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
    kept = bytearray(500_000_000)
    kept[::4096] = b"x" * len(kept[::4096])
    return os.getpid()
"#;
    for level in ["filtered", "host-sandboxed"] {
        for worker in lower(level) {
            for _ in 0..3 {
                let pid = worker.run(&Request::new(code)).result();
                let left = std::path::PathBuf::from(format!("/proc/{pid}"));
                assert!(!left.exists(), "{level}: process {pid} goes on");
            }
        }
    }
}

#[test]
fn a_user_with_many_processes_still_has_threads() {
    let code = r#"
import threading
def calculate():
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(THREADS)]
    try:
        for thread in threads: thread.start()
    finally: stop.set()
    return len(threads)
"#;
    for level in ["filtered", "host-sandboxed"] {
        for worker in lower(level) {
            let run = |threads: &str| worker.run(&Request::new(code.replace("THREADS", threads)));
            let uid = user_of(*worker.runs().first().expect("a process that waits"));
            let others = Others::of(uid);
            // Those that waited already were made before the others were there.
            for _ in 0..3 {
                run("0");
                worker.all_ready();
            }
            let (some, bomb) = (run("32"), run("1000"));
            drop(others);
            assert_eq!(some.result(), 32, "{level}: {}", some.describe());
            assert!(bomb.error().1.contains("thread"), "{}", bomb.describe());
        }
    }
}

/// More processes than a run may have threads.
const OTHERS: usize = 80;

fn user_of(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let first = line.and_then(|line| line.split_whitespace().next());
    first.and_then(|uid| uid.parse().ok()).expect("a number")
}

/// Processes of a user that do nothing; dropping them ends them.
struct Others(Vec<Child>);

impl Others {
    fn of(uid: u32) -> Self {
        let mut command = Command::new("sleep");
        command.arg("120");
        if rustix::process::geteuid().is_root() {
            command.uid(uid);
        }
        let other = |_| command.spawn().expect("it starts");
        Self((0..OTHERS).map(other).collect())
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        for other in &mut self.0 {
            let _ = other.kill();
            let _ = other.wait();
        }
    }
}

#[test]
fn no_folder_needs_to_be_writable() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let drawn = Request::new(
        "import matplotlib.pyplot as plt\ndef calculate():\n    return plt.plot([1, 2])[0].figure",
    );
    for level in ["filtered", "host-sandboxed"] {
        for user in [User::Own, User::Nobody] {
            let worker = start_read_only(user, &[("MECAPY_SANDBOX_LEVEL", level)]);
            let run = worker.run(&drawn);
            assert_eq!(run.result()["format"], "svg", "{level} as {user:?}");
            assert_eq!(run.stderr, "", "{level} as {user:?}");
        }
    }
}
