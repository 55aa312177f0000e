//! What every answer carries: headers that keep browsers careful, and a problem document wherever a
//! layer or axum itself refused in plain text.

use super::policy;
use crate::{
    extract,
    problem::{ApiProblem, PROBLEM_JSON},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Set unless the handler chose its own.
static DEFAULTS: [(HeaderName, HeaderValue); 7] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
             magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
        ),
    ),
    (
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    ),
];

/// Browsers that reached this server by TLS once do not try without for a year.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers an answer does not have.
pub async fn careful_headers(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let is_asset = request.uri().path().starts_with("/pkg/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &DEFAULTS {
        headers.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let fallback = if is_asset {
        policy::ASSET
    } else {
        policy::NOTHING_ALLOWED
    };
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(fallback);
    if state.addresses.public_origin.starts_with("https:") {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(TLS_ONLY);
    }
    response
}

/// Replaces an error without a document of its own by a problem document.
pub async fn problems(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    // Server functions have their own form of error, which the pages read.
    if !failed || has_document(response.headers()) || path.starts_with("/fn/") {
        return response;
    }
    let mut replaced = problem_of(status).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        replaced.headers_mut().insert(header::ALLOW, allow.clone());
    }
    replaced
}

fn has_document(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| {
            kind == PROBLEM_JSON || kind.starts_with("text/html") || kind.starts_with("image/")
        })
}

fn problem_of(status: StatusCode) -> ApiProblem {
    let detail = match status {
        StatusCode::PAYLOAD_TOO_LARGE => return extract::too_large(domain::limits::MAX_BODY_BYTES),
        StatusCode::NOT_FOUND => return ApiProblem::not_found("There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address does not answer that method. The Allow header lists those it answers."
        }
        StatusCode::REQUEST_TIMEOUT => {
            "The request took too long. Send it again, or follow the run at /api/runs/{id}/events."
        }
        status if status.is_server_error() => {
            "MecaPy could not do this because of a defect on its side; the server's log has the cause."
        }
        _ => "The request cannot be served as it is.",
    };
    ApiProblem::http(status, detail)
}
