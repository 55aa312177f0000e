//! Runs as they are read, and their cancellation.

use super::{
    Placed, SqlStore, StoredFigure, Tx, deliveries, events, query, query_as, query_scalar, row,
};
use crate::error::Internal;
use async_trait::async_trait;
use domain::{
    RunId, TaskId, Timestamp, UserId,
    event::RunEventKind,
    run::{Provenance, RunDetail, RunStatus, RunSummary},
};
use protocol::execute::Started;
use sqlx::FromRow;

macro_rules! summary_columns {
    () => {
        "r.id, r.task_id, t.name AS task_name, r.number, r.version, r.status, r.attempt,
         r.enqueued_at, r.started_at, r.finished_at, r.wall_ms, r.error, r.headline, r.change"
    };
}

statements! {
    GET = concat!("SELECT ", summary_columns!(), ",
            r.user_id, t.deleted_at, r.limits, r.inputs, r.inputs_key, r.inputs_sha256,
            r.code_sha256, r.result, r.result_key, r.result_bytes, r.result_sha256, r.cpu_ms,
            r.memory_peak_mb, r.environment, r.figures
        FROM runs r JOIN tasks t ON t.id = r.task_id WHERE r.id = $1");
    LIST = concat!("SELECT ", summary_columns!(), "
        FROM runs r JOIN tasks t ON t.id = r.task_id
        WHERE r.user_id = $1 AND t.deleted_at IS NULL
            AND (CAST($2 AS TEXT) IS NULL OR r.task_id = $2)
            AND (CAST($3 AS TEXT) IS NULL OR r.status = $3)
            AND (CAST($4 AS TEXT) IS NULL OR t.search LIKE $4 ESCAPE '\\')
            AND (CAST($5 AS TEXT) IS NULL OR r.id < $5)
        ORDER BY r.id DESC LIMIT $6");
    COUNT = "SELECT COUNT(*) FROM runs r JOIN tasks t ON t.id = r.task_id
        WHERE r.user_id = $1 AND t.deleted_at IS NULL
            AND (CAST($2 AS TEXT) IS NULL OR r.task_id = $2)
            AND (CAST($3 AS TEXT) IS NULL OR r.status = $3)
            AND (CAST($4 AS TEXT) IS NULL OR t.search LIKE $4 ESCAPE '\\')";
    /// Users take turns, so a run waits for the earlier turns of everybody and for those of its own
    /// turn that came first.
    POSITION = "WITH waiting AS (
            SELECT id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY id) AS turn
            FROM runs WHERE status = 'queued')
        SELECT COUNT(*) FROM waiting w, waiting own
        WHERE own.id = $1 AND (w.turn < own.turn OR (w.turn = own.turn AND w.id <= own.id))";
    STATUS = "SELECT status FROM runs WHERE id = $1";
    STATE = "SELECT status, attempt, last_seq FROM runs WHERE id = $1";
    CANCEL_QUEUED = "UPDATE runs SET status = 'cancelled', finished_at = $2, last_seq = $3
        WHERE id = $1 AND status = 'queued'";
    ASK_TO_STOP = "UPDATE runs SET cancel_requested = 1 WHERE id = $1 AND status = 'running'";
    LATEST = "SELECT id FROM runs WHERE task_id = $1 ORDER BY number DESC LIMIT 1";
}

/// A run with where its values are and what authorisation needs to know.
#[derive(Debug)]
pub(crate) struct RunRecord {
    pub owner: UserId,
    /// Its task is hidden.
    pub deleted: bool,
    /// Its `inputs` are empty; they are at [`RunRecord::inputs`].
    pub detail: RunDetail,
    pub inputs: Placed,
    /// Once completed.
    pub result: Option<Placed>,
    /// Those of the result; absent for runs that ended before they were listed.
    pub figures: Option<Vec<StoredFigure>>,
}

#[derive(Debug)]
pub(crate) struct RunFilter {
    pub user: UserId,
    pub task: Option<TaskId>,
    pub status: Option<RunStatus>,
    /// A LIKE pattern in lower case.
    pub search: Option<String>,
    /// The last run of the page before.
    pub after: Option<RunId>,
    pub limit: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum CancelStep {
    /// It waited; its final event has this number.
    Cancelled {
        seq: u64,
    },
    /// It runs; its dispatcher is asked to stop it.
    Asked,
    Finished,
    Gone,
}

#[async_trait]
pub(crate) trait Runs {
    async fn run(&self, run: RunId) -> Result<Option<RunRecord>, Internal>;
    /// The run's state alone, which is cheap to ask for often.
    async fn state(&self, run: RunId) -> Result<Option<RunStatus>, Internal>;
    /// Place in the queue from 1; `None` when it does not wait.
    async fn position(&self, run: RunId) -> Result<Option<u32>, Internal>;
    /// One more than the limit when there are more; and how many match.
    async fn runs(&self, filter: &RunFilter) -> Result<(Vec<RunSummary>, u64), Internal>;
    async fn cancel_run(&self, run: RunId) -> Result<CancelStep, Internal>;
    async fn latest_run(&self, task: TaskId) -> Result<Option<RunId>, Internal>;
}

#[derive(FromRow)]
struct SummaryRow {
    id: String,
    task_id: String,
    task_name: String,
    number: i64,
    version: i64,
    status: String,
    attempt: i64,
    enqueued_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    wall_ms: Option<f64>,
    error: Option<String>,
    headline: Option<String>,
    change: String,
}

impl SummaryRow {
    fn into_summary(self) -> Result<RunSummary, Internal> {
        Ok(RunSummary {
            id: row::parse("run id", &self.id)?,
            task_id: row::parse("task id", &self.task_id)?,
            task_name: self.task_name,
            number: row::count(self.number),
            version: row::count(self.version),
            status: row::status(&self.status)?,
            attempt: row::count(self.attempt),
            enqueued_at: Timestamp::from_millis(self.enqueued_at),
            started_at: row::time(self.started_at),
            finished_at: row::time(self.finished_at),
            wall_ms: self.wall_ms,
            error: row::optional_json("run error", self.error.as_deref())?,
            headline: row::optional_json("headline", self.headline.as_deref())?,
            change: row::json("run change", &self.change)?,
        })
    }
}

#[derive(FromRow)]
struct RunRow {
    #[sqlx(flatten)]
    summary: SummaryRow,
    user_id: String,
    deleted_at: Option<i64>,
    limits: String,
    inputs: Option<String>,
    inputs_key: Option<String>,
    inputs_sha256: String,
    code_sha256: String,
    result: Option<String>,
    result_key: Option<String>,
    result_bytes: Option<i64>,
    result_sha256: Option<String>,
    cpu_ms: Option<f64>,
    memory_peak_mb: Option<f64>,
    environment: Option<String>,
    figures: Option<String>,
}

impl RunRow {
    fn into_record(self) -> Result<RunRecord, Internal> {
        let environment: Started =
            row::optional_json("worker environment", self.environment.as_deref())?
                .unwrap_or_default();
        let inputs =
            Placed::from_columns(self.inputs, self.inputs_key).ok_or_else(|| Internal::Stored {
                what: "run",
                source: "it has no inputs".into(),
            })?;
        let detail = RunDetail {
            summary: self.summary.into_summary()?,
            inputs: String::new(),
            limits: row::json("limits", &self.limits)?,
            cpu_ms: self.cpu_ms,
            memory_peak_mb: self.memory_peak_mb,
            provenance: Provenance {
                python: environment.python,
                packages: environment.packages,
                packages_hash: environment.packages_hash,
                sandbox_level: environment.sandbox_level,
                sandbox_layers: environment.sandbox_layers,
                code_sha256: self.code_sha256,
                inputs_sha256: self.inputs_sha256,
                result_sha256: self.result_sha256.unwrap_or_default(),
            },
            result_bytes: self.result_bytes.map(row::size),
            position: None,
        };
        Ok(RunRecord {
            owner: row::parse("user id", &self.user_id)?,
            deleted: self.deleted_at.is_some(),
            detail,
            inputs,
            result: Placed::from_columns(self.result, self.result_key),
            figures: row::optional_json("list of figures", self.figures.as_deref())?,
        })
    }
}

#[async_trait]
impl Runs for SqlStore {
    async fn run(&self, run: RunId) -> Result<Option<RunRecord>, Internal> {
        let row: Option<RunRow> = query_as(GET)
            .bind(run.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(RunRow::into_record).transpose()
    }

    async fn state(&self, run: RunId) -> Result<Option<RunStatus>, Internal> {
        let status: Option<String> = query_scalar(STATUS)
            .bind(run.to_string())
            .fetch_optional(self.reader())
            .await?;
        status.map(|status| row::status(&status)).transpose()
    }

    async fn position(&self, run: RunId) -> Result<Option<u32>, Internal> {
        let before: i64 = query_scalar(POSITION)
            .bind(run.to_string())
            .fetch_one(self.reader())
            .await?;
        Ok((before > 0).then(|| row::count(before)))
    }

    async fn runs(&self, filter: &RunFilter) -> Result<(Vec<RunSummary>, u64), Internal> {
        let status = filter.status.map(RunStatus::as_str);
        let task = filter.task.map(|task| task.to_string());
        let rows: Vec<SummaryRow> = query_as(LIST)
            .bind(filter.user.to_string())
            .bind(task.as_deref())
            .bind(status)
            .bind(filter.search.as_deref())
            .bind(filter.after.map(|run| run.to_string()))
            .bind(row::signed(filter.limit as u64 + 1))
            .fetch_all(self.reader())
            .await?;
        let total: i64 = query_scalar(COUNT)
            .bind(filter.user.to_string())
            .bind(task.as_deref())
            .bind(status)
            .bind(filter.search.as_deref())
            .fetch_one(self.reader())
            .await?;
        let runs: Result<_, _> = rows.into_iter().map(SummaryRow::into_summary).collect();
        Ok((runs?, row::size(total)))
    }

    async fn cancel_run(&self, run: RunId) -> Result<CancelStep, Internal> {
        let mut tx = self.begin().await?;
        let now = tx.now().await?;
        let step = cancel(&mut tx, run, now).await?;
        tx.commit().await?;
        Ok(step)
    }

    async fn latest_run(&self, task: TaskId) -> Result<Option<RunId>, Internal> {
        let id: Option<String> = query_scalar(LATEST)
            .bind(task.to_string())
            .fetch_optional(self.reader())
            .await?;
        id.map(|id| row::parse("run id", &id)).transpose()
    }
}

/// Ends a run that waits; asks the dispatcher of one that runs.
pub(super) async fn cancel(tx: &mut Tx, run: RunId, now: i64) -> Result<CancelStep, Internal> {
    let state: Option<(String, i64, i64)> = query_as(STATE)
        .bind(run.to_string())
        .for_update()
        .fetch_optional(&mut *tx)
        .await?;
    let Some((status, attempt, last_seq)) = state else {
        return Ok(CancelStep::Gone);
    };
    match row::status(&status)? {
        RunStatus::Queued => {
            let seq = last_seq + 1;
            query(CANCEL_QUEUED)
                .bind(run.to_string())
                .bind(now)
                .bind(seq)
                .execute(&mut *tx)
                .await?;
            let finished = RunEventKind::Finished {
                status: RunStatus::Cancelled,
                error: None,
                wall_ms: None,
            };
            events::insert(tx, run, seq, attempt, now, &finished).await?;
            deliveries::enqueue(tx, run, RunStatus::Cancelled, now).await?;
            Ok(CancelStep::Cancelled {
                seq: row::size(seq),
            })
        }
        RunStatus::Running => {
            query(ASK_TO_STOP)
                .bind(run.to_string())
                .execute(&mut *tx)
                .await?;
            Ok(CancelStep::Asked)
        }
        RunStatus::Completed | RunStatus::Failed | RunStatus::Cancelled => Ok(CancelStep::Finished),
    }
}
