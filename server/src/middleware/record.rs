//! One log line a request, and the id that ties an answer to it.
//!
//! The route that matched is logged, never the path: paths of shares and objects hold secrets.

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Instant};
use tracing::Instrument;

/// Carries the id of the request in its answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over from a client, characters.
const MAX_ID_CHARS: usize = 128;

tokio::task_local! {
    static CURRENT: Arc<str>;
}

/// The id of the request that is being answered, if one is.
#[must_use]
pub fn current_id() -> Option<Arc<str>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Logs the request once it is answered.
pub async fn request(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id: Arc<str> = given_id(&request).unwrap_or_else(new_id).into();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id = %id);
    let mut response = CURRENT
        .scope(Arc::clone(&id), next.run(request))
        .instrument(span.clone())
        .await;
    let status = response.status();
    let millis = begun.elapsed().as_secs_f64() * 1000.0;
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::error!(%method, route, status = status.as_u16(), millis, "answered");
        } else {
            tracing::debug!(%method, route, status = status.as_u16(), millis, "answered");
        }
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The id that the client gave its request, when it can stand in a log as it is.
fn given_id(request: &Request) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    let usable = !id.is_empty() && id.len() <= MAX_ID_CHARS && id.chars().all(fits);
    usable.then(|| id.to_owned())
}

fn new_id() -> String {
    let mut bytes = [0; 8];
    // Without randomness ids would repeat, which only makes the log harder to read.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}
