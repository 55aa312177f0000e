//! A real worker for the tests to talk to: as whoever runs the tests, and, when that is root, as an
//! ordinary user too. Every promise is checked against each of them.
#![allow(dead_code, unused_imports, reason = "every suite uses its own part")]

mod client;
pub mod control;
mod start;
pub mod store;

pub use client::{Chunks, Request, Run, TOKEN, execute, rest, send};
pub use sandbox::Level;
pub use start::{
    Started, checkout, descendants, fails_to_start, forbidding_namespaces, parent, python, start,
    start_read_only,
};

use std::sync::OnceLock;

/// Who the worker under test runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Whoever runs the tests.
    Own,
    /// An ordinary user without a home, a group or a name of its own.
    Nobody,
}

static LEVEL: OnceLock<Level> = OnceLock::new();

/// Makes the workers of this process run at a lower level; before any has been asked for.
pub fn choose(level: Level) {
    LEVEL.set(level).expect("one level for one process");
}

/// Whether the workers run at the level without conditions.
pub fn is_full() -> bool {
    level() == Level::Full
}

fn level() -> Level {
    *LEVEL.get_or_init(|| Level::Full)
}

/// The workers that a suite shares.
pub fn workers() -> &'static [Started] {
    static WORKERS: OnceLock<Vec<Started>> = OnceLock::new();
    WORKERS.get_or_init(|| {
        let mut users = vec![User::Own];
        if rustix::process::geteuid().is_root() {
            users.push(User::Nobody);
        }
        users
            .into_iter()
            .map(|user| {
                start(
                    user,
                    &[
                        ("MECAPY_WORKER_SLOTS", "2"),
                        ("MECAPY_SANDBOX_LEVEL", level().as_str()),
                        ("TEST_SECRET", SECRET),
                    ],
                )
            })
            .collect()
    })
}

/// A secret in the worker's own environment.
pub const SECRET: &str = "correct horse battery staple";

/// Runs `code` on every worker and hands each outcome to `check`; afterwards the worker must still
/// serve an honest run.
pub fn on_every_worker(request: &Request, check: impl Fn(&Run)) {
    for worker in workers() {
        let run = worker.run(request);
        eprintln!("as {:?}: {}", worker.user, run.describe());
        check(&run);
        let honest = worker.run(&Request::new("def calculate():\n    return 42"));
        assert_eq!(honest.result_text(), "42", "the worker serves the next run");
    }
}

/// The value that an attack reports, on every worker: what `attack()` of the code returned.
pub fn attack(code: &str, check: impl Fn(&serde_json::Value)) {
    let request = Request::new(format!(
        "{PRELUDE}{code}\ndef calculate():\n    return attack()\n"
    ));
    on_every_worker(&request, |run| check(&run.result()));
}

/// Every outcome is that of a path that does not exist: without a root of its own, one that Landlock
/// hides.
#[track_caller]
pub fn not_there(outcomes: &serde_json::Value) {
    let hidden: &[&str] = if is_full() {
        &["ENOENT"]
    } else {
        &["ENOENT", "EACCES"]
    };
    let one = std::slice::from_ref(outcomes);
    for outcome in outcomes.as_array().map_or(one, Vec::as_slice) {
        let outcome = outcome.as_str().unwrap_or_default();
        assert!(hidden.contains(&outcome), "{outcomes}");
    }
}

/// What attacks are written with: `attempt` tells what a call did, or the name of its error.
pub const PRELUDE: &str = r#"
import ctypes, errno, os, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(call, *arguments):
    try:
        call(*arguments)
        return "did"
    except OSError as problem:
        return errno.errorcode.get(problem.errno, type(problem).__name__)
def system_call(number, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) for one in arguments])
    return "did" if answer >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")
"#;

/// The same word `count` times, as a list.
pub fn repeated(word: &str, count: usize) -> serde_json::Value {
    vec![word; count].into()
}
