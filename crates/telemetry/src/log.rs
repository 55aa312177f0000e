//! The log: for people on a terminal, JSON lines elsewhere, always on stderr.
//!
//! What others' crates write below `info` may quote anything that passes through them: bodies,
//! headers, whole WebSocket messages. Those lines are never written, whatever the filter asks for.

use std::{
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, LevelFilter, ParseError, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Crates whose lines are known to hold nothing of a user.
const OURS: &[&str] = &[
    "mecapy_server",
    "mecapy_worker",
    "platform",
    "app",
    "domain",
    "protocol",
    "sandbox",
    "mecapy_jail",
    "telemetry",
];

/// On a terminal a program's few words are not to drown in its log.
const HUMAN_FILTER: &str = "warn";
const JSON_FILTER: &str = "info";

/// What hears the same as the log, such as an exporter of spans.
pub type Further = Box<dyn Layer<Registry> + Send + Sync>;

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// For example `info,platform=debug`.
    pub filter: String,
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
}

impl Format {
    /// As `MECAPY_LOG_FORMAT` names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("MECAPY_LOG={value} is not a log filter: {source}. Use error, warn, info or debug.")]
    Filter { value: String, source: ParseError },
    #[error("MECAPY_LOG_FORMAT={0} is not a form of the log. Use human or json.")]
    Format(String),
}

impl LogConfig {
    /// From `MECAPY_LOG` and `MECAPY_LOG_FORMAT`, as far as they are set.
    ///
    /// # Errors
    /// There is no such format.
    pub fn new(filter: Option<&str>, format: Option<&str>) -> Result<Self, LogError> {
        let format = match format {
            Some("human") => Format::Human,
            Some("json") => Format::Json,
            Some(other) => return Err(LogError::Format(other.to_owned())),
            None if io::stderr().is_terminal() => Format::Human,
            None => Format::Json,
        };
        let default = match format {
            Format::Human => HUMAN_FILTER,
            Format::Json => JSON_FILTER,
        };
        Ok(Self {
            filter: filter.unwrap_or(default).to_owned(),
            format,
        })
    }

    /// Installs the subscriber of this process, and what logs its panics.
    ///
    /// # Errors
    /// The filter is none.
    pub fn start(&self, further: Option<Further>) -> Result<(), LogError> {
        let filter = EnvFilter::try_new(&self.filter).map_err(|source| LogError::Filter {
            value: self.filter.clone(),
            source,
        })?;
        let lines = fmt::layer().with_writer(io::stderr);
        let lines = match self.format {
            Format::Human => lines
                .with_target(false)
                .with_ansi(io::stderr().is_terminal())
                .compact()
                .boxed(),
            // The list of spans has the innermost one too.
            Format::Json => lines
                .json()
                .flatten_event(true)
                .with_current_span(false)
                .boxed(),
        };
        // The hint leaves the decision how much is written to the other filter.
        let discreet = filter_fn(is_discreet).with_max_level_hint(LevelFilter::TRACE);
        tracing_subscriber::registry()
            .with(further)
            .with(lines.with_filter(filter.and(discreet)))
            .init();
        panic::set_hook(Box::new(log_panic));
        Ok(())
    }
}

/// Whether a line or span may be written at all: a span of others adds its fields to our lines.
#[must_use]
pub fn is_discreet(metadata: &Metadata<'_>) -> bool {
    is_ours(metadata) || (metadata.is_event() && *metadata.level() <= Level::INFO)
}

/// Whether a line or span is written by our own code.
#[must_use]
pub fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let first = target.split("::").next().unwrap_or(target);
    OURS.contains(&first)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_settings_a_terminal_shows_what_matters_and_a_file_everything() {
        let human = LogConfig::new(None, Some("human")).expect("a format");
        let json = LogConfig::new(None, Some("json")).expect("a format");
        assert_eq!(
            (human.filter.as_str(), json.filter.as_str()),
            ("warn", "info")
        );
        let asked = LogConfig::new(Some("debug"), Some("json")).expect("a format");
        assert_eq!(asked.filter, "debug");
    }

    #[test]
    fn an_unknown_format_is_refused() {
        let error = LogConfig::new(None, Some("xml")).expect_err("no format");
        assert!(error.to_string().contains("human or json"), "{error}");
    }
}
