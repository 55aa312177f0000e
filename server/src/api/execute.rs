//! Starting runs: `POST /api/tasks/{id}/execute` and `POST /api/tasks/execute`, each with a JSON body,
//! or with `multipart/form-data` that brings input files too.

use super::{
    body::{RunBody, stored_json},
    tasks::{UNNAMED, json_text},
};
use crate::{
    extract::{Authenticated, Path, Query, idempotency_key},
    multipart::BodyWithFiles,
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    RunId, TaskId,
    limits::{Limits, MAX_WAIT_S},
    run::{RunDetail, RunStatus},
};
use platform::{
    Caller,
    runs::{self, SubmitNew, SubmitRun},
    tasks::NewTask,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecuteTask {
    inputs: Option<Box<RawValue>>,
    version: Option<u32>,
    limits: Option<Limits>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecuteCode {
    code: String,
    inputs: Option<Box<RawValue>>,
    name: Option<String>,
    limits: Option<Limits>,
}

#[derive(Debug, Deserialize)]
pub struct ExecuteOptions {
    /// Seconds to wait for the run to end.
    wait: Option<f64>,
}

/// The answer while the run is under way.
#[derive(Debug, Serialize)]
struct Accepted {
    status: RunStatus,
    task_id: TaskId,
    run_id: RunId,
}

/// `POST /api/tasks/{id}/execute?wait`
pub async fn execute_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    Query(options): Query<ExecuteOptions>,
    headers: HeaderMap,
    BodyWithFiles { fields, files }: BodyWithFiles<ExecuteTask>,
) -> Result<Response, ApiProblem> {
    let wait = wait_of(&options)?;
    let (inputs, version, limits) = match fields {
        Some(body) => (body.inputs, body.version, body.limits),
        None => (None, None, None),
    };
    let submit = SubmitRun {
        task,
        version,
        inputs: inputs.map(|inputs| inputs.get().to_owned()),
        files,
        limits,
        idempotency_key: idempotency_key(&headers),
    };
    let run = runs::submit(&state.services, &caller, submit).await?;
    answer(&state, &caller, run, wait).await
}

/// `POST /api/tasks/execute?wait`, also at `/tasks/execute`: creates and runs in one call.
pub async fn execute_code(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(options): Query<ExecuteOptions>,
    headers: HeaderMap,
    body: BodyWithFiles<ExecuteCode>,
) -> Result<Response, ApiProblem> {
    let wait = wait_of(&options)?;
    let (body, files) = body.required()?;
    let submit = SubmitNew {
        task: NewTask {
            name: body.name.unwrap_or_else(|| UNNAMED.to_owned()),
            description: String::new(),
            code: body.code,
            inputs: json_text(body.inputs),
        },
        files,
        limits: body.limits,
        idempotency_key: idempotency_key(&headers),
    };
    let run = runs::submit_new(&state.services, &caller, submit).await?;
    answer(&state, &caller, run, wait).await
}

/// 202 with the ids, or 200 with the run when it ends while the caller waits.
async fn answer(
    state: &AppState,
    caller: &Caller,
    run: RunDetail,
    wait: Option<Duration>,
) -> Result<Response, ApiProblem> {
    let Some(wait) = wait else {
        return Ok(accepted(&run));
    };
    let run_id = run.summary.id;
    let run = tokio::select! {
        run = runs::wait(&state.services, caller, run_id, wait) => run?,
        () = state.stopping.cancelled() => run,
    };
    if !run.summary.status.is_final() {
        return Ok(accepted(&run));
    }
    let mut body = RunBody::from(run);
    if body.line.status == RunStatus::Completed {
        let result = runs::result(&state.services, caller, run_id).await?;
        body.result = Some(stored_json(result.json));
    }
    Ok(Json(body).into_response())
}

fn accepted(run: &RunDetail) -> Response {
    let run = &run.summary;
    let body = Accepted {
        status: run.status,
        task_id: run.task_id,
        run_id: run.id,
    };
    let location = format!("/api/runs/{}", run.id);
    (
        StatusCode::ACCEPTED,
        [(header::LOCATION, location)],
        Json(body),
    )
        .into_response()
}

fn wait_of(options: &ExecuteOptions) -> Result<Option<Duration>, ApiProblem> {
    match options.wait {
        None => Ok(None),
        Some(seconds) if (0.0..=f64::from(MAX_WAIT_S)).contains(&seconds) => {
            Ok(Some(Duration::from_secs_f64(seconds)))
        }
        Some(_) => Err(ApiProblem::invalid(
            "wait",
            format!(
                "A request waits 0 to {MAX_WAIT_S} seconds. Wait for less, and follow the run at /api/runs/{{id}}/events."
            ),
        )),
    }
}
