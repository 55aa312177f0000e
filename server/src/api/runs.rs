//! `/api/runs…`: list, read, log, cancel; and the latest run of a task.

use super::body::{BACKEND, PageBody, RunBody, RunLine, stored_json};
use crate::{
    extract::{Authenticated, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{Json, extract::State, http::header, response::IntoResponse};
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

#[derive(Debug, Deserialize)]
pub struct ListRuns {
    task: Option<TaskId>,
    state: Option<RunStatus>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Which run of a task is meant: its latest unless one is named.
#[derive(Debug, Deserialize)]
pub struct WhichRun {
    run_id: Option<RunId>,
}

/// Where a task's latest run stands; `created` before any.
#[derive(Debug, Serialize)]
pub struct TaskStatus {
    task_id: TaskId,
    run_id: Option<RunId>,
    status: &'static str,
    enqueued_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    attempt: Option<u32>,
    backend: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub struct TaskResults {
    task_id: TaskId,
    run_id: RunId,
    status: RunStatus,
    result: Box<RawValue>,
}

/// `GET /api/runs?task&state&q&cursor&limit`
pub async fn list_runs(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<ListRuns>,
) -> Result<Json<PageBody<RunLine>>, ApiProblem> {
    let query = RunQuery {
        task: query.task,
        status: query.state,
        q: query.q,
        cursor: query.cursor,
        limit: query.limit,
    };
    let page = runs::list(&state.services, &caller, query).await?;
    Ok(Json(PageBody::of(page)))
}

/// `GET /api/runs/{id}`
pub async fn get_run(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
) -> Result<Json<RunBody>, ApiProblem> {
    let run = runs::get(&state.services, &caller, run).await?;
    Ok(Json(run.into()))
}

/// `GET /api/runs/{id}/logs`
pub async fn get_logs(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
) -> Result<impl IntoResponse, ApiProblem> {
    let logs = runs::logs(&state.services, &caller, run).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], logs))
}

/// `POST /api/runs/{id}/cancel`
pub async fn cancel_run(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
) -> Result<Json<RunBody>, ApiProblem> {
    let run = runs::cancel(&state.services, &caller, run).await?;
    Ok(Json(run.into()))
}

/// `GET /api/tasks/{id}/status?run_id`
pub async fn get_task_status(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    Query(which): Query<WhichRun>,
) -> Result<Json<TaskStatus>, ApiProblem> {
    let run = run_of_task(&state, &caller, task, which.run_id).await?;
    Ok(Json(TaskStatus::of(task, run)))
}

/// `GET /api/tasks/{id}/results?run_id`
pub async fn get_task_results(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    Query(which): Query<WhichRun>,
) -> Result<Json<TaskResults>, ApiProblem> {
    let Some(run) = run_of_task(&state, &caller, task, which.run_id).await? else {
        let detail = "The task has not run yet, so it has no result. Execute it first.";
        let problem = domain::Problem::new(domain::ProblemCode::NotCompleted, detail);
        return Err(ApiProblem::from(problem).with("task_id", task));
    };
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
    Ok(Json(TaskResults {
        task_id: task,
        run_id: run.id,
        status: run.status,
        result: stored_json(result.json),
    }))
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
