//! What operators watch of the database: how many runs are in which state, and its connections.

use super::{SqlStore, query_as, query_scalar, row};
use crate::error::Internal;
use async_trait::async_trait;
use domain::run::RunStatus;
use sqlx::{Database, Pool};
use std::time::Duration;

statements! {
    /// Only the index of waiting runs is read, and one row. An id begins with its time, so the
    /// smallest is the oldest.
    WAITING = "SELECT w.depth, r.enqueued_at
        FROM (SELECT COUNT(*) AS depth, MIN(id) AS oldest FROM runs WHERE status = 'queued') w
        LEFT JOIN runs r ON r.id = w.oldest";
    RUNNING = "SELECT COUNT(*) FROM runs WHERE status = 'running'";
    /// Only an index is read, but all of it.
    ENDED = "SELECT status, COUNT(*) FROM runs WHERE finished_at IS NOT NULL GROUP BY status";
}

/// The runs that have not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfinished {
    pub waiting: u64,
    /// Since the oldest of them was submitted.
    pub oldest: Option<Duration>,
    pub running: u64,
}

/// The connections of one pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    pub name: &'static str,
    pub used: u32,
    pub idle: u32,
}

impl PoolUse {
    pub(super) fn of<D: Database>(name: &'static str, pool: &Pool<D>) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        let used = pool.size().saturating_sub(idle);
        Self { name, used, idle }
    }
}

#[async_trait]
pub(crate) trait Census {
    /// Cheap: read from the indexes of the few runs it is about.
    async fn unfinished(&self) -> Result<Unfinished, Internal>;
    /// Runs by their final state; takes the longer the more there are.
    async fn ended(&self) -> Result<Vec<(RunStatus, u64)>, Internal>;
    fn pools(&self) -> Vec<PoolUse>;
}

#[async_trait]
impl Census for SqlStore {
    async fn unfinished(&self) -> Result<Unfinished, Internal> {
        let now = self.now().await?;
        let (waiting, oldest): (i64, Option<i64>) =
            query_as(WAITING).fetch_one(self.reader()).await?;
        let running: i64 = query_scalar(RUNNING).fetch_one(self.reader()).await?;
        Ok(Unfinished {
            waiting: row::size(waiting),
            oldest: oldest.map(|since| Duration::from_millis(row::size(now - since))),
            running: row::size(running),
        })
    }

    async fn ended(&self) -> Result<Vec<(RunStatus, u64)>, Internal> {
        let rows: Vec<(String, i64)> = query_as(ENDED).fetch_all(self.reader()).await?;
        rows.into_iter()
            .map(|(status, runs)| Ok((row::status(&status)?, row::size(runs))))
            .collect()
    }

    fn pools(&self) -> Vec<PoolUse> {
        self.pools_in_use()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{ConnectOptions, Row, sqlite::SqliteConnectOptions};

    /// It is asked every few seconds, and rows hold inputs and results.
    #[tokio::test]
    async fn runs_are_counted_from_the_indexes_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("test.db");
        SqlStore::open_file(&file).await.expect("a new database");
        let options = SqliteConnectOptions::new().filename(file);
        let mut database = options.connect().await.expect("it opens");
        for (sql, index) in [
            (WAITING, "COVERING INDEX runs_queued"),
            (RUNNING, "COVERING INDEX runs_running"),
            (ENDED, "COVERING INDEX runs_ended"),
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
