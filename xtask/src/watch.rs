//! The watch loop of `make dev`: build, serve, and start again when a source file changes.
//!
//! It asks for the times of a few hundred files three times a second, which costs less than a
//! watcher would add to the set-up. A build that fails leaves the running server alone.

use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::binaries;
use crate::fingerprint::{Fingerprint, files_below};
use crate::layout::Layout;
use crate::site;

/// What the two halves are built from, and what the server reads while it runs.
const WATCHED: [&str; 10] = [
    "app",
    "crates",
    "frontend",
    "server",
    "worker",
    "style",
    "public",
    "migrations",
    "examples",
    "sdk/python",
];

/// How often the files are looked at.
const TICK: Duration = Duration::from_millis(300);

/// How long a server gets to finish what it is doing before it is replaced.
const STOP_TICKS: u32 = 20;

pub fn run(layout: &Layout) -> Result<()> {
    let mut server: Option<Child> = None;
    loop {
        let seen = state_of_sources(layout)?;
        match site::build(layout).and_then(|_| binaries::build(layout)) {
            Ok(()) => {
                if let Some(old) = server.take() {
                    stop(old)?;
                }
                server = Some(start(layout)?);
            }
            Err(error) => eprintln!("{error:#}\nThe server that runs is still the one before."),
        }
        while state_of_sources(layout)? == seen {
            sleep(TICK);
        }
        eprintln!("A source file changed.");
    }
}

fn start(layout: &Layout) -> Result<Child> {
    Command::new(layout.binary("mecapy-server"))
        .arg("serve")
        .current_dir(&layout.root)
        .env("MECAPY_SITE_DIR", layout.site())
        .spawn()
        .context("the server could not be started")
}

/// Asks the server to stop, and ends it when it does not.
fn stop(mut server: Child) -> Result<()> {
    let pid = i32::try_from(server.id())
        .ok()
        .and_then(Pid::from_raw)
        .context("the server has no process id")?;
    if server.try_wait()?.is_none() {
        kill_process(pid, Signal::TERM)?;
    }
    for _ in 0..STOP_TICKS {
        if server.try_wait()?.is_some() {
            return Ok(());
        }
        sleep(TICK);
    }
    server.kill()?;
    server.wait()?;
    Ok(())
}

fn state_of_sources(layout: &Layout) -> Result<String> {
    let mut print = Fingerprint::default();
    for folder in WATCHED {
        let folder = layout.root.join(folder);
        if !folder.exists() {
            continue;
        }
        for file in files_below(&folder)? {
            if file
                .components()
                .any(|part| part.as_os_str() == "__pycache__")
            {
                continue;
            }
            // A file may vanish between the listing and the look, as editors replace files.
            print = match Fingerprint::default().modified(&file) {
                Ok(one) => print.text(&one.finish()),
                Err(_) => print.text("gone"),
            };
        }
    }
    Ok(print.finish())
}
