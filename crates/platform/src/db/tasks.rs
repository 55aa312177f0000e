//! Tasks and their versions.

use super::{SqliteStore, row, runs, sqlite};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    RunId, TaskId, Timestamp, UserId,
    run::RunStatus,
    task::{LastRun, TaskDetail, TaskSummary, Version, VersionSummary},
};
use sqlx::{FromRow, Sqlite, Transaction};

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
    NEWEST = "SELECT v.number, v.code, v.inputs
        FROM tasks t JOIN task_versions v ON v.task_id = t.id AND v.number = t.version
        WHERE t.id = $1 AND t.deleted_at IS NULL";
    SET_VERSION = "UPDATE tasks SET version = $2, updated_at = $3, active_at = $3 WHERE id = $1";
    SET_WORDS = "UPDATE tasks SET name = $2, description = $3, search = $4, updated_at = $5
        WHERE id = $1";
    SET_DELETED = "UPDATE tasks SET deleted_at = $2 WHERE id = $1";
    UNFINISHED_RUNS = "SELECT id FROM runs
        WHERE task_id = $1 AND status IN ('queued', 'running') ORDER BY id";
    VERSIONS = "SELECT number, created_at FROM task_versions
        WHERE task_id = $1 ORDER BY number DESC";
    VERSION = "SELECT number, code, inputs, created_at FROM task_versions
        WHERE task_id = $1 AND number = $2";
    LIST = "SELECT t.id, t.name, t.description, t.version, t.run_count, t.updated_at, t.active_at,
            r.id AS run_id, r.status AS run_status, r.wall_ms, r.error,
            COALESCE(r.finished_at, r.started_at, r.enqueued_at) AS run_at,
            c.headline, c.miniature
        FROM tasks t
        LEFT JOIN runs r ON r.task_id = t.id AND r.number = t.run_count
        LEFT JOIN runs c ON c.task_id = t.id AND c.number =
            (SELECT MAX(number) FROM runs WHERE task_id = t.id AND status = 'completed')
        WHERE t.user_id = $1 AND t.deleted_at IS NULL
            AND ($2 IS NULL OR t.search LIKE $2 ESCAPE '\\')
            AND ($3 IS NULL OR r.status = $3)
            AND ($4 IS NULL OR t.active_at < $4 OR (t.active_at = $4 AND t.id < $5))
        ORDER BY t.active_at DESC, t.id DESC LIMIT $6";
    COUNT = "SELECT COUNT(*) FROM tasks t
        LEFT JOIN runs r ON r.task_id = t.id AND r.number = t.run_count
        WHERE t.user_id = $1 AND t.deleted_at IS NULL
            AND ($2 IS NULL OR t.search LIKE $2 ESCAPE '\\')
            AND ($3 IS NULL OR r.status = $3)";
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

#[derive(Debug)]
pub(crate) struct NewVersion<'a> {
    pub task: TaskId,
    /// The version that was edited.
    pub base: u32,
    pub code: &'a str,
    pub inputs: &'a str,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SaveStep {
    Saved,
    /// Code and inputs are those of the newest version.
    Unchanged,
    /// Another version is newer than the one that was edited.
    Outdated {
        newest: u32,
    },
    Gone,
}

#[derive(Debug)]
pub(crate) struct TaskFilter {
    pub user: UserId,
    /// A LIKE pattern in lower case.
    pub search: Option<String>,
    pub status: Option<RunStatus>,
    /// Activity and id of the last task of the page before.
    pub after: Option<(Timestamp, TaskId)>,
    pub limit: usize,
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
    async fn create_task(&self, task: TaskId, new: &TaskContent) -> Result<(), Internal>;
    async fn task(&self, task: TaskId) -> Result<Option<TaskRecord>, Internal>;
    async fn save_version(&self, version: NewVersion<'_>) -> Result<SaveStep, Internal>;
    async fn rename_task(&self, task: TaskId, words: Words<'_>) -> Result<(), Internal>;
    async fn delete_task(&self, task: TaskId) -> Result<EndedRuns, Internal>;
    async fn restore_task(&self, task: TaskId) -> Result<(), Internal>;
    async fn task_versions(&self, task: TaskId) -> Result<Vec<VersionSummary>, Internal>;
    async fn task_version(&self, task: TaskId, number: u32) -> Result<Option<Version>, Internal>;
    /// One more than the limit when there are more, each with its activity; and how many match.
    async fn tasks(
        &self,
        filter: &TaskFilter,
    ) -> Result<(Vec<(Timestamp, TaskSummary)>, u64), Internal>;
}

/// What a task is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    pub name: &'a str,
    pub description: &'a str,
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

#[derive(FromRow)]
struct SummaryRow {
    id: String,
    name: String,
    description: String,
    version: i64,
    run_count: i64,
    updated_at: i64,
    active_at: i64,
    run_id: Option<String>,
    run_status: Option<String>,
    run_at: Option<i64>,
    wall_ms: Option<f64>,
    error: Option<String>,
    headline: Option<String>,
    miniature: Option<String>,
}

impl SummaryRow {
    fn into_summary(self) -> Result<(Timestamp, TaskSummary), Internal> {
        let last_run = match (&self.run_id, &self.run_status, self.run_at) {
            (Some(id), Some(status), Some(at)) => Some(LastRun {
                id: row::parse("run id", id)?,
                status: row::status(status)?,
                at: Timestamp::from_millis(at),
                wall_ms: self.wall_ms,
                error: row::optional_json("run error", self.error.as_deref())?,
                headline: row::optional_json("headline", self.headline.as_deref())?,
                miniature: row::optional_json("miniature", self.miniature.as_deref())?,
            }),
            _ => None,
        };
        let summary = TaskSummary {
            id: row::parse("task id", &self.id)?,
            name: self.name,
            description: self.description,
            version: row::count(self.version),
            runs: row::count(self.run_count),
            updated_at: Timestamp::from_millis(self.updated_at),
            last_run,
        };
        Ok((Timestamp::from_millis(self.active_at), summary))
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
    tx: &mut Transaction<'_, Sqlite>,
    task: TaskId,
    new: &TaskContent,
    now: i64,
) -> Result<(), Internal> {
    let words = Words {
        name: &new.name,
        description: &new.description,
    };
    sqlx::query(INSERT)
        .bind(task.to_string())
        .bind(new.owner.to_string())
        .bind(words.name)
        .bind(words.description)
        .bind(words.search())
        .bind(now)
        .execute(&mut **tx)
        .await?;
    insert_version(tx, task, 1, (&new.code, &new.inputs), now).await
}

async fn insert_version(
    tx: &mut Transaction<'_, Sqlite>,
    task: TaskId,
    number: i64,
    (code, inputs): (&str, &str),
    now: i64,
) -> Result<(), Internal> {
    sqlx::query(INSERT_VERSION)
        .bind(task.to_string())
        .bind(number)
        .bind(code)
        .bind(inputs)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[async_trait]
impl Tasks for SqliteStore {
    async fn create_task(&self, task: TaskId, new: &TaskContent) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = sqlite::now(&mut tx).await?;
        insert(&mut tx, task, new, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn task(&self, task: TaskId) -> Result<Option<TaskRecord>, Internal> {
        let row: Option<TaskRow> = sqlx::query_as(GET)
            .bind(task.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(TaskRow::into_record).transpose()
    }

    async fn save_version(&self, version: NewVersion<'_>) -> Result<SaveStep, Internal> {
        let NewVersion {
            task,
            base,
            code,
            inputs,
        } = version;
        let mut tx = self.begin().await?;
        let newest: Option<(i64, String, String)> = sqlx::query_as(NEWEST)
            .bind(task.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        let Some((newest, newest_code, newest_inputs)) = newest else {
            return Ok(SaveStep::Gone);
        };
        if newest_code == code && newest_inputs == inputs {
            return Ok(SaveStep::Unchanged);
        }
        if i64::from(base) != newest {
            let newest = row::count(newest);
            return Ok(SaveStep::Outdated { newest });
        }
        let now = sqlite::now(&mut tx).await?;
        insert_version(&mut tx, task, newest + 1, (code, inputs), now).await?;
        sqlx::query(SET_VERSION)
            .bind(task.to_string())
            .bind(newest + 1)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(SaveStep::Saved)
    }

    async fn rename_task(&self, task: TaskId, words: Words<'_>) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = sqlite::now(&mut tx).await?;
        sqlx::query(SET_WORDS)
            .bind(task.to_string())
            .bind(words.name)
            .bind(words.description)
            .bind(words.search())
            .bind(now)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn delete_task(&self, task: TaskId) -> Result<EndedRuns, Internal> {
        let mut tx = self.begin().await?;
        let now = sqlite::now(&mut tx).await?;
        let unfinished: Vec<String> = sqlx::query_scalar(UNFINISHED_RUNS)
            .bind(task.to_string())
            .fetch_all(&mut *tx)
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
        set_deleted(&mut tx, task, Some(now)).await?;
        tx.commit().await?;
        Ok(ended)
    }

    async fn restore_task(&self, task: TaskId) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        set_deleted(&mut tx, task, None).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn task_versions(&self, task: TaskId) -> Result<Vec<VersionSummary>, Internal> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(VERSIONS)
            .bind(task.to_string())
            .fetch_all(self.reader())
            .await?;
        let summary = |(number, created_at)| VersionSummary {
            number: row::count(number),
            created_at: Timestamp::from_millis(created_at),
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    async fn task_version(&self, task: TaskId, number: u32) -> Result<Option<Version>, Internal> {
        let row: Option<VersionRow> = sqlx::query_as(VERSION)
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

    async fn tasks(
        &self,
        filter: &TaskFilter,
    ) -> Result<(Vec<(Timestamp, TaskSummary)>, u64), Internal> {
        let status = filter.status.map(RunStatus::as_str);
        let rows: Vec<SummaryRow> = sqlx::query_as(LIST)
            .bind(filter.user.to_string())
            .bind(filter.search.as_deref())
            .bind(status)
            .bind(filter.after.map(|(at, _)| at.millis()))
            .bind(filter.after.map(|(_, id)| id.to_string()))
            .bind(row::signed(filter.limit as u64 + 1))
            .fetch_all(self.reader())
            .await?;
        let total: i64 = sqlx::query_scalar(COUNT)
            .bind(filter.user.to_string())
            .bind(filter.search.as_deref())
            .bind(status)
            .fetch_one(self.reader())
            .await?;
        let tasks: Result<_, _> = rows.into_iter().map(SummaryRow::into_summary).collect();
        Ok((tasks?, row::size(total)))
    }
}

async fn set_deleted(
    tx: &mut Transaction<'_, Sqlite>,
    task: TaskId,
    at: Option<i64>,
) -> Result<(), Internal> {
    sqlx::query(SET_DELETED)
        .bind(task.to_string())
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
