//! Tasks and their versions.

use crate::{
    Caller, Error, Services,
    auth::authorize::{Action, Thing, authorize, not_found},
    checks,
    db::{Created, DeleteStep, EditStep, TaskContent, TaskEdit, TaskFilter, TaskRecord},
    error::{problem, problem_at},
    idempotency, paging,
    paging::PageQuery,
    revision::changed_since,
};
use domain::{
    ProblemCode, TaskId, Timestamp,
    run::RunStatus,
    task::{Page, TaskDetail, TaskSummary, Version, VersionSummary},
};
use serde_json::json;
use uuid::Uuid;

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

/// What is to be different about a task, in one step: all of it or nothing. What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct TaskChange {
    pub name: Option<String>,
    pub description: Option<String>,
    /// Changed code or inputs make a version.
    pub code: Option<String>,
    pub inputs: Option<String>,
    /// The version that was edited; the newest when absent.
    pub base_version: Option<u32>,
    /// The [revisions](crate::Revision) that may be changed; any when absent.
    pub expected: Option<Vec<String>>,
}

/// # Errors
/// A field is wrong or over its limit.
pub async fn create(s: &Services, c: &Caller, new: NewTask) -> Result<TaskDetail, Error> {
    create_once(s, c, new, None).await
}

/// As [`create`]; the same key with the same request answers the same task for a day.
///
/// # Errors
/// As [`create`], the key is not one, or it came with another request.
pub async fn create_once(
    s: &Services,
    c: &Caller,
    new: NewTask,
    key: Option<String>,
) -> Result<TaskDetail, Error> {
    let bytes = new.code.len() + new.inputs.len();
    let NewTask {
        name,
        description,
        code,
        inputs,
    } = new.clone();
    let request = move || json!([name, description, code, inputs]);
    let key = idempotency::keyed(s, key, "create".to_owned(), bytes, request).await?;
    if let Some(key) = &key
        && let Some(earlier) = s.0.store.remembered_task(c.user, key).await?
    {
        return created(s, c, TaskId(Uuid::nil()), earlier).await;
    }
    let content = check(s, c, new).await?;
    let task = TaskId(Uuid::now_v7());
    let step = s.0.store.create_task(task, &content, key.as_ref()).await?;
    created(s, c, task, step).await
}

async fn created(
    s: &Services,
    c: &Caller,
    new: TaskId,
    step: Created,
) -> Result<TaskDetail, Error> {
    match step {
        Created::Stored => get(s, c, new).await,
        Created::Repeated(earlier) => get(s, c, earlier).await,
        Created::Mismatch => Err(idempotency::mismatch()),
    }
}

/// A new task of the caller's as it is stored.
pub(crate) async fn check(s: &Services, c: &Caller, new: NewTask) -> Result<TaskContent, Error> {
    authorize(c, Action::Change, Thing::Task, c.user)?;
    checks::code(&new.code)?;
    Ok(TaskContent {
        owner: c.user,
        name: checks::name(&new.name)?,
        description: checks::description(&new.description)?,
        inputs: saved_inputs(s, new.inputs).await?,
        code: new.code,
    })
}

async fn saved_inputs(s: &Services, inputs: String) -> Result<String, Error> {
    let bytes = inputs.len();
    let check = move || checks::saved_inputs(&inputs).map(str::to_owned);
    s.offload(bytes, check).await?
}

/// Newest activity first.
///
/// # Errors
/// The cursor is not one of ours.
pub async fn list(s: &Services, c: &Caller, query: TaskQuery) -> Result<Page<TaskSummary>, Error> {
    authorize(c, Action::Read, Thing::Task, c.user)?;
    let limit = paging::limit(query.limit);
    let filter = TaskFilter {
        user: c.user,
        search: paging::search(query.q.as_deref())?,
        status: query.status,
        after: query.cursor.as_deref().map(parse_cursor).transpose()?,
        limit,
    };
    let (rows, total) = s.0.store.tasks(&filter).await?;
    let cursor = |(at, task): &(Timestamp, TaskSummary)| format!("{}.{}", at.millis(), task.id);
    Ok(paging::page(rows, limit, total, cursor, |(_, task)| task))
}

fn parse_cursor(text: &str) -> Result<(Timestamp, TaskId), Error> {
    text.split_once('.')
        .and_then(|(millis, task)| {
            let at = Timestamp::from_millis(millis.parse().ok()?);
            Some((at, task.parse().ok()?))
        })
        .ok_or_else(paging::unknown_cursor)
}

/// # Errors
/// No such task.
pub async fn get(s: &Services, c: &Caller, task: TaskId) -> Result<TaskDetail, Error> {
    Ok(visible(s, c, Action::Read, task).await?.detail)
}

/// Makes a version, unless code and inputs are those of the newest.
///
/// # Errors
/// Another version was saved since `base_version`, or a field is wrong.
pub async fn save(s: &Services, c: &Caller, save: SaveTask) -> Result<TaskDetail, Error> {
    let edit = TaskChange {
        code: Some(save.code),
        inputs: Some(save.inputs),
        base_version: Some(save.base_version),
        ..TaskChange::default()
    };
    change(s, c, save.task, edit).await
}

/// # Errors
/// No such task, or a field is wrong.
pub async fn update(
    s: &Services,
    c: &Caller,
    task: TaskId,
    patch: TaskPatch,
) -> Result<TaskDetail, Error> {
    let edit = TaskChange {
        name: patch.name,
        description: patch.description,
        ..TaskChange::default()
    };
    change(s, c, task, edit).await
}

/// Does what [`save`] and [`update`] do, together.
///
/// # Errors
/// No such task, a field is wrong, or another version was saved since `base_version`; then nothing
/// is changed.
pub async fn change(
    s: &Services,
    c: &Caller,
    task: TaskId,
    change: TaskChange,
) -> Result<TaskDetail, Error> {
    visible(s, c, Action::Change, task).await?;
    let name = change.name.as_deref().map(checks::name).transpose()?;
    let description = change.description.as_deref();
    let description = description.map(checks::description).transpose()?;
    change.code.as_deref().map(checks::code).transpose()?;
    let inputs = match change.inputs {
        Some(inputs) => Some(saved_inputs(s, inputs).await?),
        None => None,
    };
    let edit = TaskEdit {
        task,
        name: name.as_deref(),
        description: description.as_deref(),
        code: change.code.as_deref(),
        inputs: inputs.as_deref(),
        base: change.base_version,
        expected: change.expected.as_deref(),
    };
    match s.0.store.edit_task(edit).await? {
        EditStep::Done => get(s, c, task).await,
        EditStep::Unexpected(now) => {
            let expected = change.expected.unwrap_or_default();
            Err(changed_since(c, &expected, &now))
        }
        EditStep::Gone => Err(not_found(Thing::Task)),
        EditStep::Outdated { newest } => {
            let opened = change.base_version.unwrap_or(newest);
            let detail = format!(
                "Version {newest} of this task was saved somewhere else after you opened version \
                 {opened}. Compare the two, then save again on top of version {newest}."
            );
            Err(problem(ProblemCode::Conflict, detail))
        }
    }
}

/// A new task with the newest version of this one.
///
/// # Errors
/// No such task.
pub async fn duplicate(s: &Services, c: &Caller, task: TaskId) -> Result<TaskDetail, Error> {
    let old = visible(s, c, Action::Read, task).await?.detail;
    let copy = NewTask {
        name: copied_name(&old.name),
        description: old.description,
        code: old.version.code,
        inputs: old.version.inputs,
    };
    create(s, c, copy).await
}

/// `Beam` → `Beam (2)`, `Beam (2)` → `Beam (3)`, within the limit of a name.
pub(crate) fn copied_name(name: &str) -> String {
    let numbered = name
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
        .and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?)));
    let (stem, number) = numbered.unwrap_or((name, 1));
    let suffix = format!(" ({})", number.saturating_add(1));
    let room = domain::limits::MAX_NAME_CHARS - suffix.len();
    let stem: String = stem.chars().take(room).collect();
    stem + &suffix
}

/// Hides the task, cancels its runs, closes its shares.
///
/// # Errors
/// No such task.
pub async fn delete(s: &Services, c: &Caller, task: TaskId) -> Result<(), Error> {
    delete_expected(s, c, task, None).await
}

/// As [`delete`], when the task is in one of these [revisions](crate::Revision).
///
/// # Errors
/// No such task, or it has changed; then nothing is deleted.
pub async fn delete_expected(
    s: &Services,
    c: &Caller,
    task: TaskId,
    expected: Option<&[String]>,
) -> Result<(), Error> {
    visible(s, c, Action::Change, task).await?;
    let ended = match s.0.store.delete_task(task, expected).await? {
        DeleteStep::Done(ended) => ended,
        DeleteStep::Unexpected(now) => {
            return Err(changed_since(c, expected.unwrap_or_default(), &now));
        }
        DeleteStep::Gone => return Err(not_found(Thing::Task)),
    };
    for (run, seq) in ended.cancelled {
        s.0.notifier.publish(run, seq);
        s.0.metrics
            .ended_without_execution(RunStatus::Cancelled, None);
    }
    for run in ended.asked {
        s.0.notifier.ask_to_stop(run);
    }
    Ok(())
}

/// Undoes [`delete`], but for the runs it cancelled.
///
/// # Errors
/// No such task.
pub async fn restore(s: &Services, c: &Caller, task: TaskId) -> Result<(), Error> {
    record(s, c, Action::Change, task).await?;
    s.0.store.restore_task(task).await?;
    Ok(())
}

/// All, newest first.
///
/// # Errors
/// No such task.
pub async fn versions(
    s: &Services,
    c: &Caller,
    task: TaskId,
) -> Result<Vec<VersionSummary>, Error> {
    visible(s, c, Action::Read, task).await?;
    Ok(s.0.store.task_versions(task, None, usize::MAX).await?)
}

/// One page of them.
///
/// # Errors
/// No such task, or the cursor is not one of ours.
pub async fn version_page(
    s: &Services,
    c: &Caller,
    task: TaskId,
    query: PageQuery,
) -> Result<Page<VersionSummary>, Error> {
    let record = visible(s, c, Action::Read, task).await?;
    let limit = paging::limit(query.limit);
    let rows =
        s.0.store
            .task_versions(task, query.after()?, limit + 1)
            .await?;
    // Versions are counted from 1 without gaps, and none is ever removed.
    let total = record.detail.version.number.into();
    let cursor = |version: &VersionSummary| version.number.to_string();
    Ok(paging::page(rows, limit, total, cursor, |version| version))
}

/// # Errors
/// No such task or version.
pub async fn version(
    s: &Services,
    c: &Caller,
    task: TaskId,
    number: u32,
) -> Result<Version, Error> {
    visible(s, c, Action::Read, task).await?;
    find_version(s, task, number).await
}

pub(crate) async fn find_version(
    s: &Services,
    task: TaskId,
    number: u32,
) -> Result<Version, Error> {
    let found = s.0.store.task_version(task, number).await?;
    found.ok_or_else(|| {
        let detail = format!("This task has no version {number}.");
        problem_at(ProblemCode::NotFound, "version", detail)
    })
}

/// The task, hidden or not, when the caller may do that to it.
async fn record(
    s: &Services,
    c: &Caller,
    action: Action,
    task: TaskId,
) -> Result<TaskRecord, Error> {
    let record = s.0.store.task(task).await?;
    let record = record.ok_or_else(|| not_found(Thing::Task))?;
    authorize(c, action, Thing::Task, record.owner)?;
    Ok(record)
}

/// The task, when it is not hidden and the caller may do that to it.
pub(crate) async fn visible(
    s: &Services,
    c: &Caller,
    action: Action,
    task: TaskId,
) -> Result<TaskRecord, Error> {
    let record = record(s, c, action, task).await?;
    if record.deleted {
        return Err(not_found(Thing::Task));
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_numbered() {
        assert_eq!(copied_name("Beam"), "Beam (2)");
        assert_eq!(copied_name("Beam (9)"), "Beam (10)");
        assert_eq!(copied_name("Beam (steel)"), "Beam (steel) (2)");
        let long = "x".repeat(domain::limits::MAX_NAME_CHARS);
        assert_eq!(
            copied_name(&long).chars().count(),
            domain::limits::MAX_NAME_CHARS
        );
    }
}
