//! Shares. A deleted task closes its shares by being hidden, so that restoring it opens them again.

use super::{SqlStore, query, query_as, query_scalar, row, sql};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{RunId, ShareId, Timestamp, UserId, share::ShareSummary};
use sqlx::FromRow;
use std::time::Duration;

statements! {
    INSERT = "INSERT INTO shares (id, run_id, user_id, token_sha256, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    OPEN_OF_RUN = "SELECT id, created_at, expires_at FROM shares
        WHERE run_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
            AND (CAST($3 AS TEXT) IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4";
    COUNT_OF_RUN = "SELECT COUNT(*) FROM shares
        WHERE run_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    GET = "SELECT s.user_id, s.run_id FROM shares s WHERE s.id = $1 AND s.revoked_at IS NULL";
    REVOKE = "UPDATE shares SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    BY_TOKEN = "SELECT s.run_id, s.created_at, s.expires_at, u.name AS author, t.description,
            v.code
        FROM shares s
        JOIN runs r ON r.id = s.run_id
        JOIN tasks t ON t.id = r.task_id
        JOIN task_versions v ON v.task_id = r.task_id AND v.number = r.version
        JOIN users u ON u.id = s.user_id
        WHERE s.token_sha256 = $1 AND s.revoked_at IS NULL AND t.deleted_at IS NULL
            AND (s.expires_at IS NULL OR s.expires_at > $2)";
}

#[derive(Debug)]
pub(crate) struct ShareRow {
    pub owner: UserId,
}

/// What a token opens.
#[derive(Debug)]
pub(crate) struct OpenShare {
    pub run: RunId,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub author: String,
    pub description: String,
    pub code: String,
}

#[async_trait]
pub(crate) trait Shares {
    /// Stores a share and tells when it expires.
    async fn create_share(
        &self,
        share: ShareId,
        run: RunId,
        owner: UserId,
        token_sha256: &str,
        expires_in: Option<Duration>,
    ) -> Result<Option<Timestamp>, Internal>;
    /// The open shares of a run, newest first, those before `before`, at most `most`; and how many
    /// are open.
    async fn shares(
        &self,
        run: RunId,
        before: Option<ShareId>,
        most: usize,
    ) -> Result<(Vec<ShareSummary>, u64), Internal>;
    /// A share that is not revoked.
    async fn share(&self, share: ShareId) -> Result<Option<ShareRow>, Internal>;
    async fn revoke_share(&self, share: ShareId) -> Result<(), Internal>;
    /// What the token with that hash opens now.
    async fn open_share(&self, token_sha256: &str) -> Result<Option<OpenShare>, Internal>;
}

#[derive(FromRow)]
struct SummaryRow {
    id: String,
    created_at: i64,
    expires_at: Option<i64>,
}

#[derive(FromRow)]
struct OpenRow {
    run_id: String,
    created_at: i64,
    expires_at: Option<i64>,
    author: String,
    description: String,
    code: String,
}

#[async_trait]
impl Shares for SqlStore {
    async fn create_share(
        &self,
        share: ShareId,
        run: RunId,
        owner: UserId,
        token_sha256: &str,
        expires_in: Option<Duration>,
    ) -> Result<Option<Timestamp>, Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        let expires_at = expires_in.map(|life| now.saturating_add(sql::millis(life)));
        query(INSERT)
            .bind(share.to_string())
            .bind(run.to_string())
            .bind(owner.to_string())
            .bind(token_sha256)
            .bind(now)
            .bind(expires_at)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(row::time(expires_at))
    }

    async fn shares(
        &self,
        run: RunId,
        before: Option<ShareId>,
        most: usize,
    ) -> Result<(Vec<ShareSummary>, u64), Internal> {
        let now = self.now().await?;
        let rows: Vec<SummaryRow> = query_as(OPEN_OF_RUN)
            .bind(run.to_string())
            .bind(now)
            .bind(before.map(|share| share.to_string()))
            .bind(row::signed(most as u64))
            .fetch_all(self.reader())
            .await?;
        let total: i64 = query_scalar(COUNT_OF_RUN)
            .bind(run.to_string())
            .bind(now)
            .fetch_one(self.reader())
            .await?;
        let summary = |row: SummaryRow| {
            Ok(ShareSummary {
                id: row::parse("share id", &row.id)?,
                created_at: Timestamp::from_millis(row.created_at),
                expires_at: row::time(row.expires_at),
            })
        };
        let shares: Result<_, Internal> = rows.into_iter().map(summary).collect();
        Ok((shares?, row::size(total)))
    }

    async fn share(&self, share: ShareId) -> Result<Option<ShareRow>, Internal> {
        let owner: Option<String> = query_scalar(GET)
            .bind(share.to_string())
            .fetch_optional(self.reader())
            .await?;
        owner
            .map(|owner| row::parse("user id", &owner).map(|owner| ShareRow { owner }))
            .transpose()
    }

    async fn revoke_share(&self, share: ShareId) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        query(REVOKE)
            .bind(share.to_string())
            .bind(now)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn open_share(&self, token_sha256: &str) -> Result<Option<OpenShare>, Internal> {
        let now = self.now().await?;
        let row: Option<OpenRow> = query_as(BY_TOKEN)
            .bind(token_sha256)
            .bind(now)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| {
            Ok(OpenShare {
                run: row::parse("run id", &row.run_id)?,
                created_at: Timestamp::from_millis(row.created_at),
                expires_at: row::time(row.expires_at),
                author: row.author,
                description: row.description,
                code: row.code,
            })
        })
        .transpose()
    }
}
