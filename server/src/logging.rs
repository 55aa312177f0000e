//! What this process logs, as its settings say; see [`telemetry::log`].

use crate::environment::Environment;
use telemetry::log::{Further, LogConfig, LogError};

/// Installs the subscriber of this process, and what hears the same.
///
/// # Errors
/// A filter or format that is not one.
pub fn start(env: &Environment, further: Option<Further>) -> Result<(), LogError> {
    config(env)?.start(further)
}

/// What is logged, by the server and by its worker.
///
/// # Errors
/// A format that is not one.
pub fn config(env: &Environment) -> Result<LogConfig, LogError> {
    LogConfig::new(env.get("MECAPY_LOG"), env.get("MECAPY_LOG_FORMAT"))
}
