//! Claiming runs in fair order, and keeping what is claimed.

use super::{Placed, SqlStore, Tx, query, query_as, query_scalar, row, sql};
use crate::{error::Internal, runs::RunFile};
use async_trait::async_trait;
use domain::{RunId, TaskId, UserId, limits::Limits, trace::TraceParent};
use sqlx::FromRow;
use std::{collections::BTreeSet, time::Duration};

statements! {
    /// Each run's place among those of its user, counted from the runs the user has under way:
    /// smaller places first, and among equals the user served longest ago.
    ///
    /// However many runs wait, only the first few of each user are looked at: the users are found by
    /// stepping from one to the next in the index, and `beyond` is the first of a user's runs that
    /// cannot be among the next (an id beyond all ids, where fewer wait).
    NEXT = "WITH RECURSIVE waiting_users (user_id) AS (
            SELECT MIN(user_id) FROM runs WHERE status = 'queued'
            UNION ALL
            SELECT (SELECT MIN(q.user_id) FROM runs q
                WHERE q.status = 'queued' AND q.user_id > w.user_id)
            FROM waiting_users w WHERE w.user_id IS NOT NULL),
        first_of_each (user_id, beyond) AS (
            SELECT w.user_id, COALESCE((SELECT q.id FROM runs q
                WHERE q.status = 'queued' AND q.user_id = w.user_id AND q.run_after <= $1
                ORDER BY q.id LIMIT 1 OFFSET $2), 'z')
            FROM waiting_users w WHERE w.user_id IS NOT NULL),
        waiting AS (
            SELECT q.id, q.user_id,
                ROW_NUMBER() OVER (PARTITION BY q.user_id ORDER BY q.id) AS turn
            FROM first_of_each f
            JOIN runs q ON q.user_id = f.user_id AND q.id < f.beyond
            WHERE q.status = 'queued' AND q.run_after <= $1),
        busy AS (
            SELECT user_id, COUNT(*) AS running FROM runs WHERE status = 'running'
            GROUP BY user_id)
        SELECT r.id FROM waiting w
        JOIN runs r ON r.id = w.id AND r.status = 'queued'
        JOIN users u ON u.id = w.user_id
        LEFT JOIN busy b ON b.user_id = w.user_id
        ORDER BY w.turn + COALESCE(b.running, 0), u.served_at, w.id LIMIT $2";
    TAKE = "UPDATE runs SET status = 'running', attempt = attempt + 1, started_at = $2,
            dispatcher = $3, lease_until = $4
        WHERE id = $1 AND status = 'queued'
        RETURNING id, task_id, user_id, version, attempt, failures, limits, inputs, inputs_key,
            files, trace, enqueued_at, run_after";
    /// Runs that another dispatcher is taking at this moment count: it may give them back.
    SOME_LEFT = "SELECT COUNT(*) FROM
        (SELECT 1 FROM runs WHERE status = 'queued' AND run_after <= $1 LIMIT 1) AS one";
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
impl Claims for SqlStore {
    async fn claim(
        &self,
        dispatcher: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Claimed, Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        let until = now + sql::millis(lease);
        let next: Vec<String> = query_scalar(NEXT)
            .skipping_locked()
            .bind(now)
            .bind(row::signed(most as u64))
            .fetch_all(&mut tx)
            .await?;
        let fewer = next.len() < most;
        let mut runs = Vec::with_capacity(next.len());
        let mut served = BTreeSet::new();
        for run in next {
            let taken: ClaimRow = query_as(TAKE)
                .bind(run)
                .bind(now)
                .bind(dispatcher)
                .bind(until)
                .fetch_one(&mut tx)
                .await?;
            served.insert(taken.user_id.clone());
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
        // In order, so that no two dispatchers wait for each other.
        for user in served {
            query(SERVED).bind(user).bind(now).execute(&mut tx).await?;
        }
        let left: i64 = if fewer {
            query_scalar(SOME_LEFT).bind(now).fetch_one(&mut tx).await?
        } else {
            1
        };
        let all = left == 0;
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
        let until = tx.now().await? + sql::millis(lease);
        let mut held = Vec::with_capacity(attempts.len());
        let mut in_order = attempts.to_vec();
        in_order.sort_unstable();
        for (run, attempt) in in_order {
            let cancel: Option<i64> = query_scalar(RENEW)
                .bind(run.to_string())
                .bind(i64::from(attempt))
                .bind(dispatcher)
                .bind(until)
                .fetch_optional(&mut tx)
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

async fn next_due(tx: &mut Tx, now: i64) -> Result<Option<Duration>, Internal> {
    let at: Option<i64> = query_scalar(NEXT_DUE).bind(now).fetch_one(&mut *tx).await?;
    Ok(at.map(|at| Duration::from_millis(row::size(at - now))))
}

async fn complete(tx: &mut Tx, row: ClaimRow, now: i64) -> Result<ClaimedRun, Internal> {
    let code: String = query_scalar(CODE)
        .bind(&row.task_id)
        .bind(row.version)
        .fetch_one(&mut *tx)
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
