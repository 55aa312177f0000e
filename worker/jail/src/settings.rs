//! What the worker tells the zygote at its start, in one environment variable.

use sandbox::Layers;
use serde::{Deserialize, Serialize};

/// The variable that holds [`JailSettings`] as JSON.
pub const SETTINGS_VARIABLE: &str = "MECAPY_JAIL";
/// The variable that holds the path of this library, for the interpreter.
pub const LIBRARY_VARIABLE: &str = "MECAPY_JAIL_LIBRARY";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JailSettings {
    pub layers: Layers,
    /// What a run may read where it has no root of its own.
    pub readable: Vec<String>,
}
