//! Tasks and their versions.

use crate::{Caller, Error, Services, error::Internal};
use domain::{
    TaskId,
    run::RunStatus,
    task::{Page, TaskDetail, TaskSummary, Version, VersionSummary},
};

#[derive(Clone, Debug, Default)]
pub struct NewTask {
    pub name: String,
    pub description: String,
    pub code: String,
    /// Default inputs: the text of a JSON object; empty means `{}`.
    pub inputs: String,
}

#[derive(Clone, Debug, Default)]
pub struct TaskQuery {
    /// Words looked for in name and description.
    pub q: Option<String>,
    /// State of the last run.
    pub status: Option<RunStatus>,
    pub cursor: Option<String>,
    pub limit: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct SaveTask {
    pub task: TaskId,
    /// The version that was edited.
    pub base_version: u32,
    pub code: String,
    pub inputs: String,
}

#[derive(Clone, Debug, Default)]
pub struct TaskPatch {
    pub name: Option<String>,
    pub description: Option<String>,
}

/// # Errors
/// A field is wrong or over its limit.
pub async fn create(_s: &Services, _c: &Caller, _new: NewTask) -> Result<TaskDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// Newest activity first.
///
/// # Errors
/// The cursor is not one of ours.
pub async fn list(
    _s: &Services,
    _c: &Caller,
    _query: TaskQuery,
) -> Result<Page<TaskSummary>, Error> {
    Err(Internal::WriterStopped.into())
}

/// # Errors
/// No such task.
pub async fn get(_s: &Services, _c: &Caller, _task: TaskId) -> Result<TaskDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// Makes a version, unless code and inputs are those of the newest.
///
/// # Errors
/// Another version was saved since `base_version`, or a field is wrong.
pub async fn save(_s: &Services, _c: &Caller, _save: SaveTask) -> Result<TaskDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// # Errors
/// No such task, or a field is wrong.
pub async fn update(
    _s: &Services,
    _c: &Caller,
    _task: TaskId,
    _patch: TaskPatch,
) -> Result<TaskDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// A new task with the newest version of this one.
///
/// # Errors
/// No such task.
pub async fn duplicate(_s: &Services, _c: &Caller, _task: TaskId) -> Result<TaskDetail, Error> {
    Err(Internal::WriterStopped.into())
}

/// Hides the task, cancels its runs, closes its shares.
///
/// # Errors
/// No such task.
pub async fn delete(_s: &Services, _c: &Caller, _task: TaskId) -> Result<(), Error> {
    Err(Internal::WriterStopped.into())
}

/// Undoes [`delete`], but for the runs it cancelled.
///
/// # Errors
/// No such task.
pub async fn restore(_s: &Services, _c: &Caller, _task: TaskId) -> Result<(), Error> {
    Err(Internal::WriterStopped.into())
}

/// Newest first.
///
/// # Errors
/// No such task.
pub async fn versions(
    _s: &Services,
    _c: &Caller,
    _task: TaskId,
) -> Result<Vec<VersionSummary>, Error> {
    Err(Internal::WriterStopped.into())
}

/// # Errors
/// No such task or version.
pub async fn version(
    _s: &Services,
    _c: &Caller,
    _task: TaskId,
    _number: u32,
) -> Result<Version, Error> {
    Err(Internal::WriterStopped.into())
}
