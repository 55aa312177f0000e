//! `mecapy-worker`: executes runs of untrusted Python. It knows no users, no database, no queue,
//! and holds no secret: of the token its callers show it has the SHA-256 only.
//!
//! ```text
//! main ── serve: settings, self-test of the jail, listening, graceful stop
//!      │      execute ── a slot, a process of the pool, one run::Run
//!      │      pool ───── zygotes, and processes made ahead of time
//!      └─ launch-zygote: this program again, which builds a jail and becomes the interpreter
//! ```

mod cgroup;
mod config;
mod execute;
mod health;
mod interpreter;
mod metrics;
mod pool;
mod problem;
mod run;
mod self_test;
mod serve;
mod state;
mod zygote;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(zygote::LAUNCH_ARGUMENT) => zygote::launcher_main(),
        Some(self_test::SELF_TEST_ARGUMENT) => self_test::main(),
        None => serve::main(),
        Some(other) => {
            eprintln!(
                "mecapy-worker takes no arguments; {other} is not known. Settings are environment variables."
            );
            ExitCode::FAILURE
        }
    }
}
