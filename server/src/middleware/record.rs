//! One log line and one count a request, and the ids that tie an answer to it.
//!
//! A request belongs to a trace: the one of its `traceparent`, else a new one. What the request leads
//! to, up to the worker that executes its run, writes the trace's id into its log lines. The request
//! itself has an id too, `X-Request-Id`: its client's, else that of the trace, so that whoever reports
//! an error reports what is looked for.
//!
//! The route that matched is logged, never the path: paths of shares and objects hold secrets.

use crate::state::AppState;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use domain::trace::{TRACEPARENT, TraceParent};
use std::{sync::Arc, time::Instant};
use telemetry::trace;
use tracing::{Instrument, field};

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

/// Logs and counts the request once it is answered.
pub async fn request(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    // Whatever is logged, its lines are to say where they belong.
    let span = tracing::error_span!(
        "request",
        id = field::Empty,
        trace = field::Empty,
        %method,
        route,
        status = field::Empty
    );
    let trace = trace::place(&span, given_trace(&request));
    let id: Arc<str> = given_id(&request).unwrap_or_else(|| trace.id()).into();
    span.record("id", &*id);
    let answering = CURRENT.scope(Arc::clone(&id), next.run(request));
    let mut response = trace::within(trace, answering)
        .instrument(span.clone())
        .await;
    let status = response.status();
    span.record("status", status.as_u16());
    let took = begun.elapsed();
    state.metrics.answered(&method, &route, status, took);
    let millis = took.as_secs_f64() * 1000.0;
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::error!(millis, "answered");
        } else {
            tracing::debug!(millis, "answered");
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

/// The trace that the client, or a proxy before us, began.
fn given_trace(request: &Request) -> Option<TraceParent> {
    let given = request.headers().get(TRACEPARENT)?.to_str().ok()?;
    given.parse().ok()
}
