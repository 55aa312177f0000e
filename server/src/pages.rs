//! The Leptos half: pages, server functions, and what answers when no route matched.

use crate::{problem::ApiProblem, state::AppState};
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};

pub fn routes(_: &AppState) -> Router<AppState> {
    Router::new()
}

pub async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    parts.extensions.clear();
    let bare = Request::from_parts(parts, axum::body::Body::empty());
    match state.site.root_file(bare).await {
        Some(file) => file,
        None => ApiProblem::not_found("There is nothing at this address.").into_response(),
    }
}
