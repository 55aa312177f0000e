//! Tasks and their versions.

use super::{SqlStore, Tx, query, query_as, query_scalar, row, runs};
use crate::{Revision, error::Internal};
use async_trait::async_trait;
use domain::{
    RunId, TaskId, Timestamp, UserId,
    task::{TaskDetail, Version, VersionSummary},
};
use sqlx::FromRow;

statements! {
    INSERT = "INSERT INTO tasks
        (id, user_id, name, description, search, version, created_at, updated_at, active_at)
        VALUES ($1, $2, $3, $4, $5, 1, $6, $6, $6)";
    INSERT_VERSION = "INSERT INTO task_versions (task_id, number, code, inputs, created_at)
        VALUES ($1, $2, $3, $4, $5)";
    GET = "SELECT t.id, t.user_id, t.name, t.description, t.created_at, t.updated_at, t.deleted_at,
            t.run_count, v.number, v.code, v.inputs, v.created_at AS version_at
        FROM tasks t JOIN task_versions v ON v.task_id = t.id AND v.number = t.version
        WHERE t.id = $1";
    NEWEST = "SELECT t.name, t.description, t.updated_at, v.number, v.code, v.inputs
        FROM tasks t JOIN task_versions v ON v.task_id = t.id AND v.number = t.version
        WHERE t.id = $1 AND t.deleted_at IS NULL";
    SET_VERSION = "UPDATE tasks SET version = $2, updated_at = $3, active_at = $3 WHERE id = $1";
    SET_WORDS = "UPDATE tasks SET name = $2, description = $3, search = $4, updated_at = $5
        WHERE id = $1";
    SET_DELETED = "UPDATE tasks SET deleted_at = $2 WHERE id = $1";
    UNFINISHED_RUNS = "SELECT id FROM runs
        WHERE task_id = $1 AND status IN ('queued', 'running') ORDER BY id";
    VERSIONS = "SELECT number, created_at FROM task_versions
        WHERE task_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR number < $2) ORDER BY number DESC LIMIT $3";
    VERSION = "SELECT number, code, inputs, created_at FROM task_versions
        WHERE task_id = $1 AND number = $2";
}

/// A task with what authorisation needs to know.
#[derive(Debug)]
pub(crate) struct TaskRecord {
    pub owner: UserId,
    pub deleted: bool,
    pub detail: TaskDetail,
}

/// A task that is to be stored, with its first version.
#[derive(Clone, Debug)]
pub(crate) struct TaskContent {
    pub owner: UserId,
    pub name: String,
    pub description: String,
    pub code: String,
    pub inputs: String,
}

/// What is to be different about a task; the rest stays.
#[derive(Debug)]
pub(crate) struct TaskEdit<'a> {
    pub task: TaskId,
    pub name: Option<&'a str>,
    pub description: Option<&'a str>,
    pub code: Option<&'a str>,
    pub inputs: Option<&'a str>,
    /// The version that was edited; the newest when absent.
    pub base: Option<u32>,
    /// The revisions that may be changed; any when absent.
    pub expected: Option<&'a [String]>,
}

/// The task is in none of the states that were expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unexpected {
    pub version: u32,
    pub updated_at: Timestamp,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EditStep {
    /// The task is as it was to become.
    Done,
    /// Another version is newer than the one that was edited; nothing was changed.
    Outdated {
        newest: u32,
    },
    /// Nothing was changed.
    Unexpected(Unexpected),
    Gone,
}

#[derive(Debug)]
pub(crate) enum DeleteStep {
    Done(EndedRuns),
    /// Nothing was deleted.
    Unexpected(Unexpected),
    Gone,
}

/// The runs that deleting a task ends.
#[derive(Debug, Default)]
pub(crate) struct EndedRuns {
    /// They waited and are cancelled; with the number of their last event.
    pub cancelled: Vec<(RunId, u64)>,
    /// They run and are asked to stop.
    pub asked: Vec<RunId>,
}

#[async_trait]
pub(crate) trait Tasks {
    async fn task(&self, task: TaskId) -> Result<Option<TaskRecord>, Internal>;
    /// Changed code or inputs make a version. All of it is done, or nothing.
    async fn edit_task(&self, edit: TaskEdit<'_>) -> Result<EditStep, Internal>;
    /// `expected` as in [`TaskEdit`].
    async fn delete_task(
        &self,
        task: TaskId,
        expected: Option<&[String]>,
    ) -> Result<DeleteStep, Internal>;
    async fn restore_task(&self, task: TaskId) -> Result<(), Internal>;
    /// Newest first, those before `before`, at most `most`.
    async fn task_versions(
        &self,
        task: TaskId,
        before: Option<u32>,
        most: usize,
    ) -> Result<Vec<VersionSummary>, Internal>;
    async fn task_version(&self, task: TaskId, number: u32) -> Result<Option<Version>, Internal>;
}

/// What a task is called.
#[derive(Clone, Copy, Debug)]
struct Words<'a> {
    name: &'a str,
    description: &'a str,
}

impl Words<'_> {
    fn search(self) -> String {
        format!("{}\n{}", self.name, self.description).to_lowercase()
    }
}

#[derive(FromRow)]
struct TaskRow {
    id: String,
    user_id: String,
    name: String,
    description: String,
    created_at: i64,
    updated_at: i64,
    deleted_at: Option<i64>,
    run_count: i64,
    number: i64,
    code: String,
    inputs: String,
    version_at: i64,
}

impl TaskRow {
    fn into_record(self) -> Result<TaskRecord, Internal> {
        Ok(TaskRecord {
            owner: row::parse("user id", &self.user_id)?,
            deleted: self.deleted_at.is_some(),
            detail: TaskDetail {
                id: row::parse("task id", &self.id)?,
                name: self.name,
                description: self.description,
                created_at: Timestamp::from_millis(self.created_at),
                updated_at: Timestamp::from_millis(self.updated_at),
                version: Version {
                    number: row::count(self.number),
                    code: self.code,
                    inputs: self.inputs,
                    created_at: Timestamp::from_millis(self.version_at),
                },
                runs: row::count(self.run_count),
            },
        })
    }
}

/// What an edit is compared with.
#[derive(FromRow)]
struct NewestRow {
    name: String,
    description: String,
    updated_at: i64,
    number: i64,
    code: String,
    inputs: String,
}

impl NewestRow {
    /// Says why not when the task is in none of the expected states.
    fn check(&self, expected: Option<&[String]>) -> Result<(), Unexpected> {
        let version = row::count(self.number);
        let now = Revision::new(version, self.updated_at, &self.name, &self.description);
        match expected {
            Some(expected) if expected.iter().all(|one| one != now.as_str()) => Err(Unexpected {
                version,
                updated_at: Timestamp::from_millis(self.updated_at),
            }),
            _ => Ok(()),
        }
    }
}

#[derive(FromRow)]
struct VersionRow {
    number: i64,
    code: String,
    inputs: String,
    created_at: i64,
}

/// Adds a task with its first version.
pub(super) async fn insert(
    tx: &mut Tx,
    task: TaskId,
    new: &TaskContent,
    now: i64,
) -> Result<(), Internal> {
    let words = Words {
        name: &new.name,
        description: &new.description,
    };
    query(INSERT)
        .bind(task.to_string())
        .bind(new.owner.to_string())
        .bind(words.name)
        .bind(words.description)
        .bind(words.search())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    insert_version(tx, task, 1, (&new.code, &new.inputs), now).await
}

async fn insert_version(
    tx: &mut Tx,
    task: TaskId,
    number: i64,
    (code, inputs): (&str, &str),
    now: i64,
) -> Result<(), Internal> {
    query(INSERT_VERSION)
        .bind(task.to_string())
        .bind(number)
        .bind(code)
        .bind(inputs)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

#[async_trait]
impl Tasks for SqlStore {
    async fn task(&self, task: TaskId) -> Result<Option<TaskRecord>, Internal> {
        let row: Option<TaskRow> = query_as(GET)
            .bind(task.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(TaskRow::into_record).transpose()
    }

    async fn edit_task(&self, edit: TaskEdit<'_>) -> Result<EditStep, Internal> {
        let mut tx = self.begin().await?;
        tx.alone(&edit.task.to_string()).await?;
        let Some(old) = newest(&mut tx, edit.task).await? else {
            return Ok(EditStep::Gone);
        };
        if let Err(unexpected) = old.check(edit.expected) {
            return Ok(EditStep::Unexpected(unexpected));
        }
        let now = tx.now().await?;
        let code = edit.code.unwrap_or(&old.code);
        let inputs = edit.inputs.unwrap_or(&old.inputs);
        if code != old.code || inputs != old.inputs {
            if edit.base.is_some_and(|base| i64::from(base) != old.number) {
                let newest = row::count(old.number);
                return Ok(EditStep::Outdated { newest });
            }
            let number = old.number + 1;
            insert_version(&mut tx, edit.task, number, (code, inputs), now).await?;
            set_version(&mut tx, edit.task, number, now).await?;
        }
        let words = Words {
            name: edit.name.unwrap_or(&old.name),
            description: edit.description.unwrap_or(&old.description),
        };
        if words.name != old.name || words.description != old.description {
            set_words(&mut tx, edit.task, words, now).await?;
        }
        tx.commit().await?;
        Ok(EditStep::Done)
    }

    async fn delete_task(
        &self,
        task: TaskId,
        expected: Option<&[String]>,
    ) -> Result<DeleteStep, Internal> {
        let mut tx = self.begin().await?;
        tx.alone(&task.to_string()).await?;
        let Some(old) = newest(&mut tx, task).await? else {
            return Ok(DeleteStep::Gone);
        };
        if let Err(unexpected) = old.check(expected) {
            return Ok(DeleteStep::Unexpected(unexpected));
        }
        let now = tx.now().await?;
        // Hidden first: no webhook is told of the runs that end with their task.
        set_deleted(&mut tx, task, Some(now)).await?;
        let unfinished: Vec<String> = query_scalar(UNFINISHED_RUNS)
            .bind(task.to_string())
            .fetch_all(&mut tx)
            .await?;
        let mut ended = EndedRuns::default();
        for id in unfinished {
            let run: RunId = row::parse("run id", &id)?;
            match runs::cancel(&mut tx, run, now).await? {
                runs::CancelStep::Cancelled { seq } => ended.cancelled.push((run, seq)),
                runs::CancelStep::Asked => ended.asked.push(run),
                runs::CancelStep::Finished | runs::CancelStep::Gone => {}
            }
        }
        tx.commit().await?;
        Ok(DeleteStep::Done(ended))
    }

    async fn restore_task(&self, task: TaskId) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        set_deleted(&mut tx, task, None).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn task_versions(
        &self,
        task: TaskId,
        before: Option<u32>,
        most: usize,
    ) -> Result<Vec<VersionSummary>, Internal> {
        let rows: Vec<(i64, i64)> = query_as(VERSIONS)
            .bind(task.to_string())
            .bind(before.map(i64::from))
            .bind(row::signed(most as u64))
            .fetch_all(self.reader())
            .await?;
        let summary = |(number, created_at)| VersionSummary {
            number: row::count(number),
            created_at: Timestamp::from_millis(created_at),
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    async fn task_version(&self, task: TaskId, number: u32) -> Result<Option<Version>, Internal> {
        let row: Option<VersionRow> = query_as(VERSION)
            .bind(task.to_string())
            .bind(i64::from(number))
            .fetch_optional(self.reader())
            .await?;
        Ok(row.map(|row| Version {
            number: row::count(row.number),
            code: row.code,
            inputs: row.inputs,
            created_at: Timestamp::from_millis(row.created_at),
        }))
    }
}

/// The task as an edit finds it, unless it is hidden.
async fn newest(tx: &mut Tx, task: TaskId) -> Result<Option<NewestRow>, Internal> {
    query_as(NEWEST)
        .bind(task.to_string())
        .fetch_optional(&mut *tx)
        .await
}

async fn set_deleted(tx: &mut Tx, task: TaskId, at: Option<i64>) -> Result<(), Internal> {
    query(SET_DELETED)
        .bind(task.to_string())
        .bind(at)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

async fn set_version(tx: &mut Tx, task: TaskId, number: i64, now: i64) -> Result<(), Internal> {
    query(SET_VERSION)
        .bind(task.to_string())
        .bind(number)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

async fn set_words(tx: &mut Tx, task: TaskId, words: Words<'_>, now: i64) -> Result<(), Internal> {
    query(SET_WORDS)
        .bind(task.to_string())
        .bind(words.name)
        .bind(words.description)
        .bind(words.search())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}
