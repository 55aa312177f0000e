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
mod cost;
mod data_lock;
mod doctor;
mod environment;
mod export;
mod extract;
mod first_start;
#[cfg(test)]
mod fuzzed;
mod health;
mod language;
mod logging;
mod maintenance;
mod metrics;
mod middleware;
mod multipart;
mod objects;
mod pages;
mod probe;
mod problem;
mod router;
mod serve;
mod shared;
mod site;
mod spans;
mod state;
mod terminal;
mod token;
mod worker_process;

use clap::{Parser, Subcommand};
use config::{ConfigError, ServerConfig};
use environment::Environment;
use serve::Role;
use spans::Spans;
use std::{error::Error, path::PathBuf, process::ExitCode};
use token::TokenCommand;
use tokio::runtime::Runtime;

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
    /// Say what runs cost on serverless containers, and what the reference document's phases cost at its own prices.
    Cost(cost::Load),
    /// Ask the server that listens on MECAPY_ADDR whether it is alive; for the health checks of containers.
    Probe,
    /// Bring the database to this version; servers do it too when they start.
    Migrate,
    /// Write everything that is stored into a new folder; stop the server before.
    Export {
        /// It must not exist, or be empty.
        folder: PathBuf,
    },
    /// Take everything out of an exported folder into an empty database and object store.
    Import {
        /// What `export` has written.
        folder: PathBuf,
    },
    /// Remove for good what was deleted more than 30 days ago, and objects that no run names.
    Prune,
    /// Make, list and revoke API tokens, whether the server runs or not.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Print the version.
    Version,
}

fn main() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or(Command::Serve {
        role: Role::All,
        once: false,
    });
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error, 1),
    };
    match command {
        Command::Version => {
            terminal::say(concat!("mecapy-server ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        Command::Cost(load) => {
            terminal::say(&cost::report(&load));
            ExitCode::SUCCESS
        }
        Command::Probe => ended(probe::probe()),
        Command::Token { command } => ended(runtime.block_on(token::run(command))),
        Command::Migrate => maintain(&runtime, maintenance::migrate),
        Command::Export { folder } => {
            maintain(&runtime, |config| maintenance::export(config, folder))
        }
        Command::Import { folder } => {
            maintain(&runtime, |config| maintenance::import(config, folder))
        }
        Command::Prune => maintain(&runtime, maintenance::prune),
        Command::Serve { role, once } => match configured(&runtime, ServerConfig::from_environment)
        {
            Ok((config, spans)) => {
                let code = ended(runtime.block_on(serve::serve(config, role, once)));
                if let Some(spans) = spans {
                    spans.finish();
                }
                code
            }
            Err(error) => refuse(&*error, 2),
        },
        Command::Doctor => match configured(&runtime, ServerConfig::from_environment) {
            Ok((config, _)) if runtime.block_on(doctor::examine(&config)) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(error) => refuse(&*error, 2),
        },
    }
}

/// Does something to what is stored.
fn maintain<F>(runtime: &Runtime, what: impl FnOnce(ServerConfig) -> F) -> ExitCode
where
    F: Future<Output = Result<(), maintenance::MaintenanceError>>,
{
    match configured(runtime, ServerConfig::of_what_is_stored) {
        Ok((config, _)) => ended(runtime.block_on(what(config))),
        Err(error) => refuse(&*error, 2),
    }
}

fn ended<E: Error>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error, 1),
    }
}

fn configured(
    runtime: &Runtime,
    read: impl FnOnce(&Environment) -> Result<ServerConfig, ConfigError>,
) -> Result<(ServerConfig, Option<Spans>), Box<dyn Error>> {
    let environment = Environment::read()?;
    let (spans, heard) = spans::start(&environment, runtime.handle())?.unzip();
    logging::start(&environment, heard)?;
    Ok((read(&environment)?, spans))
}

/// Says to the person at the terminal why it did not work.
fn refuse(error: &dyn Error, code: u8) -> ExitCode {
    eprintln!("mecapy-server: {error}");
    ExitCode::from(code)
}
