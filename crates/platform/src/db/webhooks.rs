//! Webhooks, and their logs as they are read. A deleted task hides its webhooks.

use super::{SqlStore, query, query_as, query_scalar, row};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    DeliveryId, TaskId, Timestamp, UserId, WebhookId,
    webhook::{Delivery, DeliveryStatus, Webhook, WebhookEvent},
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::FromRow;

macro_rules! webhook_columns {
    () => {
        "w.id, w.user_id, w.task_id, w.url, w.events, w.description, w.created_at, w.disabled_at,
         t.deleted_at"
    };
}

macro_rules! delivery_columns {
    () => {
        "id, run_id, event, status, created_at, attempt, next_at, claim, tried_at, http_status,
         error, duration_ms"
    };
}

statements! {
    COUNT = "SELECT COUNT(*) FROM webhooks w LEFT JOIN tasks t ON t.id = w.task_id
        WHERE w.user_id = $1 AND t.deleted_at IS NULL";
    INSERT = "INSERT INTO webhooks
        (id, user_id, task_id, url, secret, events, description, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LIST = concat!("SELECT ", webhook_columns!(), "
        FROM webhooks w LEFT JOIN tasks t ON t.id = w.task_id
        WHERE w.user_id = $1 AND t.deleted_at IS NULL ORDER BY w.id DESC");
    GET = concat!("SELECT ", webhook_columns!(), "
        FROM webhooks w LEFT JOIN tasks t ON t.id = w.task_id WHERE w.id = $1");
    /// Its deliveries go with it.
    DELETE = "DELETE FROM webhooks WHERE id = $1";
    LOG = concat!("SELECT ", delivery_columns!(), " FROM webhook_deliveries
        WHERE webhook_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id < $2) ORDER BY id DESC LIMIT $3");
    LOG_LENGTH = "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1";
    LINE = concat!("SELECT ", delivery_columns!(), " FROM webhook_deliveries
        WHERE webhook_id = $1 AND id = $2");
    PING_WAITING = "SELECT id FROM webhook_deliveries
        WHERE webhook_id = $1 AND event = 'ping' AND status = 'pending' ORDER BY id DESC LIMIT 1";
    PING = "INSERT INTO webhook_deliveries (id, webhook_id, event, status, created_at, next_at)
        VALUES ($1, $2, 'ping', 'pending', $3, $3)";
    AGAIN = "UPDATE webhook_deliveries SET status = 'pending', attempt = 0, next_at = $3,
            claim = NULL, tried_at = NULL, http_status = NULL, error = NULL, duration_ms = NULL
        WHERE webhook_id = $1 AND id = $2
            AND NOT (status = 'pending' AND claim IS NOT NULL AND next_at > $3)";
}

/// A webhook with what authorisation needs to know.
#[derive(Debug)]
pub(crate) struct WebhookRecord {
    pub owner: UserId,
    /// Its task is hidden.
    pub hidden: bool,
    pub webhook: Webhook,
}

/// A webhook that is to be stored.
#[derive(Debug)]
pub(crate) struct MakeWebhook {
    pub id: WebhookId,
    pub owner: UserId,
    pub task: Option<TaskId>,
    pub url: String,
    pub events: Vec<WebhookEvent>,
    pub description: String,
    pub secret: SecretString,
}

#[async_trait]
pub(crate) trait Webhooks {
    /// `None` when the owner has `most` already.
    async fn create_webhook(
        &self,
        new: MakeWebhook,
        most: usize,
    ) -> Result<Option<Webhook>, Internal>;
    /// Newest first, without those of hidden tasks.
    async fn webhooks(&self, owner: UserId) -> Result<Vec<Webhook>, Internal>;
    async fn webhook(&self, webhook: WebhookId) -> Result<Option<WebhookRecord>, Internal>;
    async fn delete_webhook(&self, webhook: WebhookId) -> Result<(), Internal>;
    /// Newest first; one more than the limit when there are more; and how many there are.
    async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> Result<(Vec<Delivery>, u64), Internal>;
    async fn delivery(
        &self,
        webhook: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Option<Delivery>, Internal>;
    /// A ping that is due now: a new one of that id, or the one that waits already.
    async fn ping_webhook(
        &self,
        webhook: WebhookId,
        new: DeliveryId,
    ) -> Result<DeliveryId, Internal>;
    /// Makes a delivery due now as if it had never been tried, unless it is being sent.
    async fn redeliver(&self, webhook: WebhookId, delivery: DeliveryId) -> Result<(), Internal>;
}

#[derive(FromRow)]
struct WebhookRow {
    id: String,
    user_id: String,
    task_id: Option<String>,
    url: String,
    events: String,
    description: String,
    created_at: i64,
    disabled_at: Option<i64>,
    deleted_at: Option<i64>,
}

impl WebhookRow {
    fn into_record(self) -> Result<WebhookRecord, Internal> {
        let task = self.task_id.as_deref();
        Ok(WebhookRecord {
            owner: row::parse("user id", &self.user_id)?,
            hidden: self.deleted_at.is_some(),
            webhook: Webhook {
                id: row::parse("webhook id", &self.id)?,
                url: self.url,
                task_id: task.map(|id| row::parse("task id", id)).transpose()?,
                events: row::json("list of events", &self.events)?,
                description: self.description,
                created_at: Timestamp::from_millis(self.created_at),
                disabled_at: row::time(self.disabled_at),
            },
        })
    }
}

#[derive(FromRow)]
struct DeliveryRow {
    id: String,
    run_id: Option<String>,
    event: String,
    status: String,
    created_at: i64,
    attempt: i64,
    next_at: i64,
    claim: Option<String>,
    tried_at: Option<i64>,
    http_status: Option<i64>,
    error: Option<String>,
    duration_ms: Option<f64>,
}

impl DeliveryRow {
    fn into_delivery(self) -> Result<Delivery, Internal> {
        let run = self.run_id.as_deref();
        let status = DeliveryStatus::parse(&self.status)
            .ok_or_else(|| row::unreadable("delivery status", self.status))?;
        let waits = status == DeliveryStatus::Pending && self.claim.is_none();
        Ok(Delivery {
            id: row::parse("delivery id", &self.id)?,
            event: row::webhook_event(&self.event)?,
            run_id: run.map(|id| row::parse("run id", id)).transpose()?,
            created_at: Timestamp::from_millis(self.created_at),
            status,
            attempt: row::count(self.attempt),
            tried_at: row::time(self.tried_at),
            http_status: self.http_status.and_then(|code| u16::try_from(code).ok()),
            error: self.error,
            duration_ms: self.duration_ms,
            next_try_at: row::time(Some(self.next_at).filter(|_| waits)),
        })
    }
}

#[async_trait]
impl Webhooks for SqlStore {
    async fn create_webhook(
        &self,
        new: MakeWebhook,
        most: usize,
    ) -> Result<Option<Webhook>, Internal> {
        let mut tx = self.begin().await?;
        tx.alone(&new.owner.to_string()).await?;
        let now = tx.now().await?;
        let has: i64 = query_scalar(COUNT)
            .bind(new.owner.to_string())
            .fetch_one(&mut tx)
            .await?;
        if row::size(has) >= most as u64 {
            return Ok(None);
        }
        query(INSERT)
            .bind(new.id.to_string())
            .bind(new.owner.to_string())
            .bind(new.task.map(|task| task.to_string()))
            .bind(&new.url)
            .bind(new.secret.expose_secret())
            .bind(row::to_json(&new.events))
            .bind(&new.description)
            .bind(now)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(Some(Webhook {
            id: new.id,
            url: new.url,
            task_id: new.task,
            events: new.events,
            description: new.description,
            created_at: Timestamp::from_millis(now),
            disabled_at: None,
        }))
    }

    async fn webhooks(&self, owner: UserId) -> Result<Vec<Webhook>, Internal> {
        let rows: Vec<WebhookRow> = query_as(LIST)
            .bind(owner.to_string())
            .fetch_all(self.reader())
            .await?;
        rows.into_iter()
            .map(|row| Ok(row.into_record()?.webhook))
            .collect()
    }

    async fn webhook(&self, webhook: WebhookId) -> Result<Option<WebhookRecord>, Internal> {
        let row: Option<WebhookRow> = query_as(GET)
            .bind(webhook.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(WebhookRow::into_record).transpose()
    }

    async fn delete_webhook(&self, webhook: WebhookId) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        query(DELETE)
            .bind(webhook.to_string())
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<DeliveryId>,
        limit: usize,
    ) -> Result<(Vec<Delivery>, u64), Internal> {
        let rows: Vec<DeliveryRow> = query_as(LOG)
            .bind(webhook.to_string())
            .bind(after.map(|delivery| delivery.to_string()))
            .bind(row::signed(limit as u64 + 1))
            .fetch_all(self.reader())
            .await?;
        let total: i64 = query_scalar(LOG_LENGTH)
            .bind(webhook.to_string())
            .fetch_one(self.reader())
            .await?;
        let lines: Result<_, _> = rows.into_iter().map(DeliveryRow::into_delivery).collect();
        Ok((lines?, row::size(total)))
    }

    async fn delivery(
        &self,
        webhook: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Option<Delivery>, Internal> {
        let row: Option<DeliveryRow> = query_as(LINE)
            .bind(webhook.to_string())
            .bind(delivery.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(DeliveryRow::into_delivery).transpose()
    }

    async fn ping_webhook(
        &self,
        webhook: WebhookId,
        new: DeliveryId,
    ) -> Result<DeliveryId, Internal> {
        let mut tx = self.begin().await?;
        tx.alone(&webhook.to_string()).await?;
        let waiting: Option<String> = query_scalar(PING_WAITING)
            .bind(webhook.to_string())
            .fetch_optional(&mut tx)
            .await?;
        if let Some(waiting) = waiting {
            return row::parse("delivery id", &waiting);
        }
        let now = tx.now().await?;
        query(PING)
            .bind(new.to_string())
            .bind(webhook.to_string())
            .bind(now)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(new)
    }

    async fn redeliver(&self, webhook: WebhookId, delivery: DeliveryId) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        query(AGAIN)
            .bind(webhook.to_string())
            .bind(delivery.to_string())
            .bind(now)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
