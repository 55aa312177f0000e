//! A new run: one transaction writes it with its first event, or says why not.

use super::{
    Placed, SqlStore, TaskContent, Tx, events, query, query_as, query_scalar, row, sql, tasks,
};
use crate::{error::Internal, runs::RunFile};
use async_trait::async_trait;
use domain::{
    RunId, TaskId, UserId, event::RunEventKind, limits::Limits, run::RunChange, trace::TraceParent,
};
use sqlx::FromRow;
use std::time::Duration;

/// How long an idempotency key is remembered.
pub(super) const KEY_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

statements! {
    REMEMBERED = "SELECT request_sha256, run_id FROM idempotency_keys
        WHERE user_id = $1 AND route = $2 AND idempotency_key = $3 AND created_at > $4";
    REMEMBER = "INSERT INTO idempotency_keys
        (user_id, route, idempotency_key, request_sha256, run_id, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (user_id, route, idempotency_key) DO UPDATE SET
            request_sha256 = excluded.request_sha256,
            run_id = excluded.run_id,
            created_at = excluded.created_at";
    QUEUED = "SELECT COUNT(*) FROM runs WHERE user_id = $1 AND status = 'queued'";
    TAKE_NUMBER = "UPDATE tasks SET run_count = run_count + 1, active_at = $2
        WHERE id = $1 AND deleted_at IS NULL RETURNING run_count";
    PREVIOUS = "SELECT code_sha256, inputs_sha256, inputs FROM runs
        WHERE task_id = $1 ORDER BY number DESC LIMIT 1";
    PREVIOUS_HASHES = "SELECT code_sha256, inputs_sha256 FROM runs
        WHERE task_id = $1 AND number = $2";
    INSERT = "INSERT INTO runs
        (id, task_id, user_id, number, version, status, enqueued_at, run_after, limits,
         inputs, inputs_key, inputs_sha256, code_sha256, change, files, last_seq, stored_bytes, trace)
        VALUES ($1, $2, $3, $4, $5, 'queued', $6, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15)";
}

/// A run that is to be stored.
pub(crate) struct NewRun {
    pub id: RunId,
    pub task: TaskId,
    /// The task, when it is made with its first run.
    pub new_task: Option<TaskContent>,
    pub user: UserId,
    pub version: u32,
    pub limits: Limits,
    pub inputs: Placed,
    pub files: Vec<RunFile>,
    /// With the input files.
    pub inputs_bytes: u64,
    pub inputs_sha256: String,
    pub code_sha256: String,
    /// What differs from the run before; told that run inside the transaction, where nothing may
    /// take long, because every other write waits for its end.
    pub change: Box<dyn FnOnce(Option<Fingerprint>) -> RunChange + Send + Sync>,
    /// Runs the user may have waiting.
    pub queue_limit: u32,
    pub idempotency: Option<Idempotency>,
    /// Of the request that asked for it.
    pub trace: TraceParent,
}

#[derive(Clone, Debug)]
pub(crate) struct Idempotency {
    pub route: String,
    pub key: String,
    pub request_sha256: String,
}

/// What a run executes.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(crate) struct Fingerprint {
    pub code_sha256: String,
    pub inputs_sha256: String,
}

/// The run before, as far as a change is seen in it.
#[derive(Debug, FromRow)]
pub(crate) struct Previous {
    #[sqlx(flatten)]
    pub fingerprint: Fingerprint,
    /// Absent when they are in the object store.
    pub inputs: Option<String>,
}

impl Previous {
    /// Bytes of the inputs that are there.
    pub(crate) fn inline_bytes(&self) -> usize {
        self.inputs.as_ref().map_or(0, String::len)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Submitted {
    Stored(RunId),
    /// The same request made this run before.
    Repeated(RunId),
    /// The key came with another request before.
    Mismatch,
    QueueFull,
    /// The task is not there any more.
    Gone,
}

#[async_trait]
pub(crate) trait Submissions {
    /// The task's newest run.
    async fn previous(&self, task: TaskId) -> Result<Option<Previous>, Internal>;
    /// What the key stands for, if it came before.
    async fn remembered(
        &self,
        user: UserId,
        idempotency: &Idempotency,
    ) -> Result<Option<Submitted>, Internal>;
    async fn submit(&self, run: NewRun) -> Result<Submitted, Internal>;
}

#[async_trait]
impl Submissions for SqlStore {
    async fn previous(&self, task: TaskId) -> Result<Option<Previous>, Internal> {
        query_as(PREVIOUS)
            .bind(task.to_string())
            .fetch_optional(self.reader())
            .await
    }

    async fn remembered(
        &self,
        user: UserId,
        idempotency: &Idempotency,
    ) -> Result<Option<Submitted>, Internal> {
        let now = self.now().await?;
        remembered(self.reader(), user, idempotency, now).await
    }

    async fn submit(&self, run: NewRun) -> Result<Submitted, Internal> {
        let mut tx = self.begin().await?;
        // Of two requests with one key, the second finds the first; and nobody gets past the limit.
        tx.alone(&run.user.to_string()).await?;
        let now = tx.now().await?;
        if let Some(idempotency) = &run.idempotency
            && let Some(earlier) = remembered(&mut tx, run.user, idempotency, now).await?
        {
            return Ok(earlier);
        }
        let queued: i64 = query_scalar(QUEUED)
            .bind(run.user.to_string())
            .fetch_one(&mut tx)
            .await?;
        if queued >= i64::from(run.queue_limit) {
            return Ok(Submitted::QueueFull);
        }
        if let Some(new_task) = &run.new_task {
            tasks::insert(&mut tx, run.task, new_task, now).await?;
        }
        let number: Option<i64> = query_scalar(TAKE_NUMBER)
            .bind(run.task.to_string())
            .bind(now)
            .fetch_optional(&mut tx)
            .await?;
        let Some(number) = number else {
            return Ok(Submitted::Gone);
        };
        let id = run.id;
        insert(&mut tx, run, number, now).await?;
        tx.commit().await?;
        Ok(Submitted::Stored(id))
    }
}

async fn remembered(
    on: impl Into<sql::On<'_>>,
    user: UserId,
    idempotency: &Idempotency,
    now: i64,
) -> Result<Option<Submitted>, Internal> {
    let found: Option<(String, String)> = query_as(REMEMBERED)
        .bind(user.to_string())
        .bind(&idempotency.route)
        .bind(&idempotency.key)
        .bind(now - sql::millis(KEY_LIFE))
        .fetch_optional(on)
        .await?;
    found
        .map(|(request_sha256, run)| {
            if request_sha256 == idempotency.request_sha256 {
                row::parse("run id", &run).map(Submitted::Repeated)
            } else {
                Ok(Submitted::Mismatch)
            }
        })
        .transpose()
}

async fn insert(tx: &mut Tx, run: NewRun, number: i64, now: i64) -> Result<(), Internal> {
    let previous: Option<Fingerprint> = query_as(PREVIOUS_HASHES)
        .bind(run.task.to_string())
        .bind(number - 1)
        .fetch_optional(&mut *tx)
        .await?;
    let change = (run.change)(previous);
    let (inputs, inputs_key) = run.inputs.columns();
    query(INSERT)
        .bind(run.id.to_string())
        .bind(run.task.to_string())
        .bind(run.user.to_string())
        .bind(number)
        .bind(i64::from(run.version))
        .bind(now)
        .bind(row::to_json(&run.limits))
        .bind(inputs)
        .bind(inputs_key)
        .bind(&run.inputs_sha256)
        .bind(&run.code_sha256)
        .bind(row::to_json(&change))
        .bind((!run.files.is_empty()).then(|| row::to_json(&run.files)))
        .bind(row::signed(run.inputs_bytes))
        .bind(run.trace.to_string())
        .execute(&mut *tx)
        .await?;
    events::insert(tx, run.id, 1, 0, now, &RunEventKind::Queued).await?;
    if let Some(idempotency) = &run.idempotency {
        query(REMEMBER)
            .bind(run.user.to_string())
            .bind(&idempotency.route)
            .bind(&idempotency.key)
            .bind(&idempotency.request_sha256)
            .bind(run.id.to_string())
            .bind(now)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
