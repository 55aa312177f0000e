//! API tokens. A revoked one is kept for a while, so that whoever still shows it is told why it is
//! refused.

use super::{SqlStore, query, query_as, query_scalar, row, sql};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{Timestamp, TokenId, UserId, token::TokenSummary};
use sqlx::FromRow;
use std::time::Duration;

/// How long a token that is revoked or over is remembered.
const REMEMBERED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

macro_rules! summary_columns {
    () => {
        "a.id, a.name, a.scope, a.start, a.created_at, a.expires_at, a.last_used_at"
    };
}

statements! {
    OPEN = "SELECT COUNT(*) FROM api_tokens
        WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2";
    INSERT = "INSERT INTO api_tokens
        (id, user_id, name, scope, token_sha256, start, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OF_USER = concat!("SELECT ", summary_columns!(), " FROM api_tokens a
        WHERE a.user_id = $1 AND a.revoked_at IS NULL ORDER BY a.id DESC");
    OWNER = "SELECT user_id FROM api_tokens WHERE id = $1 AND revoked_at IS NULL";
    REVOKE = "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    BY_HASH = concat!("SELECT ", summary_columns!(), ",
            a.revoked_at, a.user_id, u.name AS user_name
        FROM api_tokens a JOIN users u ON u.id = a.user_id WHERE a.token_sha256 = $1");
    USED = "UPDATE api_tokens SET last_used_at = $2
        WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    FORGET = "DELETE FROM api_tokens WHERE expires_at <= $1 OR revoked_at <= $1";
}

/// A token that is to be stored.
#[derive(Debug)]
pub(crate) struct TokenRow<'a> {
    pub owner: UserId,
    pub token_sha256: &'a str,
    pub summary: &'a TokenSummary,
    /// Open tokens the user may have.
    pub limit: u32,
}

/// A token somebody shows, and whose it is.
#[derive(Debug)]
pub(crate) struct ShownToken {
    pub owner: UserId,
    pub owner_name: String,
    pub summary: TokenSummary,
    pub revoked_at: Option<Timestamp>,
}

#[async_trait]
pub(crate) trait Tokens {
    /// Stores a token; false when the user has as many as are allowed.
    async fn create_token(&self, token: TokenRow<'_>) -> Result<bool, Internal>;
    /// The user's tokens that are not revoked, newest first.
    async fn tokens(&self, user: UserId) -> Result<Vec<TokenSummary>, Internal>;
    /// Whose token that is, while it is not revoked.
    async fn token_owner(&self, token: TokenId) -> Result<Option<UserId>, Internal>;
    async fn revoke_token(&self, token: TokenId) -> Result<(), Internal>;
    /// The token with that hash, whatever has become of it.
    async fn shown_token(&self, token_sha256: &str) -> Result<Option<ShownToken>, Internal>;
    async fn token_used(&self, token: TokenId, at: Timestamp) -> Result<(), Internal>;
    /// Deletes those that have been revoked or over for long.
    async fn forget_old_tokens(&self) -> Result<(), Internal>;
}

#[derive(FromRow)]
struct SummaryRow {
    id: String,
    name: String,
    scope: String,
    start: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
}

impl SummaryRow {
    fn into_summary(self) -> Result<TokenSummary, Internal> {
        Ok(TokenSummary {
            id: row::parse("token id", &self.id)?,
            name: self.name,
            scope: row::parse("scope", &self.scope)?,
            start: self.start,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: Timestamp::from_millis(self.expires_at),
            last_used_at: row::time(self.last_used_at),
        })
    }
}

#[derive(FromRow)]
struct ShownRow {
    #[sqlx(flatten)]
    summary: SummaryRow,
    revoked_at: Option<i64>,
    user_id: String,
    user_name: String,
}

#[async_trait]
impl Tokens for SqlStore {
    async fn create_token(&self, token: TokenRow<'_>) -> Result<bool, Internal> {
        let summary = token.summary;
        let mut tx = self.begin().await?;
        tx.alone(&token.owner.to_string()).await?;
        let open: i64 = query_scalar(OPEN)
            .bind(token.owner.to_string())
            .bind(summary.created_at.millis())
            .fetch_one(&mut tx)
            .await?;
        if open >= i64::from(token.limit) {
            return Ok(false);
        }
        query(INSERT)
            .bind(summary.id.to_string())
            .bind(token.owner.to_string())
            .bind(&summary.name)
            .bind(summary.scope.as_str())
            .bind(token.token_sha256)
            .bind(&summary.start)
            .bind(summary.created_at.millis())
            .bind(summary.expires_at.millis())
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn tokens(&self, user: UserId) -> Result<Vec<TokenSummary>, Internal> {
        let rows: Vec<SummaryRow> = query_as(OF_USER)
            .bind(user.to_string())
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(SummaryRow::into_summary).collect()
    }

    async fn token_owner(&self, token: TokenId) -> Result<Option<UserId>, Internal> {
        let owner: Option<String> = query_scalar(OWNER)
            .bind(token.to_string())
            .fetch_optional(self.reader())
            .await?;
        owner.map(|owner| row::parse("user id", &owner)).transpose()
    }

    async fn revoke_token(&self, token: TokenId) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        query(REVOKE)
            .bind(token.to_string())
            .bind(now)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn shown_token(&self, token_sha256: &str) -> Result<Option<ShownToken>, Internal> {
        let row: Option<ShownRow> = query_as(BY_HASH)
            .bind(token_sha256)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| {
            Ok(ShownToken {
                owner: row::parse("user id", &row.user_id)?,
                owner_name: row.user_name,
                summary: row.summary.into_summary()?,
                revoked_at: row::time(row.revoked_at),
            })
        })
        .transpose()
    }

    async fn token_used(&self, token: TokenId, at: Timestamp) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        query(USED)
            .bind(token.to_string())
            .bind(at.millis())
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn forget_old_tokens(&self) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        query(FORGET)
            .bind(now - sql::millis(REMEMBERED_FOR))
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
