//! Claiming runs in fair order, and keeping what is claimed.

use super::{Placed, SqliteStore, row, sqlite};
use crate::{error::Internal, runs::RunFile};
use async_trait::async_trait;
use domain::{RunId, TaskId, UserId, limits::Limits, trace::TraceParent};
use sqlx::{FromRow, Sqlite, Transaction};
use std::time::Duration;

statements! {
    /// Each run's place among those of its user, counted from the runs the user has under way:
    /// smaller places first, and among equals the user served longest ago.
    NEXT = "WITH waiting AS (
            SELECT id, user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY id) AS turn
            FROM runs WHERE status = 'queued' AND run_after <= $1),
        busy AS (
            SELECT user_id, COUNT(*) AS running FROM runs WHERE status = 'running'
            GROUP BY user_id)
        SELECT w.id FROM waiting w
        JOIN users u ON u.id = w.user_id
        LEFT JOIN busy b ON b.user_id = w.user_id
        WHERE w.turn <= $2
        ORDER BY w.turn + COALESCE(b.running, 0), u.served_at, w.id LIMIT $2";
    TAKE = "UPDATE runs SET status = 'running', attempt = attempt + 1, started_at = $2,
            dispatcher = $3, lease_until = $4
        WHERE id = $1 AND status = 'queued'
        RETURNING id, task_id, user_id, version, attempt, failures, limits, inputs, inputs_key,
            files, trace, enqueued_at, run_after";
    NEXT_DUE = "SELECT MIN(run_after) FROM runs WHERE status = 'queued' AND run_after > $1";
    SERVED = "UPDATE users SET served_at = $2 WHERE id = $1";
    CODE = "SELECT code FROM task_versions WHERE task_id = $1 AND number = $2";
    RENEW = "UPDATE runs SET lease_until = $4
        WHERE id = $1 AND attempt = $2 AND dispatcher = $3 AND status = 'running'
        RETURNING cancel_requested";
}

/// A run that this dispatcher, and nobody else, may now execute.
#[derive(Debug)]
pub(crate) struct ClaimedRun {
    pub id: RunId,
    pub task: TaskId,
    pub user: UserId,
    pub attempt: u32,
    /// Attempts lost before this one.
    pub failures: u32,
    pub code: String,
    pub inputs: Placed,
    pub files: Vec<RunFile>,
    pub limits: Limits,
    /// Of the request that asked for it; absent when it was stored by an older version.
    pub trace: Option<TraceParent>,
    /// Since it was submitted, by the database's clock.
    pub age: Duration,
    /// Since it could be claimed: less than its age when it was tried before.
    pub waited: Duration,
}

/// What a claim brought.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub runs: Vec<ClaimedRun>,
    /// Nothing more may be claimed now.
    pub all: bool,
    /// When that is all: until the next run that waits for its time may be claimed.
    pub next_due: Option<Duration>,
}

/// A claim that is still this dispatcher's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub run: RunId,
    pub attempt: u32,
    pub cancel_requested: bool,
}

#[async_trait]
pub(crate) trait Claims {
    /// At most `most` runs, next in fair order.
    async fn claim(
        &self,
        dispatcher: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Claimed, Internal>;
    /// Prolongs the leases of these attempts, as far as the dispatcher still has them, and tells
    /// which those are.
    async fn renew(
        &self,
        dispatcher: &str,
        attempts: &[(RunId, u32)],
        lease: Duration,
    ) -> Result<Vec<Held>, Internal>;
}

#[derive(FromRow)]
struct ClaimRow {
    id: String,
    task_id: String,
    user_id: String,
    version: i64,
    attempt: i64,
    failures: i64,
    limits: String,
    inputs: Option<String>,
    inputs_key: Option<String>,
    files: Option<String>,
    trace: Option<String>,
    enqueued_at: i64,
    run_after: i64,
}

#[async_trait]
impl Claims for SqliteStore {
    async fn claim(
        &self,
        dispatcher: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Claimed, Internal> {
        let mut tx = self.begin().await?;
        let now = sqlite::now(&mut tx).await?;
        let until = now + sqlite::millis(lease);
        let next: Vec<String> = sqlx::query_scalar(NEXT)
            .bind(now)
            .bind(row::signed(most as u64))
            .fetch_all(&mut *tx)
            .await?;
        let all = next.len() < most;
        let mut runs = Vec::with_capacity(next.len());
        for run in next {
            let taken: ClaimRow = sqlx::query_as(TAKE)
                .bind(run)
                .bind(now)
                .bind(dispatcher)
                .bind(until)
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query(SERVED)
                .bind(&taken.user_id)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            let run = taken.id.clone();
            match complete(&mut tx, taken, now).await {
                Ok(claimed) => runs.push(claimed),
                // Nobody executes this one: it is recovered when its lease is over, and given up
                // after a few times. The others must not wait for it.
                Err(error @ Internal::Stored { .. }) => {
                    tracing::error!(run, %error, "a claimed run cannot be read");
                }
                Err(error) => return Err(error),
            }
        }
        let next_due = if all {
            next_due(&mut tx, now).await?
        } else {
            None
        };
        tx.commit().await?;
        Ok(Claimed {
            runs,
            all,
            next_due,
        })
    }

    async fn renew(
        &self,
        dispatcher: &str,
        attempts: &[(RunId, u32)],
        lease: Duration,
    ) -> Result<Vec<Held>, Internal> {
        let mut tx = self.begin().await?;
        let until = sqlite::now(&mut tx).await? + sqlite::millis(lease);
        let mut held = Vec::with_capacity(attempts.len());
        for &(run, attempt) in attempts {
            let cancel: Option<i64> = sqlx::query_scalar(RENEW)
                .bind(run.to_string())
                .bind(i64::from(attempt))
                .bind(dispatcher)
                .bind(until)
                .fetch_optional(&mut *tx)
                .await?;
            held.extend(cancel.map(|cancel| Held {
                run,
                attempt,
                cancel_requested: cancel != 0,
            }));
        }
        tx.commit().await?;
        Ok(held)
    }
}

async fn next_due(
    tx: &mut Transaction<'_, Sqlite>,
    now: i64,
) -> Result<Option<Duration>, Internal> {
    let at: Option<i64> = sqlx::query_scalar(NEXT_DUE)
        .bind(now)
        .fetch_one(&mut **tx)
        .await?;
    Ok(at.map(|at| Duration::from_millis(row::size(at - now))))
}

async fn complete(
    tx: &mut Transaction<'_, Sqlite>,
    row: ClaimRow,
    now: i64,
) -> Result<ClaimedRun, Internal> {
    let code: String = sqlx::query_scalar(CODE)
        .bind(&row.task_id)
        .bind(row.version)
        .fetch_one(&mut **tx)
        .await?;
    let inputs =
        Placed::from_columns(row.inputs, row.inputs_key).ok_or_else(|| Internal::Stored {
            what: "run",
            source: "it has no inputs".into(),
        })?;
    Ok(ClaimedRun {
        id: row::parse("run id", &row.id)?,
        task: row::parse("task id", &row.task_id)?,
        user: row::parse("user id", &row.user_id)?,
        attempt: row::count(row.attempt),
        failures: row::count(row.failures),
        code,
        inputs,
        files: match &row.files {
            Some(files) => row::json("run's files", files)?,
            None => Vec::new(),
        },
        limits: row::json("limits", &row.limits)?,
        // A trace that cannot be read costs the trace, not the run.
        trace: row.trace.and_then(|trace| trace.parse().ok()),
        age: Duration::from_millis(row::size(now - row.enqueued_at)),
        waited: Duration::from_millis(row::size(now - row.run_after)),
    })
}
