//! `/api/me`.

use crate::extract::Authenticated;
use axum::Json;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct Me {
    pub user_id: domain::UserId,
    pub name: String,
}

/// `GET /api/me`
pub async fn get_me(Authenticated(caller): Authenticated) -> Json<Me> {
    Json(Me {
        user_id: caller.user,
        name: caller.name,
    })
}
