//! A run: its states, its errors, and what is known about it.

use crate::{RunId, TaskId, Timestamp, limits::Limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `queued → running → completed · failed · cancelled`, and `running → queued` when an attempt is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RunStatus {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl RunStatus {
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// No further event follows.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Why a run failed; stable names, shown to programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorKind {
    Python,
    Syntax,
    MissingCalculate,
    MissingPackage,
    InvalidInputs,
    Network,
    Timeout,
    OutOfMemory,
    OutputLimit,
    ResultTooLarge,
    Unserialisable,
    Killed,
    Infrastructure,
}

impl ErrorKind {
    pub const ALL: [Self; 13] = [
        Self::Python,
        Self::Syntax,
        Self::MissingCalculate,
        Self::MissingPackage,
        Self::InvalidInputs,
        Self::Network,
        Self::Timeout,
        Self::OutOfMemory,
        Self::OutputLimit,
        Self::ResultTooLarge,
        Self::Unserialisable,
        Self::Killed,
        Self::Infrastructure,
    ];

    /// As it is written in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Syntax => "syntax",
            Self::MissingCalculate => "missing_calculate",
            Self::MissingPackage => "missing_package",
            Self::InvalidInputs => "invalid_inputs",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::OutOfMemory => "out_of_memory",
            Self::OutputLimit => "output_limit",
            Self::ResultTooLarge => "result_too_large",
            Self::Unserialisable => "unserialisable",
            Self::Killed => "killed",
            Self::Infrastructure => "infrastructure",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunError {
    pub kind: ErrorKind,
    /// What happened, then what to do.
    pub message: String,
    /// Line of the user's code, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Python's traceback without our own frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceback: Option<String>,
}

/// The one value that stands for a result in lists: the one its author names, else the first scalar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    pub label: String,
    /// The value in the result encoding, as JSON text.
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A chart reduced to what a miniature needs: at most two series of at most 64 points, null is a gap.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Miniature {
    pub x: Vec<f64>,
    pub series: Vec<Vec<Option<f64>>>,
}

/// What differs from the run before, for the run list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RunChange {
    First,
    /// Another version of the code ran.
    Code {
        version: u32,
    },
    /// The first changed input, and how many more changed.
    Input {
        name: String,
        before: String,
        after: String,
        unit: Option<String>,
        others: u32,
    },
    Nothing,
}

/// What made a result, so that it can be checked and made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provenance {
    /// For example `3.11.7`.
    pub python: String,
    /// Package name to version, of the packages the worker offers.
    pub packages: BTreeMap<String, String>,
    /// SHA-256 of the lock file of the worker's environment, hexadecimal.
    pub packages_hash: String,
    pub sandbox_level: String,
    pub sandbox_layers: Vec<String>,
    /// SHA-256 of the code's UTF-8, hexadecimal.
    pub code_sha256: String,
    /// SHA-256 of the inputs' JSON as stored, hexadecimal.
    pub inputs_sha256: String,
    /// SHA-256 of the result's JSON as stored, hexadecimal; empty until completed.
    pub result_sha256: String,
}

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    pub id: RunId,
    pub task_id: TaskId,
    pub task_name: String,
    /// Counted per task, from 1.
    pub number: u32,
    pub version: u32,
    pub status: RunStatus,
    pub attempt: u32,
    pub enqueued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// Time the calculation itself took in the worker, milliseconds.
    pub wall_ms: Option<f64>,
    pub error: Option<RunError>,
    pub headline: Option<Headline>,
    pub change: RunChange,
}

/// Everything about one run but its result and its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunDetail {
    #[serde(flatten)]
    pub summary: RunSummary,
    /// The inputs as JSON text.
    pub inputs: String,
    pub limits: Limits,
    pub cpu_ms: Option<f64>,
    /// Peak memory above the worker's baseline, MB.
    pub memory_peak_mb: Option<f64>,
    pub provenance: Provenance,
    /// Bytes of the stored result.
    pub result_bytes: Option<u64>,
    /// Place in the queue from 1, while queued.
    pub position: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_one_name_each_wherever_they_are_written() {
        for kind in ErrorKind::ALL {
            let json = serde_json::to_value(kind).expect("kinds are words");
            assert_eq!(json, kind.as_str());
        }
    }
}
