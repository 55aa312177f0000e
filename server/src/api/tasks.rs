//! `/api/tasks…`: create, list, read, change, delete, versions.

use super::body::{PageBody, TaskBody, TaskLine, VersionBody};
use crate::{
    extract::{Authenticated, JsonBody, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::{TaskId, run::RunStatus, task::VersionSummary};
use platform::tasks::{self, NewTask, TaskChange, TaskQuery};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Name of a task whose creator gave none.
pub const UNNAMED: &str = "Untitled";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTask {
    name: String,
    code: String,
    inputs: Option<Box<RawValue>>,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
pub struct ListTasks {
    q: Option<String>,
    state: Option<RunStatus>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// A changed name or description; changed code or inputs are saved as a version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeTask {
    name: Option<String>,
    description: Option<String>,
    code: Option<String>,
    inputs: Option<Box<RawValue>>,
    /// The version that was edited; the newest when absent.
    base_version: Option<u32>,
}

/// `POST /api/tasks`
pub async fn create_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody<CreateTask>,
) -> Result<impl IntoResponse, ApiProblem> {
    let new = NewTask {
        name: body.name,
        description: body.description,
        code: body.code,
        inputs: json_text(body.inputs),
    };
    let task = tasks::create(&state.services, &caller, new).await?;
    let location = format!("/api/tasks/{}", task.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(TaskBody::from(task)),
    ))
}

/// `GET /api/tasks?q&state&cursor&limit`
pub async fn list_tasks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<ListTasks>,
) -> Result<Json<PageBody<TaskLine>>, ApiProblem> {
    let query = TaskQuery {
        q: query.q,
        status: query.state,
        cursor: query.cursor,
        limit: query.limit,
    };
    let page = tasks::list(&state.services, &caller, query).await?;
    Ok(Json(PageBody::of(page)))
}

/// `GET /api/tasks/{id}`
pub async fn get_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
) -> Result<Json<TaskBody>, ApiProblem> {
    let task = tasks::get(&state.services, &caller, task).await?;
    Ok(Json(task.into()))
}

/// `PATCH /api/tasks/{id}`
pub async fn update_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    JsonBody(body): JsonBody<ChangeTask>,
) -> Result<Json<TaskBody>, ApiProblem> {
    let change = TaskChange {
        name: body.name,
        description: body.description,
        code: body.code,
        inputs: body.inputs.map(|inputs| inputs.get().to_owned()),
        base_version: body.base_version,
    };
    let task = tasks::change(&state.services, &caller, task, change).await?;
    Ok(Json(task.into()))
}

/// `DELETE /api/tasks/{id}`
pub async fn delete_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
) -> Result<StatusCode, ApiProblem> {
    tasks::delete(&state.services, &caller, task).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/tasks/{id}/versions`
pub async fn list_versions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
) -> Result<Json<Vec<VersionSummary>>, ApiProblem> {
    Ok(Json(tasks::versions(&state.services, &caller, task).await?))
}

/// `GET /api/tasks/{id}/versions/{n}`
pub async fn get_version(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((task, number)): Path<(TaskId, u32)>,
) -> Result<Json<VersionBody>, ApiProblem> {
    let version = tasks::version(&state.services, &caller, task, number).await?;
    Ok(Json(version.into()))
}

/// The text of inputs that may be absent.
pub fn json_text(inputs: Option<Box<RawValue>>) -> String {
    inputs.map_or_else(|| "{}".to_owned(), |inputs| inputs.get().to_owned())
}
