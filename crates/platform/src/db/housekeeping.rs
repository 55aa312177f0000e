//! What is looked for from time to time: expired leases, runs that wait, keys nobody needs.

use super::{SqlStore, deliveries, query, query_as, query_scalar, row, sql, submit};
use crate::error::Internal;
use async_trait::async_trait;
use domain::RunId;

statements! {
    EXPIRE_ALL = "UPDATE runs SET lease_until = 0 WHERE status = 'running'";
    EXPIRED = "SELECT id, attempt, failures, dispatcher FROM runs
        WHERE status = 'running' AND lease_until <= $1 ORDER BY id LIMIT $2";
    WAITING = "SELECT id FROM runs WHERE status = 'queued' AND run_after <= $1
        ORDER BY id LIMIT $2";
    FORGET_KEYS = "DELETE FROM idempotency_keys WHERE created_at <= $1";
    FORGET_TASK_KEYS = "DELETE FROM task_keys WHERE created_at <= $1";
}

/// A run whose attempt is lost.
#[derive(Clone, Debug)]
pub(crate) struct Expired {
    pub run: RunId,
    pub attempt: u32,
    pub failures: u32,
    /// Who held it.
    pub dispatcher: String,
}

#[async_trait]
pub(crate) trait Housekeeping {
    /// Ends every lease. For a database that only its opener uses: whoever held one is gone.
    async fn expire_all_leases(&self) -> Result<(), Internal>;
    async fn expired(&self, most: usize) -> Result<Vec<Expired>, Internal>;
    /// Runs that could be claimed now, oldest first.
    async fn waiting(&self, most: usize) -> Result<Vec<RunId>, Internal>;
    async fn forget_old_keys(&self) -> Result<(), Internal>;
    /// Waits until something could be written.
    async fn can_write(&self) -> Result<(), Internal>;
    /// Waits for what is under way and closes every connection.
    async fn close(&self);
}

#[async_trait]
impl Housekeeping for SqlStore {
    async fn expire_all_leases(&self) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        query(EXPIRE_ALL).execute(&mut tx).await?;
        deliveries::expire_claims(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn expired(&self, most: usize) -> Result<Vec<Expired>, Internal> {
        let now = self.now().await?;
        let rows: Vec<(String, i64, i64, String)> = query_as(EXPIRED)
            .bind(now)
            .bind(row::signed(most as u64))
            .fetch_all(self.reader())
            .await?;
        let expired = |(run, attempt, failures, dispatcher): (String, i64, i64, String)| {
            Ok(Expired {
                run: row::parse("run id", &run)?,
                attempt: row::count(attempt),
                failures: row::count(failures),
                dispatcher,
            })
        };
        rows.into_iter().map(expired).collect()
    }

    async fn waiting(&self, most: usize) -> Result<Vec<RunId>, Internal> {
        let now = self.now().await?;
        let rows: Vec<String> = query_scalar(WAITING)
            .bind(now)
            .bind(row::signed(most as u64))
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(|id| row::parse("run id", id)).collect()
    }

    async fn forget_old_keys(&self) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        for forget in [FORGET_KEYS, FORGET_TASK_KEYS] {
            query(forget)
                .bind(now - sql::millis(submit::KEY_LIFE))
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn can_write(&self) -> Result<(), Internal> {
        // The write lock is taken and given back.
        Ok(self.begin().await?.rollback().await?)
    }

    async fn close(&self) {
        self.close_pools().await;
    }
}
