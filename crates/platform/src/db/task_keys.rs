//! A new task: one transaction writes it with its first version, or finds that the same request
//! made it before.

use super::{
    Idempotency, SqlStore, TaskContent, query, query_as, row, sql, submit::KEY_LIFE, tasks,
};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{TaskId, UserId};

statements! {
    REMEMBERED = "SELECT request_sha256, task_id FROM task_keys
        WHERE user_id = $1 AND idempotency_key = $2 AND created_at > $3";
    REMEMBER = "INSERT INTO task_keys
        (user_id, idempotency_key, request_sha256, task_id, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (user_id, idempotency_key) DO UPDATE SET
            request_sha256 = excluded.request_sha256,
            task_id = excluded.task_id,
            created_at = excluded.created_at";
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Created {
    Stored,
    /// The same request made this task before.
    Repeated(TaskId),
    /// The key came with another request before.
    Mismatch,
}

#[async_trait]
pub(crate) trait TaskKeys {
    /// What the key stands for, if it came before.
    async fn remembered_task(
        &self,
        user: UserId,
        idempotency: &Idempotency,
    ) -> Result<Option<Created>, Internal>;
    async fn create_task(
        &self,
        task: TaskId,
        new: &TaskContent,
        idempotency: Option<&Idempotency>,
    ) -> Result<Created, Internal>;
}

#[async_trait]
impl TaskKeys for SqlStore {
    async fn remembered_task(
        &self,
        user: UserId,
        idempotency: &Idempotency,
    ) -> Result<Option<Created>, Internal> {
        let now = self.now().await?;
        remembered(self.reader(), user, idempotency, now).await
    }

    async fn create_task(
        &self,
        task: TaskId,
        new: &TaskContent,
        idempotency: Option<&Idempotency>,
    ) -> Result<Created, Internal> {
        let mut tx = self.begin().await?;
        if idempotency.is_some() {
            tx.alone(&new.owner.to_string()).await?;
        }
        let now = tx.now().await?;
        if let Some(idempotency) = idempotency
            && let Some(earlier) = remembered(&mut tx, new.owner, idempotency, now).await?
        {
            return Ok(earlier);
        }
        tasks::insert(&mut tx, task, new, now).await?;
        if let Some(idempotency) = idempotency {
            query(REMEMBER)
                .bind(new.owner.to_string())
                .bind(&idempotency.key)
                .bind(&idempotency.request_sha256)
                .bind(task.to_string())
                .bind(now)
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        Ok(Created::Stored)
    }
}

async fn remembered(
    on: impl Into<sql::On<'_>>,
    user: UserId,
    idempotency: &Idempotency,
    now: i64,
) -> Result<Option<Created>, Internal> {
    let found: Option<(String, String)> = query_as(REMEMBERED)
        .bind(user.to_string())
        .bind(&idempotency.key)
        .bind(now - sql::millis(KEY_LIFE))
        .fetch_optional(on)
        .await?;
    found
        .map(|(request_sha256, task)| {
            if request_sha256 == idempotency.request_sha256 {
                row::parse("task id", &task).map(Created::Repeated)
            } else {
                Ok(Created::Mismatch)
            }
        })
        .transpose()
}
