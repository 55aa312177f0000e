//! What attempts write: events as they come, and one ending. Every write checks that the attempt
//! still holds the lease; the sequence numbers continue the row's own count.

use super::{Placed, SqlStore, Tx, deliveries, events, query, query_as, row, sql};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    RunId, Timestamp,
    event::RunEventKind,
    run::{Headline, Miniature, RunError, RunStatus},
};
use protocol::execute::{Started, Usage};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use std::time::Duration;

statements! {
    HELD = "SELECT last_seq, cancel_requested FROM runs
        WHERE id = $1 AND attempt = $2 AND dispatcher = $3 AND status = 'running'";
    HELD_TOO_LONG = "SELECT last_seq, cancel_requested FROM runs
        WHERE id = $1 AND attempt = $2 AND dispatcher = $3 AND status = 'running'
            AND lease_until <= $4";
    SET_SEQ = "UPDATE runs SET last_seq = $2 WHERE id = $1";
    FINISH = "UPDATE runs SET status = $2, finished_at = $3, last_seq = $4, error = $5, result = $6,
            result_key = $7, result_bytes = $8, result_sha256 = $9, headline = $10,
            miniature = $11, wall_ms = $12, cpu_ms = $13, memory_peak_mb = $14, environment = $15,
            figures = $16, stored_bytes = stored_bytes + COALESCE($8, 0), dispatcher = NULL, lease_until = NULL
        WHERE id = $1";
    REQUEUE = "UPDATE runs SET status = 'queued', run_after = $2, last_seq = $3,
            failures = failures + $4, started_at = NULL, dispatcher = NULL, lease_until = NULL
        WHERE id = $1";
    RELEASE = "UPDATE runs SET status = 'queued', attempt = attempt - 1, last_seq = $2,
            started_at = NULL, dispatcher = NULL, lease_until = NULL
        WHERE id = $1";
}

/// What one attempt has to say since its last batch.
#[derive(Debug)]
pub(crate) struct Batch {
    pub run: RunId,
    pub attempt: u32,
    pub events: Vec<(Timestamp, RunEventKind)>,
    pub ending: Option<Ending>,
}

/// How an attempt ends.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// The run is over.
    Outcome(Box<Outcome>),
    /// The attempt was lost; the run waits again.
    Requeue {
        reason: String,
        pause: Duration,
        /// Whether the loss counts against the run.
        counts: bool,
    },
    /// No worker took it; it is as if it had not been claimed.
    Release,
}

/// The end of a run.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub status: RunStatus,
    pub error: Option<RunError>,
    pub result: Option<StoredValue>,
    pub headline: Option<Headline>,
    pub miniature: Option<Miniature>,
    /// Those of the result, in their order.
    pub figures: Vec<StoredFigure>,
    pub usage: Option<Usage>,
    pub environment: Option<Started>,
}

impl Outcome {
    /// An end without a result.
    pub(crate) fn without_result(status: RunStatus, error: Option<RunError>) -> Self {
        Self {
            status,
            error,
            result: None,
            headline: None,
            miniature: None,
            figures: Vec::new(),
            usage: None,
            environment: None,
        }
    }
}

/// A figure of a result, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFigure {
    /// The number its author's code gave it, which is that of its upload slot.
    pub index: Option<u32>,
    /// PNG, else SVG.
    pub png: bool,
    /// Its bytes are in the result, not in a slot.
    pub inline: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredValue {
    pub placed: Placed,
    pub bytes: u64,
    pub sha256: String,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BatchResult {
    /// Written up to this event; the state is the one after the ending, if there was one.
    Written { seq: u64, status: RunStatus },
    /// The attempt does not hold the run any more; nothing was written.
    Lost,
}

#[async_trait]
pub(crate) trait Attempts {
    /// Writes all batches in one transaction; the results are in the same order.
    async fn write(
        &self,
        dispatcher: &str,
        batches: &[Batch],
    ) -> Result<Vec<BatchResult>, Internal>;
    /// The same for attempts whose lease is over, on behalf of the dispatcher that held them. One
    /// that renewed its lease in time keeps its run.
    async fn recover(
        &self,
        dispatcher: &str,
        batches: &[Batch],
    ) -> Result<Vec<BatchResult>, Internal>;
}

#[async_trait]
impl Attempts for SqlStore {
    async fn write(
        &self,
        dispatcher: &str,
        batches: &[Batch],
    ) -> Result<Vec<BatchResult>, Internal> {
        write_all(self, dispatcher, batches, Condition::Held).await
    }

    async fn recover(
        &self,
        dispatcher: &str,
        batches: &[Batch],
    ) -> Result<Vec<BatchResult>, Internal> {
        write_all(self, dispatcher, batches, Condition::HeldTooLong).await
    }
}

/// Which attempts may be written for.
#[derive(Clone, Copy, Debug)]
enum Condition {
    Held,
    HeldTooLong,
}

async fn write_all(
    store: &SqlStore,
    dispatcher: &str,
    batches: &[Batch],
    condition: Condition,
) -> Result<Vec<BatchResult>, Internal> {
    let mut tx = store.begin().await?;
    let now = tx.now().await?;
    let mut results = vec![BatchResult::Lost; batches.len()];
    let mut in_order: Vec<_> = batches.iter().zip(&mut results).collect();
    in_order.sort_by_key(|(batch, _)| batch.run);
    for (batch, result) in in_order {
        let held = held(&mut tx, dispatcher, batch, condition, now).await?;
        *result = write_one(&mut tx, held, batch, now).await?;
    }
    tx.commit().await?;
    Ok(results)
}

#[derive(FromRow)]
struct HeldRow {
    last_seq: i64,
    cancel_requested: i64,
}

async fn held(
    tx: &mut Tx,
    dispatcher: &str,
    batch: &Batch,
    condition: Condition,
    now: i64,
) -> Result<Option<HeldRow>, Internal> {
    let of_attempt = |sql| {
        query_as(sql)
            .bind(batch.run.to_string())
            .bind(i64::from(batch.attempt))
            .bind(dispatcher)
            .for_update()
    };
    let held = match condition {
        Condition::Held => of_attempt(HELD),
        Condition::HeldTooLong => of_attempt(HELD_TOO_LONG).bind(now),
    };
    held.fetch_optional(tx).await
}

async fn write_one(
    tx: &mut Tx,
    held: Option<HeldRow>,
    batch: &Batch,
    now: i64,
) -> Result<BatchResult, Internal> {
    let Some(held) = held else {
        return Ok(BatchResult::Lost);
    };
    let mut writer = RunWriter {
        tx,
        run: batch.run,
        attempt: i64::from(batch.attempt),
        seq: held.last_seq,
        now,
    };
    for (at, kind) in &batch.events {
        writer.event(at.millis(), kind).await?;
    }
    let status = match &batch.ending {
        None => writer.keep_seq().await?,
        // Whatever the attempt came to, its user wanted it stopped.
        Some(_) if held.cancel_requested != 0 => {
            let cancelled = Outcome::without_result(RunStatus::Cancelled, None);
            writer.finish(&cancelled).await?
        }
        Some(Ending::Outcome(outcome)) => writer.finish(outcome).await?,
        Some(Ending::Requeue {
            reason,
            pause,
            counts,
        }) => writer.requeue(reason, *pause, *counts).await?,
        Some(Ending::Release) => writer.release().await?,
    };
    Ok(BatchResult::Written {
        seq: row::size(writer.seq),
        status,
    })
}

/// Writes one run's row and events within a transaction that checked its lease.
struct RunWriter<'a> {
    tx: &'a mut Tx,
    run: RunId,
    attempt: i64,
    seq: i64,
    now: i64,
}

impl RunWriter<'_> {
    async fn event(&mut self, at: i64, kind: &RunEventKind) -> Result<(), Internal> {
        self.seq += 1;
        events::insert(self.tx, self.run, self.seq, self.attempt, at, kind).await
    }

    async fn keep_seq(&mut self) -> Result<RunStatus, Internal> {
        query(SET_SEQ)
            .bind(self.run.to_string())
            .bind(self.seq)
            .execute(&mut *self.tx)
            .await?;
        Ok(RunStatus::Running)
    }

    async fn finish(&mut self, outcome: &Outcome) -> Result<RunStatus, Internal> {
        let wall_ms = outcome.usage.map(|usage| usage.wall_ms);
        let finished = RunEventKind::Finished {
            status: outcome.status,
            error: outcome.error.clone(),
            wall_ms,
        };
        self.event(self.now, &finished).await?;
        let (result, result_key) = match &outcome.result {
            Some(stored) => stored.placed.columns(),
            None => (None, None),
        };
        query(FINISH)
            .bind(self.run.to_string())
            .bind(outcome.status.as_str())
            .bind(self.now)
            .bind(self.seq)
            .bind(outcome.error.as_ref().map(row::to_json))
            .bind(result)
            .bind(result_key)
            .bind(
                outcome
                    .result
                    .as_ref()
                    .map(|stored| row::signed(stored.bytes)),
            )
            .bind(outcome.result.as_ref().map(|stored| &stored.sha256))
            .bind(outcome.headline.as_ref().map(row::to_json))
            .bind(outcome.miniature.as_ref().map(row::to_json))
            .bind(wall_ms)
            .bind(outcome.usage.map(|usage| usage.cpu_ms))
            .bind(outcome.usage.map(|usage| usage.memory_peak_mb))
            .bind(outcome.environment.as_ref().map(row::to_json))
            .bind(
                outcome
                    .result
                    .as_ref()
                    .map(|_| row::to_json(&outcome.figures)),
            )
            .execute(&mut *self.tx)
            .await?;
        deliveries::enqueue(self.tx, self.run, outcome.status, self.now).await?;
        Ok(outcome.status)
    }

    async fn requeue(
        &mut self,
        reason: &str,
        pause: Duration,
        counts: bool,
    ) -> Result<RunStatus, Internal> {
        let requeued = RunEventKind::Requeued {
            reason: reason.to_owned(),
        };
        self.event(self.now, &requeued).await?;
        query(REQUEUE)
            .bind(self.run.to_string())
            .bind(self.now + sql::millis(pause))
            .bind(self.seq)
            .bind(i64::from(counts))
            .execute(&mut *self.tx)
            .await?;
        Ok(RunStatus::Queued)
    }

    async fn release(&mut self) -> Result<RunStatus, Internal> {
        query(RELEASE)
            .bind(self.run.to_string())
            .bind(self.seq)
            .execute(&mut *self.tx)
            .await?;
        Ok(RunStatus::Queued)
    }
}
