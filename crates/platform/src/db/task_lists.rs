//! Lists of tasks, each with its last run.

use super::{SqlStore, query_as, query_scalar, row};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    TaskId, Timestamp, UserId,
    run::RunStatus,
    task::{LastRun, TaskSummary},
};
use sqlx::FromRow;

statements! {
    LIST = "SELECT t.id, t.name, t.description, t.version, t.run_count, t.updated_at, t.active_at,
            r.id AS run_id, r.status AS run_status, r.wall_ms, r.error,
            COALESCE(r.finished_at, r.started_at, r.enqueued_at) AS run_at,
            c.headline, c.miniature
        FROM tasks t
        LEFT JOIN runs r ON r.task_id = t.id AND r.number = t.run_count
        LEFT JOIN runs c ON c.task_id = t.id AND c.number =
            (SELECT MAX(number) FROM runs WHERE task_id = t.id AND status = 'completed')
        WHERE t.user_id = $1 AND t.deleted_at IS NULL
            AND (CAST($2 AS TEXT) IS NULL OR t.search LIKE $2 ESCAPE '\\')
            AND (CAST($3 AS TEXT) IS NULL OR r.status = $3)
            AND (CAST($4 AS BIGINT) IS NULL OR t.active_at < $4 OR (t.active_at = $4 AND t.id < $5))
        ORDER BY t.active_at DESC, t.id DESC LIMIT $6";
    COUNT = "SELECT COUNT(*) FROM tasks t
        LEFT JOIN runs r ON r.task_id = t.id AND r.number = t.run_count
        WHERE t.user_id = $1 AND t.deleted_at IS NULL
            AND (CAST($2 AS TEXT) IS NULL OR t.search LIKE $2 ESCAPE '\\')
            AND (CAST($3 AS TEXT) IS NULL OR r.status = $3)";
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

#[async_trait]
pub(crate) trait TaskLists {
    /// One more than the limit when there are more, each with its activity; and how many match.
    async fn tasks(
        &self,
        filter: &TaskFilter,
    ) -> Result<(Vec<(Timestamp, TaskSummary)>, u64), Internal>;
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

#[async_trait]
impl TaskLists for SqlStore {
    async fn tasks(
        &self,
        filter: &TaskFilter,
    ) -> Result<(Vec<(Timestamp, TaskSummary)>, u64), Internal> {
        let status = filter.status.map(RunStatus::as_str);
        let rows: Vec<SummaryRow> = query_as(LIST)
            .bind(filter.user.to_string())
            .bind(filter.search.as_deref())
            .bind(status)
            .bind(filter.after.map(|(at, _)| at.millis()))
            .bind(filter.after.map(|(_, id)| id.to_string()))
            .bind(row::signed(filter.limit as u64 + 1))
            .fetch_all(self.reader())
            .await?;
        let total: i64 = query_scalar(COUNT)
            .bind(filter.user.to_string())
            .bind(filter.search.as_deref())
            .bind(status)
            .fetch_one(self.reader())
            .await?;
        let tasks: Result<_, _> = rows.into_iter().map(SummaryRow::into_summary).collect();
        Ok((tasks?, row::size(total)))
    }
}
