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

const DEFAULT_FILTER: &str = "info";

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
    let text = env.get("MECAPY_LOG").unwrap_or(DEFAULT_FILTER);
    let filter = EnvFilter::try_new(text).map_err(|source| LoggingError::Filter {
        value: text.to_owned(),
        source,
    })?;
    let human = match env.get("MECAPY_LOG_FORMAT") {
        None => io::stderr().is_terminal(),
        Some("human") => true,
        Some("json") => false,
        Some(other) => return Err(LoggingError::Format(other.to_owned())),
    };
    let builder = fmt().with_env_filter(filter).with_writer(io::stderr);
    if human {
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
