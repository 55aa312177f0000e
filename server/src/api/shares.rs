//! Shares of a run, and what the holder of a share's token reads: `GET /api/shared/{token}`.

use super::body::{RunBody, stored_json};
use crate::{
    extract::{Authenticated, OptionalJsonBody, Path},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::{
    RunId, ShareId, Timestamp,
    share::{NewShare, ShareSummary, SharedRun},
};
use platform::shares;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateShare {
    /// Seconds from now; never when absent.
    expires_in_s: Option<u32>,
}

/// A shared run as programs see it.
#[derive(Debug, Serialize)]
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

/// `POST /api/runs/{id}/share`
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

/// `GET /api/runs/{id}/shares`
pub async fn list_shares(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
) -> Result<Json<Vec<ShareSummary>>, ApiProblem> {
    Ok(Json(shares::list(&state.services, &caller, run).await?))
}

/// `DELETE /api/shares/{id}`
pub async fn revoke_share(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(share): Path<ShareId>,
) -> Result<StatusCode, ApiProblem> {
    shares::revoke(&state.services, &caller, share).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/shared/{token}`: public, whoever asks.
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
