//! The JSON that programs see: JSON values where the inner types carry JSON text, so that numbers
//! keep every digit they were given with.

use domain::{
    RunId, TaskId, Timestamp,
    limits::Limits,
    run::{Headline, Provenance, RunChange, RunDetail, RunError, RunStatus, RunSummary},
    task::{LastRun, TaskDetail, TaskSummary, Version},
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The execution backend of every run so far.
pub const BACKEND: &str = "serverless";

/// A task with its newest version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskBody {
    pub id: TaskId,
    pub name: String,
    pub description: String,
    pub version: u32,
    pub code: String,
    #[schema(value_type = Object)]
    pub inputs: Box<RawValue>,
    pub runs: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<TaskDetail> for TaskBody {
    fn from(task: TaskDetail) -> Self {
        Self {
            id: task.id,
            name: task.name,
            description: task.description,
            version: task.version.number,
            code: task.version.code,
            inputs: stored_json(task.version.inputs),
            runs: task.runs,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// A task as lists show it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaskLine)]
pub struct TaskLine {
    pub id: TaskId,
    pub name: String,
    pub description: String,
    pub version: u32,
    pub runs: u32,
    pub updated_at: Timestamp,
    pub last_run: Option<LastRunBody>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastRun)]
pub struct LastRunBody {
    pub id: RunId,
    pub status: RunStatus,
    pub at: Timestamp,
    pub wall_ms: Option<f64>,
    pub error: Option<RunError>,
    pub headline: Option<HeadlineBody>,
}

impl From<TaskSummary> for TaskLine {
    fn from(task: TaskSummary) -> Self {
        Self {
            id: task.id,
            name: task.name,
            description: task.description,
            version: task.version,
            runs: task.runs,
            updated_at: task.updated_at,
            last_run: task.last_run.map(LastRunBody::from),
        }
    }
}

impl From<LastRun> for LastRunBody {
    fn from(run: LastRun) -> Self {
        Self {
            id: run.id,
            status: run.status,
            at: run.at,
            wall_ms: run.wall_ms,
            error: run.error,
            headline: run.headline.map(HeadlineBody::from),
        }
    }
}

/// One version of a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Version)]
pub struct VersionBody {
    pub number: u32,
    pub code: String,
    #[schema(value_type = Object)]
    pub inputs: Box<RawValue>,
    pub created_at: Timestamp,
}

impl From<Version> for VersionBody {
    fn from(version: Version) -> Self {
        Self {
            number: version.number,
            code: version.code,
            inputs: stored_json(version.inputs),
            created_at: version.created_at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Headline)]
pub struct HeadlineBody {
    pub label: String,
    /// In the result encoding.
    #[schema(value_type = Value)]
    pub value: Box<RawValue>,
    pub unit: Option<String>,
}

impl From<Headline> for HeadlineBody {
    fn from(headline: Headline) -> Self {
        Self {
            label: headline.label,
            value: stored_json(headline.value),
            unit: headline.unit,
        }
    }
}

/// A run as lists show it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunLine)]
pub struct RunLine {
    pub id: RunId,
    pub task_id: TaskId,
    pub task_name: String,
    pub number: u32,
    pub version: u32,
    pub status: RunStatus,
    pub attempt: u32,
    /// Where it is executed: `serverless`.
    pub backend: &'static str,
    pub enqueued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// Time the calculation itself took, milliseconds.
    pub wall_ms: Option<f64>,
    pub error: Option<RunError>,
    pub headline: Option<HeadlineBody>,
    pub change: RunChange,
}

impl From<RunSummary> for RunLine {
    fn from(run: RunSummary) -> Self {
        Self {
            id: run.id,
            task_id: run.task_id,
            task_name: run.task_name,
            number: run.number,
            version: run.version,
            status: run.status,
            attempt: run.attempt,
            backend: BACKEND,
            enqueued_at: run.enqueued_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            wall_ms: run.wall_ms,
            error: run.error,
            headline: run.headline.map(HeadlineBody::from),
            change: run.change,
        }
    }
}

/// Everything about one run; its result too where an answer carries it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Run)]
pub struct RunBody {
    #[serde(flatten)]
    pub line: RunLine,
    #[schema(value_type = Object)]
    pub inputs: Box<RawValue>,
    pub limits: Limits,
    /// Milliseconds.
    pub cpu_ms: Option<f64>,
    /// Peak above the worker's baseline, MB.
    pub memory_peak_mb: Option<f64>,
    pub provenance: Provenance,
    /// Bytes of the stored result.
    pub result_bytes: Option<u64>,
    /// Place in the queue from 1, while queued.
    pub position: Option<u32>,
    /// In the result encoding; where the answer is to a request that waited for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub result: Option<Box<RawValue>>,
}

impl From<RunDetail> for RunBody {
    fn from(run: RunDetail) -> Self {
        Self {
            line: run.summary.into(),
            inputs: stored_json(run.inputs),
            limits: run.limits,
            cpu_ms: run.cpu_ms,
            memory_peak_mb: run.memory_peak_mb,
            provenance: run.provenance,
            result_bytes: run.result_bytes,
            position: run.position,
            result: None,
        }
    }
}

/// Stored JSON text as a JSON value. Only checked text is ever stored, so the fallback is not seen.
#[must_use]
pub fn stored_json(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_else(|error| {
        tracing::error!(%error, "stored JSON is not JSON");
        RawValue::NULL.to_owned()
    })
}
