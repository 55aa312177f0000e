//! Shares of a run, and what the holder of a share's token reads: `GET /api/shared/{token}`.

use super::{
    body::{RunBody, stored_json},
    page::{self, PageBody, WhichPage},
};
use crate::{
    extract::{Authenticated, OptionalJsonBody, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    RunId, ShareId, Timestamp,
    share::{NewShare, ShareSummary, SharedRun},
};
use platform::shares;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateShare {
    /// Seconds from now, at most ten years; never when absent.
    #[schema(minimum = 1, maximum = 315_360_000)]
    expires_in_s: Option<u32>,
}

/// A shared run as programs see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SharedRun)]
pub struct SharedBody {
    task_name: String,
    description: String,
    author: String,
    code: String,
    run: RunBody,
    shared_at: Timestamp,
    expires_at: Option<Timestamp>,
}

impl From<SharedRun> for SharedBody {
    fn from(shared: SharedRun) -> Self {
        let mut run = RunBody::from(shared.run);
        run.result = shared.result.map(stored_json);
        Self {
            task_name: shared.task_name,
            description: shared.description,
            author: shared.author,
            code: shared.code,
            run,
            shared_at: shared.shared_at,
            expires_at: shared.expires_at,
        }
    }
}

/// Makes a read-only link to a run.
///
/// The token is shown this once; only its hash is stored.
#[utoipa::path(
    post,
    path = "/api/runs/{id}/share",
    tag = "shares",
    params(("id" = RunId, Path, description = "The run; it has ended.")),
    request_body(content = Option<CreateShare>, description = "Nothing means a link without end."),
    responses(
        (status = 201, description = "The link.", body = NewShare),
        (status = 409, description = "The run has not ended (`not_completed`)."),
    )
)]
pub async fn create_share(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
    OptionalJsonBody(body): OptionalJsonBody<CreateShare>,
) -> Result<(StatusCode, Json<NewShare>), ApiProblem> {
    let expires_in = match body.unwrap_or_default().expires_in_s {
        Some(0) => {
            return Err(ApiProblem::invalid(
                "expires_in_s",
                "A share lives at least one second. Give a larger number, or none for a share without end.",
            ));
        }
        seconds => seconds.map(|s| Duration::from_secs(s.into())),
    };
    let share = shares::create(&state.services, &caller, run, expires_in).await?;
    Ok((StatusCode::CREATED, Json(share)))
}

/// Lists the open links to a run, newest first.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/shares",
    tag = "shares",
    params(("id" = RunId, Path, description = "The run."), WhichPage),
    responses((status = 200, description = "A page of them.", body = PageBody<ShareSummary>))
)]
pub async fn list_shares(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
    Query(which): Query<WhichPage>,
    uri: Uri,
) -> Result<Response, ApiProblem> {
    let page = shares::page(&state.services, &caller, run, which.into()).await?;
    Ok(page::answer::<_, ShareSummary>(&uri, page))
}

/// Closes a link.
#[utoipa::path(
    delete,
    path = "/api/shares/{id}",
    tag = "shares",
    params(("id" = ShareId, Path, description = "The share.")),
    responses((status = 204, description = "The link opens nothing any more."))
)]
pub async fn revoke_share(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(share): Path<ShareId>,
) -> Result<StatusCode, ApiProblem> {
    shares::revoke(&state.services, &caller, share).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads what a link shows. Public, whoever asks.
#[utoipa::path(
    get,
    path = "/api/shared/{token}",
    tag = "shares",
    params(("token" = String, Path, description = "The end of the link.")),
    responses((status = 200, description = "The run with its code, inputs and result.", body = SharedBody)),
    security(())
)]
pub async fn get_shared(
    State(state): State<AppState>,
    Path(token): Path<String>,
) -> Result<impl IntoResponse, ApiProblem> {
    let shared = shares::open(&state.services, &token).await?;
    Ok((
        [(header::CACHE_CONTROL, "private, no-store")],
        Json(SharedBody::from(shared)),
    ))
}
