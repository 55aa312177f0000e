//! The story of a run, one event after another. Page, shared page, SDK and command line read this.

use crate::{
    Timestamp,
    run::{RunError, RunStatus},
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunEvent {
    /// Counted per run from 1, without gaps, across attempts.
    pub seq: u64,
    pub attempt: u32,
    pub at: Timestamp,
    #[serde(flatten)]
    pub kind: RunEventKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RunEventKind {
    /// The run is stored and waits.
    Queued,
    /// An attempt begins; logs shown so far belong to a lost attempt and are reset.
    Attempt,
    /// The worker has a process for it.
    Started {
        python: String,
        packages_hash: String,
        sandbox_level: String,
        sandbox_layers: Vec<String>,
    },
    Log {
        stream: LogStream,
        text: String,
    },
    /// `fraction` from 0 to 1.
    Progress {
        fraction: f64,
        message: String,
    },
    /// The attempt was lost or could not start; the run waits again.
    Requeued {
        reason: String,
    },
    /// Always the last event.
    Finished {
        status: RunStatus,
        error: Option<RunError>,
        wall_ms: Option<f64>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LogStream {
    Stdout,
    Stderr,
    /// A word of MecaPy itself, for example that the log was cut.
    System,
}

impl RunEventKind {
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Finished { .. })
    }
}
