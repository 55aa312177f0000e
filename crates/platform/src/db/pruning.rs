//! What is removed for good.

use super::{SqlStore, query, query_as, query_scalar, row, sql};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{RunId, TaskId, UserId, run::RunStatus};
use std::time::Duration;

statements! {
    HIDDEN = "SELECT id FROM tasks WHERE deleted_at <= $1 ORDER BY id LIMIT $2";
    RUNS = "SELECT id FROM runs WHERE task_id = $1 ORDER BY id";
    UNFINISHED = "SELECT COUNT(*) FROM runs
        WHERE task_id = $1 AND status IN ('queued', 'running')";
    STATE = "SELECT status, attempt FROM runs WHERE id = $1";
    NAMES_FILE = "SELECT COUNT(*) FROM runs WHERE user_id = $1 AND files LIKE $2";
    FORGET_TASK_KEYS = "DELETE FROM task_keys WHERE task_id = $1";
    FORGET_KEYS = "DELETE FROM idempotency_keys
        WHERE run_id IN (SELECT id FROM runs WHERE task_id = $1)";
    REMOVE_SHARES = "DELETE FROM shares WHERE run_id IN (SELECT id FROM runs WHERE task_id = $1)";
    REMOVE_EVENTS = "DELETE FROM run_events
        WHERE run_id IN (SELECT id FROM runs WHERE task_id = $1)";
    REMOVE_DELIVERIES = "DELETE FROM webhook_deliveries
        WHERE run_id IN (SELECT id FROM runs WHERE task_id = $1)";
    REMOVE_WEBHOOKS = "DELETE FROM webhooks WHERE task_id = $1";
    REMOVE_RUNS = "DELETE FROM runs WHERE task_id = $1";
    REMOVE_VERSIONS = "DELETE FROM task_versions WHERE task_id = $1";
    REMOVE_TASK = "DELETE FROM tasks WHERE id = $1";
}

/// What belongs to a task, each before what it refers to.
const OF_TASK: &[&str] = &[
    FORGET_TASK_KEYS,
    FORGET_KEYS,
    REMOVE_SHARES,
    REMOVE_EVENTS,
    REMOVE_DELIVERIES,
    REMOVE_WEBHOOKS,
    REMOVE_RUNS,
    REMOVE_VERSIONS,
    REMOVE_TASK,
];

/// What the database says of the run an object belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectState {
    /// There is no such run.
    Gone,
    Run {
        status: RunStatus,
        attempt: u32,
    },
}

#[async_trait]
pub(crate) trait Pruning {
    /// Tasks that have been hidden for that long, and whose runs have ended.
    async fn long_hidden(&self, hidden_for: Duration, most: usize)
    -> Result<Vec<TaskId>, Internal>;
    /// Removes a hidden task with all that belongs to it; its runs, whose objects are left.
    async fn remove_task(&self, task: TaskId) -> Result<Vec<RunId>, Internal>;
    async fn object_state(&self, run: RunId) -> Result<ObjectState, Internal>;
    /// Whether a run of that user names the file of that hash.
    async fn names_file(&self, user: UserId, sha256: &str) -> Result<bool, Internal>;
}

#[async_trait]
impl Pruning for SqlStore {
    async fn long_hidden(
        &self,
        hidden_for: Duration,
        most: usize,
    ) -> Result<Vec<TaskId>, Internal> {
        let now = self.now().await?;
        let hidden: Vec<String> = query_scalar(HIDDEN)
            .bind(now - sql::millis(hidden_for))
            .bind(row::signed(most as u64))
            .fetch_all(self.reader())
            .await?;
        let mut tasks = Vec::new();
        for task in hidden {
            let unfinished: i64 = query_scalar(UNFINISHED)
                .bind(&task)
                .fetch_one(self.reader())
                .await?;
            if unfinished == 0 {
                tasks.push(row::parse("task id", &task)?);
            }
        }
        Ok(tasks)
    }

    async fn remove_task(&self, task: TaskId) -> Result<Vec<RunId>, Internal> {
        let mut tx = self.begin().await?;
        tx.alone(&task.to_string()).await?;
        let runs: Vec<String> = query_scalar(RUNS)
            .bind(task.to_string())
            .fetch_all(&mut tx)
            .await?;
        for statement in OF_TASK {
            query(statement)
                .bind(task.to_string())
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        runs.iter().map(|id| row::parse("run id", id)).collect()
    }

    async fn object_state(&self, run: RunId) -> Result<ObjectState, Internal> {
        let state: Option<(String, i64)> = query_as(STATE)
            .bind(run.to_string())
            .fetch_optional(self.reader())
            .await?;
        match state {
            None => Ok(ObjectState::Gone),
            Some((status, attempt)) => Ok(ObjectState::Run {
                status: row::status(&status)?,
                attempt: row::count(attempt),
            }),
        }
    }

    async fn names_file(&self, user: UserId, sha256: &str) -> Result<bool, Internal> {
        let naming: i64 = query_scalar(NAMES_FILE)
            .bind(user.to_string())
            .bind(format!("%{sha256}%"))
            .fetch_one(self.reader())
            .await?;
        Ok(naming > 0)
    }
}
