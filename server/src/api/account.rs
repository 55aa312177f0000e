//! `/api/me` and `/api/usage`.

use crate::{extract::Authenticated, problem::ApiProblem, state::AppState};
use axum::{Json, extract::State};
use domain::{Timestamp, TokenId, UserId, token::Scope, usage::Usage};
use platform::{Caller, UsedToken, usage};
use serde::Serialize;
use utoipa::ToSchema;

/// Who asks, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub user_id: UserId,
    pub name: String,
    /// All that the caller may do, the smallest first.
    pub scopes: Vec<Scope>,
    /// The token that was shown, where it is one that was made here.
    pub token: Option<ShownToken>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ShownToken {
    pub id: TokenId,
    pub name: String,
    pub scope: Scope,
    pub expires_at: Timestamp,
}

impl From<Caller> for Me {
    fn from(caller: Caller) -> Self {
        Self {
            user_id: caller.user,
            scopes: caller.scope().included(),
            name: caller.name,
            token: caller.token.map(ShownToken::from),
        }
    }
}

impl From<UsedToken> for ShownToken {
    fn from(token: UsedToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scope: token.scope,
            expires_at: token.expires_at,
        }
    }
}

/// Tells who the caller is.
#[utoipa::path(
    get,
    path = "/api/me",
    tag = "account",
    responses((status = 200, description = "The user, and the token that was shown.", body = Me))
)]
pub async fn get_me(Authenticated(caller): Authenticated) -> Json<Me> {
    Json(caller.into())
}

/// Tells what the caller has used, and the limits that apply.
#[utoipa::path(
    get,
    path = "/api/usage",
    tag = "account",
    responses((status = 200, description = "Today, this month, and what is stored now.", body = Usage))
)]
pub async fn get_usage(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Usage>, ApiProblem> {
    Ok(Json(usage::of_caller(&state.services, &caller).await?))
}
