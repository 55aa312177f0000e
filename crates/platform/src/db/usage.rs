//! What a user has used, counted from the rows of their runs. The index `runs_ended` holds all that
//! is asked of runs that have ended, so that no stored value is read for it.

use super::{SqlStore, query_as, row};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    Timestamp, UserId,
    usage::{EndedRuns, PeriodUsage},
};
use sqlx::FromRow;

/// MB in a GB.
const MB_PER_GB: f64 = 1024.0;
const MS_PER_S: f64 = 1000.0;

statements! {
    ENDED = "SELECT
            COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed,
            COUNT(CASE WHEN status = 'failed' THEN 1 END) AS failed,
            COUNT(CASE WHEN status = 'cancelled' THEN 1 END) AS cancelled,
            COALESCE(SUM(cpu_ms), 0.0) AS cpu_ms,
            COALESCE(SUM(memory_peak_mb * wall_ms), 0.0) AS memory_mb_ms
        FROM runs WHERE user_id = $1 AND finished_at >= $2 AND finished_at IS NOT NULL";
    QUEUED = "SELECT COUNT(*), CAST(COALESCE(SUM(stored_bytes), 0) AS BIGINT) FROM runs
        WHERE user_id = $1 AND status = 'queued'";
    /// Of all users, few are under way.
    RUNNING = "SELECT COUNT(CASE WHEN user_id = $1 THEN 1 END),
            CAST(COALESCE(SUM(CASE WHEN user_id = $1 THEN stored_bytes END), 0) AS BIGINT)
        FROM runs WHERE status = 'running'";
    ENDED_BYTES = "SELECT COUNT(*), CAST(COALESCE(SUM(stored_bytes), 0) AS BIGINT) FROM runs
        WHERE user_id = $1 AND finished_at IS NOT NULL";
    TASKS = "SELECT COUNT(*), CAST(0 AS BIGINT) FROM tasks WHERE user_id = $1 AND deleted_at IS NULL";
    VERSION_BYTES = "SELECT COUNT(*),
            CAST(COALESCE(SUM(OCTET_LENGTH(v.code) + OCTET_LENGTH(v.inputs)), 0) AS BIGINT)
        FROM task_versions v JOIN tasks t ON t.id = v.task_id WHERE t.user_id = $1";
}

/// What there is at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holdings {
    pub queued: u32,
    pub running: u32,
    /// Not hidden.
    pub tasks: u32,
    pub stored_bytes: u64,
}

#[async_trait]
pub(crate) trait UsageCounts {
    /// What the runs have used that ended since then.
    async fn ended_since(&self, user: UserId, since: Timestamp) -> Result<PeriodUsage, Internal>;
    async fn holdings(&self, user: UserId) -> Result<Holdings, Internal>;
}

#[derive(FromRow)]
struct EndedRow {
    completed: i64,
    failed: i64,
    cancelled: i64,
    cpu_ms: f64,
    memory_mb_ms: f64,
}

#[async_trait]
impl UsageCounts for SqlStore {
    async fn ended_since(&self, user: UserId, since: Timestamp) -> Result<PeriodUsage, Internal> {
        let ended: EndedRow = query_as(ENDED)
            .bind(user.to_string())
            .bind(since.millis())
            .fetch_one(self.reader())
            .await?;
        Ok(PeriodUsage {
            since,
            runs: EndedRuns {
                completed: row::count(ended.completed),
                failed: row::count(ended.failed),
                cancelled: row::count(ended.cancelled),
            },
            cpu_s: ended.cpu_ms / MS_PER_S,
            memory_gb_s: ended.memory_mb_ms / (MB_PER_GB * MS_PER_S),
        })
    }

    async fn holdings(&self, user: UserId) -> Result<Holdings, Internal> {
        let user = user.to_string();
        // How many there are, and their bytes.
        let counted = async |sql: &'static str| -> Result<(i64, i64), Internal> {
            let counted = query_as(sql).bind(&user);
            counted.fetch_one(self.reader()).await
        };
        let (queued, queued_bytes) = counted(QUEUED).await?;
        let (running, running_bytes) = counted(RUNNING).await?;
        let (_, ended_bytes) = counted(ENDED_BYTES).await?;
        let (_, version_bytes) = counted(VERSION_BYTES).await?;
        let (tasks, _) = counted(TASKS).await?;
        Ok(Holdings {
            queued: row::count(queued),
            running: row::count(running),
            tasks: row::count(tasks),
            stored_bytes: row::size(queued_bytes + running_bytes + ended_bytes + version_bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{ConnectOptions, Row, sqlite::SqliteConnectOptions};

    /// A month of runs holds gigabytes of inputs and results, which counting must not read.
    #[tokio::test]
    async fn runs_that_have_ended_are_counted_from_the_index_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("test.db");
        SqlStore::open_file(&file).await.expect("a new database");
        let options = SqliteConnectOptions::new().filename(file);
        let mut database = options.connect().await.expect("it opens");
        for (sql, index) in [
            (ENDED, "COVERING INDEX runs_ended"),
            (ENDED_BYTES, "COVERING INDEX runs_ended"),
            (QUEUED, "INDEX runs_queued"),
            (RUNNING, "INDEX runs_running"),
        ] {
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let plan = sqlx::query(explain).fetch_all(&mut database).await;
            let plan: Vec<String> = plan
                .expect("a plan")
                .iter()
                .map(|row| row.get("detail"))
                .collect();
            assert!(plan.iter().any(|step| step.contains(index)), "{plan:?}");
        }
    }
}
