//! `mecapy-server`: pages, REST, and the dispatcher of runs.
//!
//! Everything it is told comes from the environment and a file of the same names; see
//! [`environment`] and the table in `domain::settings`. It prints to people on stdout, logs on
//! stderr, and ends with 0, with 1 when it could not do its work, or with 2 when a setting or an
//! argument is wrong.

// The type of a page is as deep as its elements.
#![recursion_limit = "512"]

mod api;
mod config;
mod connections;
mod data_lock;
mod doctor;
mod environment;
mod export;
mod extract;
mod first_start;
mod health;
mod language;
mod logging;
mod middleware;
mod multipart;
mod objects;
mod pages;
mod problem;
mod router;
mod serve;
mod shared;
mod site;
mod state;
mod terminal;
mod worker_process;

use clap::{Parser, Subcommand};
use config::ServerConfig;
use environment::Environment;
use serve::Role;
use std::{error::Error, process::ExitCode};

/// Write calculations in Python, run them isolated, share their results.
#[derive(Debug, Parser)]
#[command(name = "mecapy-server", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server; what happens when no command is given.
    Serve {
        /// Which of the server's jobs this process does.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
        /// Run the bolt example, print its result and share link, and end.
        #[arg(long)]
        once: bool,
    },
    /// Say what this machine lacks, and the remedy.
    Doctor,
    /// Print the version.
    Version,
}

fn main() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Serve {
        role: Role::All,
        once: false,
    });
    if matches!(command, Command::Version) {
        terminal::say(concat!("mecapy-server ", env!("CARGO_PKG_VERSION")));
        return ExitCode::SUCCESS;
    }
    let config = match configured() {
        Ok(config) => config,
        Err(error) => return refuse(&*error, 2),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error, 1),
    };
    match command {
        Command::Serve { role, once } => match runtime.block_on(serve::serve(config, role, once)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse(&error, 1),
        },
        Command::Doctor if runtime.block_on(doctor::examine(&config)) => ExitCode::SUCCESS,
        Command::Doctor => ExitCode::from(1),
        Command::Version => ExitCode::SUCCESS,
    }
}

fn configured() -> Result<ServerConfig, Box<dyn Error>> {
    let environment = Environment::read()?;
    logging::start(&environment)?;
    Ok(ServerConfig::from_environment(&environment)?)
}

/// Says to the person at the terminal why it did not work.
fn refuse(error: &dyn Error, code: u8) -> ExitCode {
    eprintln!("mecapy-server: {error}");
    ExitCode::from(code)
}
