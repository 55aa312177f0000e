//! Before the worker listens, a process of its own builds the jail and tries to get out of it.

use crate::interpreter::Environment;
use anyhow::{Context, bail, ensure};
use sandbox::{
    Jail, Level,
    self_test::{self, Check},
};
use std::{
    io::Write,
    process::{Command, ExitCode, Stdio},
};

/// The argument that makes this program test the jail it reads from standard input.
pub const SELF_TEST_ARGUMENT: &str = "self-test";

/// Fails, in words, when a layer that the level demands does not hold here.
pub fn demand(environment: &Environment, level: Level) -> anyhow::Result<()> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(SELF_TEST_ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("the self-test cannot be started")?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&serde_json::to_vec(&environment.jail)?)?;
    }
    let output = child.wait_with_output()?;
    let level_name = level.as_str();
    if !output.status.success() {
        bail!(
            "the sandbox level {level_name} cannot be had on this system: {}. Allow user namespaces, or \
             set MECAPY_SANDBOX_LEVEL to a lower level where the platform itself isolates.",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let checks: Vec<Check> =
        serde_json::from_slice(&output.stdout).context("the self-test answers nonsense")?;
    let broken: Vec<_> = checks
        .iter()
        .filter(|check| !check.holds)
        .map(|check| check.promise.as_str())
        .collect();
    ensure!(
        broken.is_empty() && !checks.is_empty(),
        "the sandbox level {level_name} does not hold on this system; broken: {}.",
        broken.join(", ")
    );
    tracing::info!(promises = checks.len(), "self-test passed");
    Ok(())
}

/// What this program does under [`SELF_TEST_ARGUMENT`].
pub fn main() -> ExitCode {
    let jail: Jail = match serde_json::from_reader(std::io::stdin()) {
        Ok(jail) => jail,
        Err(error) => {
            eprintln!("the self-test does not know what to build: {error}");
            return ExitCode::FAILURE;
        }
    };
    match self_test::run(&jail) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
