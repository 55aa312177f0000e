//! `/api/tasks…`: create, list, read, change, delete, versions.

use super::{
    body::{TaskBody, TaskLine, VersionBody},
    conditions::{etag, expected_revisions, is_known},
    page::{self, PageBody, WhichPage},
};
use crate::{
    extract::{Authenticated, JsonBody, Path, Query, idempotency_key},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    TaskId,
    run::RunStatus,
    task::{TaskDetail, VersionSummary},
};
use platform::tasks::{self, NewTask, TaskChange, TaskQuery};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// Name of a task whose creator gave none.
pub const UNNAMED: &str = "Untitled";
/// A task may be kept by who read it, and is asked for again with its tag.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Stress",
    "code": "def calculate(force, section):\n    return {\"stress\": force / section}",
    "inputs": {"force": 1000, "section": 10},
}))]
pub struct CreateTask {
    name: String,
    /// Python with a function `calculate`.
    code: String,
    /// Default inputs.
    #[schema(value_type = Option<Object>)]
    inputs: Option<Box<RawValue>>,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTasks {
    /// Words that name or description hold.
    #[param(max_length = 200)]
    q: Option<String>,
    /// State of the last run.
    state: Option<RunStatus>,
    /// `next_cursor` of the page before; none for the first page.
    cursor: Option<String>,
    /// Rows in the page: 50 when not given, at most 200.
    #[param(minimum = 0)]
    limit: Option<usize>,
}

/// A changed name or description; changed code or inputs are saved as a version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTask {
    name: Option<String>,
    description: Option<String>,
    code: Option<String>,
    #[schema(value_type = Option<Object>)]
    inputs: Option<Box<RawValue>>,
    /// The version that was edited; the newest when absent.
    #[schema(minimum = 1)]
    base_version: Option<u32>,
}

/// Creates a task.
#[utoipa::path(
    post,
    path = "/api/tasks",
    tag = "tasks",
    params(
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, pattern = "^[!-~]([ -~]*[!-~])?$",
            description = "The same key with the same request answers the same task for a day."),
    ),
    request_body(content = CreateTask),
    responses(
        (status = 201, description = "The task.", body = TaskBody,
            headers(("Location" = String, description = "The task."), ("ETag" = String, description = "Its state, for `If-Match`."))),
        (status = 404, description = "The task that the key made was deleted since (`not_found`)."),
        (status = 413, description = "A field is over its limit (`too_large`)."),
        (status = 422, description = "A field is wrong (`invalid`), or the key came with another request (`idempotency_mismatch`)."),
    )
)]
pub async fn create_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    JsonBody(body): JsonBody<CreateTask>,
) -> Result<Response, ApiProblem> {
    let new = NewTask {
        name: body.name,
        description: body.description,
        code: body.code,
        inputs: json_text(body.inputs),
    };
    let key = idempotency_key(&headers);
    let task = tasks::create_once(&state.services, &caller, new, key).await?;
    let location = [(header::LOCATION, format!("/api/tasks/{}", task.id))];
    Ok((StatusCode::CREATED, location, tagged(task)).into_response())
}

/// Lists the caller's tasks, newest activity first.
#[utoipa::path(
    get,
    path = "/api/tasks",
    tag = "tasks",
    params(ListTasks),
    responses((status = 200, description = "A page of tasks, each with its last run.", body = PageBody<TaskLine>))
)]
pub async fn list_tasks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Query(query): Query<ListTasks>,
    uri: Uri,
) -> Result<Response, ApiProblem> {
    let query = TaskQuery {
        q: query.q,
        status: query.state,
        cursor: query.cursor,
        limit: query.limit,
    };
    let page = tasks::list(&state.services, &caller, query).await?;
    Ok(page::answer::<_, TaskLine>(&uri, page))
}

/// Reads a task with its newest version.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task."),
        ("If-None-Match" = Option<String>, Header, pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#,
            description = "The `ETag` of what is known already."),
    ),
    responses(
        (status = 200, description = "The task.", body = TaskBody,
            headers(("ETag" = String, description = "Its state, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is as it was known."),
    )
)]
pub async fn get_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let task = tasks::get(&state.services, &caller, task).await?;
    let etag = etag(&task);
    if is_known(&headers, &etag)? {
        let headers = [(header::ETAG, etag), (header::CACHE_CONTROL, ASK_AGAIN)];
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok(tagged(task).into_response())
}

/// Changes a task.
///
/// What is absent stays. Changed code or inputs make a version. All of it is done, or nothing.
#[utoipa::path(
    patch,
    path = "/api/tasks/{id}",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task."),
        ("If-Match" = Option<String>, Header, pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#,
            description = "The `ETag` of the task that was read; another state is not changed."),
    ),
    request_body(content = ChangeTask),
    responses(
        (status = 200, description = "The task as it is now.", body = TaskBody,
            headers(("ETag" = String, description = "Its state, for `If-Match`."))),
        (status = 409, description = "Another version was saved since `base_version` (`conflict`)."),
        (status = 412, description = "The task was changed since it was read (`precondition_failed`)."),
        (status = 413, description = "A field is over its limit (`too_large`)."),
    )
)]
pub async fn update_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ChangeTask>,
) -> Result<Response, ApiProblem> {
    let change = TaskChange {
        name: body.name,
        description: body.description,
        code: body.code,
        inputs: body.inputs.map(|inputs| inputs.get().to_owned()),
        base_version: body.base_version,
        expected: expected_revisions(&headers)?,
    };
    let task = tasks::change(&state.services, &caller, task, change).await?;
    Ok(tagged(task).into_response())
}

/// Deletes a task: cancels its runs and closes its shares.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task."),
        ("If-Match" = Option<String>, Header, pattern = r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#,
            description = "The `ETag` of the task that was read; another state is not deleted."),
    ),
    responses(
        (status = 204, description = "The task is gone."),
        (status = 412, description = "The task was changed since it was read (`precondition_failed`)."),
    )
)]
pub async fn delete_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    let expected = expected_revisions(&headers)?;
    tasks::delete_expected(&state.services, &caller, task, expected.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the versions of a task, newest first.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/versions",
    tag = "tasks",
    params(("id" = TaskId, Path, description = "The task."), WhichPage),
    responses((status = 200, description = "A page of them.", body = PageBody<VersionSummary>))
)]
pub async fn list_versions(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(task): Path<TaskId>,
    Query(which): Query<WhichPage>,
    uri: Uri,
) -> Result<Response, ApiProblem> {
    let page = tasks::version_page(&state.services, &caller, task, which.into()).await?;
    Ok(page::answer::<_, VersionSummary>(&uri, page))
}

/// Reads a version.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/versions/{n}",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task."),
        ("n" = u32, Path, minimum = 1, description = "The number of the version, from 1."),
    ),
    responses((status = 200, description = "The version.", body = VersionBody))
)]
pub async fn get_version(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((task, number)): Path<(TaskId, u32)>,
) -> Result<Json<VersionBody>, ApiProblem> {
    let version = tasks::version(&state.services, &caller, task, number).await?;
    Ok(Json(version.into()))
}

/// A task with its tag.
fn tagged(task: TaskDetail) -> impl IntoResponse {
    let headers = [
        (header::ETAG, etag(&task)),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    (headers, Json(TaskBody::from(task)))
}

/// The text of inputs that may be absent.
pub fn json_text(inputs: Option<Box<RawValue>>) -> String {
    inputs.map_or_else(|| "{}".to_owned(), |inputs| inputs.get().to_owned())
}
