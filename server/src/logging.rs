//! The log: for people on a terminal, JSON lines elsewhere, always on stderr.
//!
//! Architecture invariant: no log line holds code, inputs, results, tokens, signed URLs or share
//! paths. Requests are logged by the route they matched, never by the path that was asked for.

use crate::environment::Environment;
use std::{
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

/// On a terminal the server's few words are not to drown in its log.
const HUMAN_FILTER: &str = "warn";
const JSON_FILTER: &str = "info";

#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    #[error("MECAPY_LOG={value} is not a log filter: {source}. Use error, warn, info or debug.")]
    Filter { value: String, source: ParseError },
    #[error("MECAPY_LOG_FORMAT={0} is not a form of the log. Use human or json.")]
    Format(String),
}

/// Installs the subscriber of this process.
///
/// # Errors
/// A filter or format that is not one.
pub fn start(env: &Environment) -> Result<(), LoggingError> {
    if let Some(format) = env.get("MECAPY_LOG_FORMAT")
        && !["human", "json"].contains(&format)
    {
        return Err(LoggingError::Format(format.to_owned()));
    }
    let text = filter(env);
    let filter = EnvFilter::try_new(text).map_err(|source| LoggingError::Filter {
        value: text.to_owned(),
        source,
    })?;
    let builder = fmt().with_env_filter(filter).with_writer(io::stderr);
    if is_human(env) {
        builder
            .with_target(false)
            .with_ansi(io::stderr().is_terminal())
            .compact()
            .init();
    } else {
        builder.json().flatten_event(true).init();
    }
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// What is logged, by the server and by its worker.
#[must_use]
pub fn filter(env: &Environment) -> &str {
    let default = if is_human(env) {
        HUMAN_FILTER
    } else {
        JSON_FILTER
    };
    env.get("MECAPY_LOG").unwrap_or(default)
}

/// The form of the log, by the name that `MECAPY_LOG_FORMAT` has for it.
#[must_use]
pub fn format(env: &Environment) -> &'static str {
    if is_human(env) { "human" } else { "json" }
}

fn is_human(env: &Environment) -> bool {
    match env.get("MECAPY_LOG_FORMAT") {
        Some(format) => format == "human",
        None => io::stderr().is_terminal(),
    }
}

/// Only a message that is written in the program is logged: one that was put together may quote
/// what a user sent.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic.payload().downcast_ref::<&'static str>();
    let place = panic.location().map(ToString::to_string);
    tracing::error!(
        cause = message.copied().unwrap_or("(not shown)"),
        place = place.unwrap_or_default(),
        "panicked"
    );
}
