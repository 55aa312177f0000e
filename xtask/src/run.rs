//! Running other programs, and saying what is done and how long it took.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// The cargo that runs this program, in the checkout.
pub fn cargo(root: &Path) -> Command {
    let mut command =
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(root);
    command
}

/// Runs a program whose output the reader should see, and fails unless it ended well.
pub fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| {
        format!("{name} could not be started. Run scripts/setup, which installs what is missing")
    })?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

/// Does one step and reports its time.
pub fn timed<T>(label: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let value = step().with_context(|| format!("{label} failed"))?;
    report(label, &format!("{:.1} s", start.elapsed().as_secs_f64()));
    Ok(value)
}

pub fn report(label: &str, outcome: &str) {
    eprintln!("  {label:<14} {outcome}");
}
