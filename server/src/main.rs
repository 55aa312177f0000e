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
mod metrics;
mod middleware;
mod multipart;
mod objects;
mod pages;
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
use config::ServerConfig;
use environment::Environment;
use serve::Role;
use spans::Spans;
use std::{error::Error, process::ExitCode};
use token::TokenCommand;
use tokio::runtime::Handle;

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
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error, 1),
    };
    match command {
        Command::Version => {
            terminal::say(concat!("mecapy-server ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        Command::Token { command } => ended(runtime.block_on(token::run(command))),
        Command::Serve { role, once } => match configured(runtime.handle()) {
            Ok((config, spans)) => {
                let code = ended(runtime.block_on(serve::serve(config, role, once)));
                if let Some(spans) = spans {
                    spans.finish();
                }
                code
            }
            Err(error) => refuse(&*error, 2),
        },
        Command::Doctor => match configured(runtime.handle()) {
            Ok((config, _)) if runtime.block_on(doctor::examine(&config)) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(error) => refuse(&*error, 2),
        },
    }
}

fn ended<E: Error>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => refuse(&error, 1),
    }
}

fn configured(runtime: &Handle) -> Result<(ServerConfig, Option<Spans>), Box<dyn Error>> {
    let environment = Environment::read()?;
    let (spans, heard) = spans::start(&environment, runtime)?.unzip();
    logging::start(&environment, heard)?;
    Ok((ServerConfig::from_environment(&environment)?, spans))
}

/// Says to the person at the terminal why it did not work.
fn refuse(error: &dyn Error, code: u8) -> ExitCode {
    eprintln!("mecapy-server: {error}");
    ExitCode::from(code)
}
