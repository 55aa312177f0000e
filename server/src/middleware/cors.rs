//! Which pages of other sites may call the REST face from a browser: none, unless
//! `MECAPY_CORS_ORIGINS` names them. They send tokens, never a cookie, and reach nothing but `/api/`.

use crate::{
    extract::IDEMPOTENCY_KEY, middleware::record::REQUEST_ID, problem::ApiProblem, state::AppState,
};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{convert::Infallible, time::Duration};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::cors::CorsLayer;

/// Where these pages may go.
const REST: &str = "/api/";
/// How long a browser may remember what it was allowed.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Lets the pages of the origins that are named read answers of the REST face.
pub async fn for_named_origins(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let origins = &state.addresses.cors_origins;
    if origins.is_empty() {
        return next.run(request).await;
    }
    if request.uri().path().starts_with(REST) {
        let go_on = service_fn(move |request| {
            let next = next.clone();
            async move { Ok::<_, Infallible>(next.run(request).await) }
        });
        return match layer(origins).layer(go_on).oneshot(request).await {
            Ok(response) => response.map(axum::body::Body::new),
            Err(never) => match never {},
        };
    }
    let origin = request.headers().get(header::ORIGIN);
    if origin.is_some_and(|origin| origins.contains(origin)) && !request.method().is_safe() {
        return ApiProblem::http(
            StatusCode::FORBIDDEN,
            "Pages of that origin may use addresses under /api/ alone.",
        )
        .into_response();
    }
    next.run(request).await
}

fn layer(origins: &[HeaderValue]) -> CorsLayer {
    const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
    const KEY: HeaderName = HeaderName::from_static(IDEMPOTENCY_KEY);
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            KEY,
            LAST_EVENT_ID,
            REQUEST_ID,
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::ETAG,
            header::LINK,
            header::LOCATION,
            header::RETRY_AFTER,
            REQUEST_ID,
        ])
        .max_age(MAX_AGE)
}
