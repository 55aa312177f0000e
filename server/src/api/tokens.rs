//! `/api/tokens…`: make, list, revoke.

use crate::{
    extract::{Authenticated, JsonBody, Path},
    problem::ApiProblem,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::{
    TokenId,
    token::{NewToken, Scope, TokenSummary},
};
use platform::tokens;
use serde::Deserialize;
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    name: String,
    scope: Scope,
    /// Seconds from now; 90 days when absent.
    expires_in_s: Option<u64>,
}

/// `POST /api/tokens`: the only answer that has the secret.
pub async fn create_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody<CreateToken>,
) -> Result<(StatusCode, Json<NewToken>), ApiProblem> {
    let new = tokens::CreateToken {
        name: body.name,
        scope: body.scope,
        expires_in: body.expires_in_s.map(Duration::from_secs),
    };
    let token = tokens::create(&state.services, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(token)))
}

/// `GET /api/tokens`: those that are not revoked, newest first.
pub async fn list_tokens(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vec<TokenSummary>>, ApiProblem> {
    Ok(Json(tokens::list(&state.services, &caller).await?))
}

/// `DELETE /api/tokens/{id}`
pub async fn revoke_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(token): Path<TokenId>,
) -> Result<StatusCode, ApiProblem> {
    tokens::revoke(&state.services, &caller, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
