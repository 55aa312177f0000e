//! `/api/runs…`: list, read, log, cancel; and the latest run of a task.

use super::{
    body::{BACKEND, RunBody, RunLine, stored_json},
    negotiate::forms,
    page::{self, PageBody},
    results::{self, File},
    wait::{self, WaitOptions},
};
use crate::{
    extract::{Authenticated, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    RunId, TaskId, Timestamp,
    run::{RunDetail, RunStatus},
};
use platform::{
    Caller,
    runs::{self, RunQuery},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListRuns {
    /// Runs of this task alone.
    task: Option<TaskId>,
    state: Option<RunStatus>,
    /// Words that the task's name or description hold.
    #[param(max_length = 200)]
    q: Option<String>,
    /// `next_cursor` of the page before; none for the first page.
    cursor: Option<String>,
    /// Rows in the page: 50 when not given, at most 200.
    #[param(minimum = 0)]
    limit: Option<usize>,
}

/// Which run of a task is meant: its latest unless one is named.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhichRun {
    /// The latest when absent.
    run_id: Option<RunId>,
}

/// Where a task's latest run stands; `created` before any.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskStatus {
    task_id: TaskId,
    run_id: Option<RunId>,
    /// A state of a run, or `created` before any.
    status: &'static str,
    enqueued_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    attempt: Option<u32>,
    backend: Option<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TaskResults {
    task_id: TaskId,
    run_id: RunId,
    status: RunStatus,
    /// In the result encoding.
    #[schema(value_type = Value)]
    result: Box<RawValue>,
}

/// Lists the caller's runs, newest first.
#[utoipa::path(
    get,
    path = "/api/runs",
    tag = "runs",
    params(ListRuns),
    responses((status = 200, description = "A page of runs.", body = PageBody<RunLine>))
)]
pub async fn list_runs(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<ListRuns>,
    uri: Uri,
) -> Result<Response, ApiProblem> {
    let query = RunQuery {
        task: query.task,
        status: query.state,
        q: query.q,
        cursor: query.cursor,
        limit: query.limit,
    };
    let page = runs::list(&state.services, &caller, query).await?;
    Ok(page::answer::<_, RunLine>(&uri, page))
}

/// Reads a run, without its result.
#[utoipa::path(
    get,
    path = "/api/runs/{id}",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses((status = 200, description = "The run.", body = RunBody))
)]
pub async fn get_run(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
) -> Result<Json<RunBody>, ApiProblem> {
    let run = runs::get(&state.services, &caller, run).await?;
    Ok(Json(run.into()))
}

/// Reads what a run printed in its last attempt.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/logs",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses((status = 200, description = "The text.", content((String = "text/plain"))))
)]
pub async fn get_logs(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
) -> Result<impl IntoResponse, ApiProblem> {
    let logs = runs::logs(&state.services, &caller, run).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], logs))
}

/// Cancels a run: one that waits at once, one under way as soon as its worker has killed it.
#[utoipa::path(
    post,
    path = "/api/runs/{id}/cancel",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses(
        (status = 200, description = "The run as it is now.", body = RunBody),
        (status = 409, description = "It has ended already (`already_finished`)."),
    )
)]
pub async fn cancel_run(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
) -> Result<Json<RunBody>, ApiProblem> {
    let run = runs::cancel(&state.services, &caller, run).await?;
    Ok(Json(run.into()))
}

/// Tells where the latest run of a task stands.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/status",
    tag = "tasks",
    params(("id" = TaskId, Path, description = "The task."), WhichRun),
    responses((status = 200, description = "Where it stands.", body = TaskStatus))
)]
pub async fn get_task_status(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    Query(which): Query<WhichRun>,
) -> Result<Json<TaskStatus>, ApiProblem> {
    let run = run_of_task(&state, &caller, task, which.run_id).await?;
    Ok(Json(TaskStatus::of(task, run)))
}

/// Reads the result of the latest run of a task.
///
/// As CSV, Arrow or Parquet it is the result alone, without the ids.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/results",
    tag = "tasks",
    params(("id" = TaskId, Path, description = "The task."), WhichRun, WaitOptions),
    responses(
        (status = 200, description = "The result.", content(
            (TaskResults = "application/json"),
            (TaskResults = "application/vnd.mecapy.typed+json"),
            (String = "text/csv"),
            (File = "application/vnd.apache.arrow.stream"),
            (File = "application/vnd.apache.parquet"),
        )),
        (status = 406, description = "The result is no table."),
        (status = 409, description = "The run has no result (`not_completed`); `run_status` and `error` say why."),
    )
)]
pub async fn get_task_results(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    Query(which): Query<WhichRun>,
    Query(options): Query<WaitOptions>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let wait = options.duration()?;
    let Some(mut run) = run_of_task(&state, &caller, task, which.run_id).await? else {
        let detail = "The task has not run yet, so it has no result. Execute it first.";
        let problem = domain::Problem::new(domain::ProblemCode::NotCompleted, detail);
        return Err(ApiProblem::from(problem).with("task_id", task));
    };
    if let Some(wait) = wait {
        run = wait::ended(&state, &caller, run.summary.id, wait).await?;
    }
    let run = run.summary;
    let result = runs::result(&state.services, &caller, run.id)
        .await
        .map_err(|error| {
            ApiProblem::from(error)
                .with("task_id", task)
                .with("run_id", run.id)
                .with("run_status", run.status)
                .with("error", &run.error)
        })?;
    let (form, result) = results::written(&state, result.json, forms(None, &headers)).await?;
    if !form.is_json() {
        return Ok(results::answer(form, result, None));
    }
    let body = TaskResults {
        task_id: task,
        run_id: run.id,
        status: run.status,
        result: stored_json(String::from_utf8(result).unwrap_or_default()),
    };
    Ok(results::json_answer(&body, form))
}

async fn run_of_task(
    state: &AppState,
    caller: &Caller,
    task: TaskId,
    named: Option<RunId>,
) -> Result<Option<RunDetail>, ApiProblem> {
    let Some(run) = named else {
        return Ok(runs::latest(&state.services, caller, task).await?);
    };
    let run = runs::get(&state.services, caller, run).await?;
    if run.summary.task_id == task {
        Ok(Some(run))
    } else {
        Err(ApiProblem::not_found("That run belongs to another task."))
    }
}

impl TaskStatus {
    fn of(task_id: TaskId, run: Option<RunDetail>) -> Self {
        let run = run.map(|run| run.summary);
        let run = run.as_ref();
        Self {
            task_id,
            run_id: run.map(|run| run.id),
            status: run.map_or("created", |run| run.status.as_str()),
            enqueued_at: run.map(|run| run.enqueued_at),
            started_at: run.and_then(|run| run.started_at),
            finished_at: run.and_then(|run| run.finished_at),
            attempt: run.map(|run| run.attempt),
            backend: run.map(|_| BACKEND),
        }
    }
}
