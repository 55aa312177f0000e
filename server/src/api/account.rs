//! `/api/me` and `/api/usage`.

use crate::{extract::Authenticated, problem::ApiProblem, state::AppState};
use axum::{Json, extract::State};
use domain::{Timestamp, TokenId, UserId, token::Scope, usage::Usage};
use platform::{Caller, UsedToken, usage};
use serde::Serialize;

/// Who asks, and what they may do.
#[derive(Debug, Serialize)]
pub struct Me {
    pub user_id: UserId,
    pub name: String,
    /// All that the caller may do, the smallest first.
    pub scopes: Vec<Scope>,
    /// The token that was shown, where it is one that was made here.
    pub token: Option<ShownToken>,
}

#[derive(Debug, Serialize)]
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

/// `GET /api/me`
pub async fn get_me(Authenticated(caller): Authenticated) -> Json<Me> {
    Json(caller.into())
}

/// `GET /api/usage`
pub async fn get_usage(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Usage>, ApiProblem> {
    Ok(Json(usage::of_caller(&state.services, &caller).await?))
}
