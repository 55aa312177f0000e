//! The last answers of a server that is about to stop.

use crate::state::AppState;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Has clients, and the load balancer before them, open their next connection to another server.
pub async fn last_answers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    // An upgrade says something of its own about the connection.
    if state.draining.is_cancelled() && !response.headers().contains_key(header::CONNECTION) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}
