//! Users.

use super::{SqlStore, query_as, query_scalar, row};
use crate::{clock, error::Internal};
use async_trait::async_trait;
use domain::UserId;
use uuid::Uuid;

statements! {
    UPSERT = "INSERT INTO users (id, subject, name, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (subject) DO UPDATE SET name = excluded.name
        RETURNING id";
    KNOWN = "SELECT id, name FROM users WHERE subject = $1";
}

#[async_trait]
pub(crate) trait Users {
    /// The user of that subject, made when new; the name is kept up to date.
    async fn user(&self, subject: &str, name: &str) -> Result<UserId, Internal>;
    /// The user of that subject with the name, as they are.
    async fn known_user(&self, subject: &str) -> Result<Option<(UserId, String)>, Internal>;
}

#[async_trait]
impl Users for SqlStore {
    async fn user(&self, subject: &str, name: &str) -> Result<UserId, Internal> {
        let mut tx = self.begin().await?;
        let id: String = query_scalar(UPSERT)
            .bind(Uuid::now_v7().to_string())
            .bind(subject)
            .bind(name)
            .bind(clock::now().millis())
            .fetch_one(&mut tx)
            .await?;
        tx.commit().await?;
        row::parse("user id", &id)
    }

    async fn known_user(&self, subject: &str) -> Result<Option<(UserId, String)>, Internal> {
        let known: Option<(String, String)> = query_as(KNOWN)
            .bind(subject)
            .fetch_optional(self.reader())
            .await?;
        known
            .map(|(id, name)| Ok((row::parse("user id", &id)?, name)))
            .transpose()
    }
}
