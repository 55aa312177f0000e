//! The stored story of a run.

use super::{SqlStore, Tx, query, query_as, row};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    RunId, Timestamp,
    event::{RunEvent, RunEventKind},
};
use sqlx::FromRow;

statements! {
    INSERT = "INSERT INTO run_events (run_id, seq, attempt, at, body) VALUES ($1, $2, $3, $4, $5)";
    AFTER = "SELECT seq, attempt, at, body FROM run_events
        WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    OF_LAST_ATTEMPT = "SELECT e.seq, e.attempt, e.at, e.body
        FROM run_events e JOIN runs r ON r.id = e.run_id
        WHERE e.run_id = $1 AND e.attempt = r.attempt ORDER BY e.seq";
}

#[async_trait]
pub(crate) trait Events {
    /// At most `most` events after number `after`, in order.
    async fn events(&self, run: RunId, after: u64, most: usize) -> Result<Vec<RunEvent>, Internal>;
    /// All events of the run's last attempt, in order.
    async fn last_attempt(&self, run: RunId) -> Result<Vec<RunEvent>, Internal>;
}

#[derive(FromRow)]
struct EventRow {
    seq: i64,
    attempt: i64,
    at: i64,
    body: String,
}

impl EventRow {
    fn into_event(self) -> Result<RunEvent, Internal> {
        Ok(RunEvent {
            seq: row::size(self.seq),
            attempt: row::count(self.attempt),
            at: Timestamp::from_millis(self.at),
            kind: row::json("run event", &self.body)?,
        })
    }
}

#[async_trait]
impl Events for SqlStore {
    async fn events(&self, run: RunId, after: u64, most: usize) -> Result<Vec<RunEvent>, Internal> {
        let rows: Vec<EventRow> = query_as(AFTER)
            .bind(run.to_string())
            .bind(row::signed(after))
            .bind(row::signed(most as u64))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(EventRow::into_event).collect()
    }

    async fn last_attempt(&self, run: RunId) -> Result<Vec<RunEvent>, Internal> {
        let rows: Vec<EventRow> = query_as(OF_LAST_ATTEMPT)
            .bind(run.to_string())
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(EventRow::into_event).collect()
    }
}

/// Adds one event; the caller holds the run and gives the next number.
pub(super) async fn insert(
    tx: &mut Tx,
    run: RunId,
    seq: i64,
    attempt: i64,
    at: i64,
    kind: &RunEventKind,
) -> Result<(), Internal> {
    query(INSERT)
        .bind(run.to_string())
        .bind(seq)
        .bind(attempt)
        .bind(at)
        .bind(row::to_json(kind))
        .execute(&mut *tx)
        .await?;
    Ok(())
}
