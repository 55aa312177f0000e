//! `/api/me`.

use crate::extract::Authenticated;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    pub user_id: domain::UserId,
    pub name: String,
}

/// Tells who the caller is.
#[utoipa::path(
    get,
    path = "/api/me",
    tag = "account",
    responses((status = 200, description = "The user the token belongs to.", body = Me))
)]
pub async fn get_me(Authenticated(caller): Authenticated) -> Json<Me> {
    Json(Me {
        user_id: caller.user,
        name: caller.name,
    })
}
