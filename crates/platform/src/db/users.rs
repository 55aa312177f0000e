//! Users.

use super::{SqliteStore, row};
use crate::{clock, error::Internal};
use async_trait::async_trait;
use domain::UserId;
use uuid::Uuid;

statements! {
    UPSERT = "INSERT INTO users (id, subject, name, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (subject) DO UPDATE SET name = excluded.name
        RETURNING id";
}

#[async_trait]
pub(crate) trait Users {
    /// The user of that subject, made when new; the name is kept up to date.
    async fn user(&self, subject: &str, name: &str) -> Result<UserId, Internal>;
}

#[async_trait]
impl Users for SqliteStore {
    async fn user(&self, subject: &str, name: &str) -> Result<UserId, Internal> {
        let mut tx = self.begin().await?;
        let id: String = sqlx::query_scalar(UPSERT)
            .bind(Uuid::now_v7().to_string())
            .bind(subject)
            .bind(name)
            .bind(clock::now().millis())
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        row::parse("user id", &id)
    }
}
