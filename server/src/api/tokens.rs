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
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    name: String,
    scope: Scope,
    /// Seconds from now; 90 days when absent.
    expires_in_s: Option<u64>,
}

/// Makes a token.
///
/// This is the only answer that has the secret.
#[utoipa::path(
    post,
    path = "/api/tokens",
    tag = "account",
    request_body = CreateToken,
    responses(
        (status = 201, description = "The token.", body = NewToken),
        (status = 409, description = "There are as many tokens as there may be (`conflict`)."),
        (status = 422, description = "A field is wrong (`invalid`)."),
    )
)]
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

/// Lists the tokens that are not revoked, the newest first.
#[utoipa::path(
    get,
    path = "/api/tokens",
    tag = "account",
    responses((status = 200, description = "Without their secrets.", body = Vec<TokenSummary>))
)]
pub async fn list_tokens(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vec<TokenSummary>>, ApiProblem> {
    Ok(Json(tokens::list(&state.services, &caller).await?))
}

/// Revokes a token: it opens nothing from now on.
#[utoipa::path(
    delete,
    path = "/api/tokens/{id}",
    tag = "account",
    params(("id" = TokenId, Path, description = "The token.")),
    responses((status = 204, description = "It is revoked."))
)]
pub async fn revoke_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(token): Path<TokenId>,
) -> Result<StatusCode, ApiProblem> {
    tokens::revoke(&state.services, &caller, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
