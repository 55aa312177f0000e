//! What every answer carries: headers that keep browsers careful, and a problem document wherever a
//! layer or axum itself refused in plain text.

use crate::{
    extract,
    problem::{ApiProblem, PROBLEM_JSON},
};
use axum::{
    extract::Request,
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
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    ),
];

/// For what is not a page: nothing in it may load or run anything.
const NOTHING_ALLOWED: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Adds the headers an answer does not have.
pub async fn careful_headers(request: Request, next: Next) -> Response {
    // The policy of a script is that of the worker it becomes; the page's own policy guards it.
    let is_asset = request.uri().path().starts_with("/pkg/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &DEFAULTS {
        headers.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if !is_asset {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(NOTHING_ALLOWED);
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
