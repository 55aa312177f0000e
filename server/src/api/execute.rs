//! Starting runs: `POST /api/tasks/{id}/execute` and `POST /api/tasks/execute`, each with a JSON body,
//! or with `multipart/form-data` that brings input files too.

use super::{
    body::{RunBody, stored_json},
    negotiate::{Form, json_form},
    results,
    tasks::{UNNAMED, json_text},
    wait::{self, WaitOptions},
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
    limits::Limits,
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
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecuteTask {
    /// Those saved with the version when absent.
    #[schema(value_type = Option<Object>)]
    inputs: Option<Box<RawValue>>,
    /// The newest when absent.
    #[schema(minimum = 1)]
    version: Option<u32>,
    limits: Option<Limits>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "def calculate(force, section):\n    return {\"stress\": force / section}",
    "inputs": {"force": 1000, "section": 10},
}))]
pub struct ExecuteCode {
    /// Python with a function `calculate`.
    code: String,
    #[schema(value_type = Option<Object>)]
    inputs: Option<Box<RawValue>>,
    /// Of the task that is made; `Untitled` when absent.
    name: Option<String>,
    limits: Option<Limits>,
}

/// The answer while the run is under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// Where the run stands: `queued` or `running`.
    status: RunStatus,
    task_id: TaskId,
    run_id: RunId,
}

/// Runs a task.
///
/// Without a body it runs the newest version with its saved inputs.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/execute",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task."),
        WaitOptions,
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$",
            description = "The same key with the same request answers the same run for a day."),
    ),
    request_body(
        content = Option<ExecuteTask>,
        description = "What to run; nothing means the saved inputs. Sent as `multipart/form-data` with the same fields as parts, it may bring files: each part with a file name becomes the input of its name.",
    ),
    responses(
        (status = 202, description = "The run is stored; `Location` is its address.", body = Accepted,
            headers(("Location" = String, description = "The run."))),
        (status = 200, description = "It ended while the request waited; a completed one has its `result`.",
            content((RunBody = "application/json"), (RunBody = "application/vnd.mecapy.typed+json"))),
        (status = 413, description = "The inputs are over their limit."),
        (status = 422, description = "The inputs do not fit the code, a limit is passed (`invalid`), or the key came with another request (`idempotency_mismatch`)."),
        (status = 429, description = "Too many runs wait (`queue_full`)."),
    )
)]
pub async fn execute_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    Query(options): Query<WaitOptions>,
    headers: HeaderMap,
    BodyWithFiles { fields, files }: BodyWithFiles<ExecuteTask>,
) -> Result<Response, ApiProblem> {
    let wait = options.duration()?;
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
    answer(&state, &caller, run, wait, json_form(&headers)).await
}

/// Makes a task and runs it in one call.
///
/// The same as `POST /tasks/execute`.
#[utoipa::path(
    post,
    path = "/api/tasks/execute",
    tag = "tasks",
    params(
        WaitOptions,
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$",
            description = "The same key with the same request answers the same run, and makes no second task, for a day."),
    ),
    request_body(
        content = ExecuteCode,
        description = "Sent as `multipart/form-data` with the same fields as parts, it may bring files: each part with a file name becomes the input of its name.",
    ),
    responses(
        (status = 202, description = "Task and run are stored; `Location` is the run's address.", body = Accepted,
            headers(("Location" = String, description = "The run."))),
        (status = 200, description = "It ended while the request waited; a completed one has its `result`.",
            content((RunBody = "application/json"), (RunBody = "application/vnd.mecapy.typed+json"))),
        (status = 404, description = "The task that the key made was deleted since (`not_found`)."),
        (status = 413, description = "Code or inputs are over their limit."),
        (status = 422, description = "The inputs do not fit the code, a field or limit is wrong (`invalid`), or the key came with another request (`idempotency_mismatch`)."),
        (status = 429, description = "Too many runs wait (`queue_full`)."),
    )
)]
pub async fn execute_code(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(options): Query<WaitOptions>,
    headers: HeaderMap,
    body: BodyWithFiles<ExecuteCode>,
) -> Result<Response, ApiProblem> {
    let wait = options.duration()?;
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
    answer(&state, &caller, run, wait, json_form(&headers)).await
}

/// 202 with the ids, or 200 with the run when it ends while the caller waits.
async fn answer(
    state: &AppState,
    caller: &Caller,
    run: RunDetail,
    wait: Option<Duration>,
    form: Form,
) -> Result<Response, ApiProblem> {
    let Some(wait) = wait else {
        return Ok(accepted(&run));
    };
    let run_id = run.summary.id;
    let run = wait::ended(state, caller, run_id, wait).await?;
    if !run.summary.status.is_final() {
        return Ok(accepted(&run));
    }
    let mut body = RunBody::from(run);
    if body.line.status == RunStatus::Completed {
        let result = runs::result(&state.services, caller, run_id).await?;
        let result = results::json_text(state, result.json, form).await?;
        body.result = Some(stored_json(result));
    }
    Ok(results::json_answer(&body, form))
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
