//! What webhooks are to be told: stored with the end of a run, claimed, and ended.

use super::{SqlStore, Tx, query, query_as, query_scalar, row, sql};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    DeliveryId, RunId, Timestamp, WebhookId,
    limits::WEBHOOK_LOG_DAYS,
    run::RunStatus,
    webhook::{DeliveryStatus, WebhookEvent},
};
use secrecy::SecretString;
use sqlx::FromRow;
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// How long a line of the log is kept.
const LOG_LIFE: Duration = Duration::from_secs(WEBHOOK_LOG_DAYS as u64 * 24 * 60 * 60);
/// Old lines removed in one transaction at most; the rest the next time.
const FORGET_BATCH: i64 = 1_000;

statements! {
    LISTENING = "SELECT w.id, w.events FROM runs r
        JOIN tasks t ON t.id = r.task_id AND t.deleted_at IS NULL
        JOIN webhooks w ON w.user_id = r.user_id
        WHERE r.id = $1 AND w.disabled_at IS NULL
            AND (w.task_id IS NULL OR w.task_id = r.task_id)";
    INSERT = "INSERT INTO webhook_deliveries
        (id, webhook_id, run_id, event, status, created_at, next_at)
        VALUES ($1, $2, $3, $4, 'pending', $5, $5)
        ON CONFLICT (run_id, webhook_id) DO NOTHING";
    NEXT = "SELECT MIN(next_at) FROM webhook_deliveries WHERE status = 'pending'";
    WEBHOOKS_DUE = "SELECT w.id, w.url, w.secret, t.deleted_at FROM webhooks w
        LEFT JOIN tasks t ON t.id = w.task_id
        WHERE EXISTS (SELECT 1 FROM webhook_deliveries d
            WHERE d.webhook_id = w.id AND d.status = 'pending' AND d.next_at <= $1)";
    TAKE = "UPDATE webhook_deliveries SET claim = $3, next_at = $4
        WHERE id IN (SELECT id FROM webhook_deliveries
                WHERE webhook_id = $1 AND status = 'pending' AND next_at <= $2
                ORDER BY next_at, id LIMIT $5)
            AND status = 'pending' AND next_at <= $2
        RETURNING id, run_id, event, created_at, attempt";
    END = "UPDATE webhook_deliveries SET status = $3, attempt = attempt + 1, next_at = $4,
            claim = NULL, tried_at = $5, http_status = $6, error = $7, duration_ms = $8
        WHERE id = $1 AND claim = $2";
    ENABLE = "UPDATE webhooks SET disabled_at = NULL
        WHERE id = $1 AND disabled_at IS NOT NULL";
    DISABLE = "UPDATE webhooks SET disabled_at = $2 WHERE id = $1";
    FAIL_ALL = "UPDATE webhook_deliveries SET status = 'failed', claim = NULL, error = $2
        WHERE webhook_id = $1 AND status = 'pending'";
    EXPIRE_CLAIMS = "UPDATE webhook_deliveries SET claim = NULL, next_at = 0
        WHERE status = 'pending' AND claim IS NOT NULL";
    FORGET = "DELETE FROM webhook_deliveries WHERE id IN
        (SELECT id FROM webhook_deliveries WHERE created_at <= $1 LIMIT $2)";
}

/// A delivery that this server, and no other, may now send.
#[derive(Debug)]
pub(crate) struct ClaimedDelivery {
    pub id: DeliveryId,
    pub webhook: WebhookId,
    pub url: String,
    pub secret: SecretString,
    /// The webhook's task is hidden.
    pub hidden: bool,
    /// Absent for a ping.
    pub run: Option<RunId>,
    pub event: WebhookEvent,
    pub created_at: Timestamp,
    /// Tries before this one.
    pub attempt: u32,
    claim: String,
}

/// What comes after a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Delivered,
    Retry(Duration),
    GiveUp,
    /// The webhook is told nothing more.
    Disable,
}

/// What came of a try.
#[derive(Debug)]
pub(crate) struct Tried {
    pub next: Next,
    pub http_status: Option<u16>,
    pub error: Option<String>,
    pub duration: Duration,
}

#[async_trait]
pub(crate) trait Deliveries {
    /// How long until a delivery is due; zero when one is, `None` when none waits.
    async fn next_delivery(&self) -> Result<Option<Duration>, Internal>;
    /// At most `most` that are due, and per webhook as many as `per_webhook` leaves beside those
    /// `under_way`; for as long as the lease, nobody else gets them.
    async fn claim_deliveries(
        &self,
        lease: Duration,
        under_way: &HashMap<WebhookId, usize>,
        per_webhook: usize,
        most: usize,
    ) -> Result<Vec<ClaimedDelivery>, Internal>;
    /// Writes what came of a try, unless somebody else has claimed the delivery since.
    async fn end_delivery(&self, delivery: &ClaimedDelivery, tried: Tried) -> Result<(), Internal>;
    async fn forget_old_deliveries(&self) -> Result<(), Internal>;
}

/// Stores what is to be told of a run that ends in this transaction.
pub(super) async fn enqueue(
    tx: &mut Tx,
    run: RunId,
    status: RunStatus,
    now: i64,
) -> Result<(), Internal> {
    let Some(event) = WebhookEvent::of(status) else {
        return Ok(());
    };
    let listening: Vec<(String, String)> = query_as(LISTENING)
        .bind(run.to_string())
        .fetch_all(&mut *tx)
        .await?;
    for (webhook, events) in listening {
        let events: Vec<WebhookEvent> = row::json("list of events", &events)?;
        if events.contains(&event) {
            query(INSERT)
                .bind(Uuid::now_v7().to_string())
                .bind(webhook)
                .bind(run.to_string())
                .bind(event.as_str())
                .bind(now)
                .execute(&mut *tx)
                .await?;
        }
    }
    Ok(())
}

/// Makes due what servers that are gone had claimed.
pub(super) async fn expire_claims(tx: &mut Tx) -> Result<(), Internal> {
    query(EXPIRE_CLAIMS).execute(&mut *tx).await?;
    Ok(())
}

#[derive(FromRow)]
struct WebhookDueRow {
    id: String,
    url: String,
    secret: String,
    deleted_at: Option<i64>,
}

#[derive(FromRow)]
struct TakenRow {
    id: String,
    run_id: Option<String>,
    event: String,
    created_at: i64,
    attempt: i64,
}

#[async_trait]
impl Deliveries for SqlStore {
    async fn next_delivery(&self) -> Result<Option<Duration>, Internal> {
        let at: Option<i64> = query_scalar(NEXT).fetch_one(self.reader()).await?;
        let Some(at) = at else {
            return Ok(None);
        };
        let now = self.now().await?;
        Ok(Some(Duration::from_millis(row::size(at - now))))
    }

    async fn claim_deliveries(
        &self,
        lease: Duration,
        under_way: &HashMap<WebhookId, usize>,
        per_webhook: usize,
        most: usize,
    ) -> Result<Vec<ClaimedDelivery>, Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        let due: Vec<WebhookDueRow> = query_as(WEBHOOKS_DUE).bind(now).fetch_all(&mut tx).await?;
        let mut claimed = Vec::new();
        for webhook in due {
            let id: WebhookId = row::parse("webhook id", &webhook.id)?;
            let busy = under_way.get(&id).copied().unwrap_or_default();
            let room = per_webhook.saturating_sub(busy);
            let room = room.min(most - claimed.len());
            if room > 0 {
                let until = now + sql::millis(lease);
                take(&mut tx, id, webhook, (now, until), room, &mut claimed).await?;
            }
        }
        tx.commit().await?;
        Ok(claimed)
    }

    async fn end_delivery(&self, delivery: &ClaimedDelivery, tried: Tried) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        let status = match tried.next {
            Next::Delivered => DeliveryStatus::Delivered,
            Next::Retry(_) => DeliveryStatus::Pending,
            Next::GiveUp | Next::Disable => DeliveryStatus::Failed,
        };
        let next_at = match tried.next {
            Next::Retry(pause) => now + sql::millis(pause),
            _ => now,
        };
        let ended = query(END)
            .bind(delivery.id.to_string())
            .bind(&delivery.claim)
            .bind(status.as_str())
            .bind(next_at)
            .bind(now)
            .bind(tried.http_status.map(i64::from))
            .bind(tried.error.as_deref())
            .bind(tried.duration.as_secs_f64() * 1000.0)
            .execute(&mut tx)
            .await?;
        if ended > 0 {
            after_end(&mut tx, delivery.webhook, &tried, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn forget_old_deliveries(&self) -> Result<(), Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        query(FORGET)
            .bind(now - sql::millis(LOG_LIFE))
            .bind(FORGET_BATCH)
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn take(
    tx: &mut Tx,
    id: WebhookId,
    webhook: WebhookDueRow,
    (now, until): (i64, i64),
    room: usize,
    claimed: &mut Vec<ClaimedDelivery>,
) -> Result<(), Internal> {
    let claim = Uuid::now_v7().to_string();
    let taken: Vec<TakenRow> = query_as(TAKE)
        .bind(&webhook.id)
        .bind(now)
        .bind(&claim)
        .bind(until)
        .bind(row::signed(room as u64))
        .fetch_all(&mut *tx)
        .await?;
    let secret = SecretString::from(webhook.secret);
    for taken in taken {
        let run = taken.run_id.as_deref();
        claimed.push(ClaimedDelivery {
            id: row::parse("delivery id", &taken.id)?,
            webhook: id,
            url: webhook.url.clone(),
            secret: secret.clone(),
            hidden: webhook.deleted_at.is_some(),
            run: run.map(|id| row::parse("run id", id)).transpose()?,
            event: row::webhook_event(&taken.event)?,
            created_at: Timestamp::from_millis(taken.created_at),
            attempt: row::count(taken.attempt),
            claim: claim.clone(),
        });
    }
    Ok(())
}

/// What a try says about the webhook itself.
async fn after_end(
    tx: &mut Tx,
    webhook: WebhookId,
    tried: &Tried,
    now: i64,
) -> Result<(), Internal> {
    match tried.next {
        Next::Delivered => {
            query(ENABLE)
                .bind(webhook.to_string())
                .execute(&mut *tx)
                .await?;
        }
        Next::Disable => {
            query(DISABLE)
                .bind(webhook.to_string())
                .bind(now)
                .execute(&mut *tx)
                .await?;
            query(FAIL_ALL)
                .bind(webhook.to_string())
                .bind(tried.error.as_deref())
                .execute(&mut *tx)
                .await?;
        }
        Next::Retry(_) | Next::GiveUp => {}
    }
    Ok(())
}
