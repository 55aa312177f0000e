//! A task: a named calculation with immutable versions.

use crate::{
    RunId, TaskId, Timestamp,
    run::{Headline, Miniature, RunError, RunStatus},
};
use serde::{Deserialize, Serialize};

/// One immutable state of a task's code and default inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Counted per task, from 1.
    pub number: u32,
    pub code: String,
    /// Default inputs, a JSON object as text.
    pub inputs: String,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionSummary {
    pub number: u32,
    pub created_at: Timestamp,
}

/// A task with its newest version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskDetail {
    pub id: TaskId,
    pub name: String,
    pub description: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: Version,
    pub runs: u32,
}

/// A task as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSummary {
    pub id: TaskId,
    pub name: String,
    pub description: String,
    pub version: u32,
    pub runs: u32,
    pub updated_at: Timestamp,
    pub last_run: Option<LastRun>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastRun {
    pub id: RunId,
    pub status: RunStatus,
    pub at: Timestamp,
    pub wall_ms: Option<f64>,
    pub error: Option<RunError>,
    /// Of the last completed run.
    pub headline: Option<Headline>,
    /// Of the last completed run.
    pub miniature: Option<Miniature>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it back to get what follows; absent on the last page.
    pub next_cursor: Option<String>,
    /// All that match, on every page together.
    pub total: u64,
}
