//! Which error goes where: every error of the REST face is a problem document (RFC 9457).
//!
//! What a use case refuses is a [`domain::Problem`] and keeps its code. What HTTP itself refuses
//! (no such route, not JSON, too large) has the type `about:blank`. Defects of ours are shown as one
//! plain sentence; their cause is logged where the platform's error becomes a problem.

use crate::middleware::record;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Problem, ProblemCode};
use serde::Serialize;
use serde_json::{Map, Value};

/// The media type of every error body.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// The `type` of a problem is this and its code.
pub const TYPE_PREFIX: &str = "urn:mecapy:problem:";
/// Longest explanation sent; what a client sent is quoted back only up to here, characters.
const MAX_DETAIL_CHARS: usize = 500;
/// When to come back after a 429 or 503 that says nothing else, seconds.
const RETRY_AFTER_S: u64 = 5;
/// Goes with every 401 (RFC 6750).
const WRONG_TOKEN: HeaderValue =
    HeaderValue::from_static("Bearer realm=\"MecaPy\", error=\"invalid_token\"");

/// An error answer.
#[derive(Debug)]
pub struct ApiProblem {
    status: StatusCode,
    code: Option<ProblemCode>,
    detail: String,
    field: Option<String>,
    /// When to come back, seconds.
    retry_after_s: Option<u64>,
    /// Further members of the document.
    more: Box<Map<String, Value>>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ProblemCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// The `X-Request-Id` of the answer, for who reads the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

impl ApiProblem {
    /// An error of HTTP itself, with no code of ours.
    #[must_use]
    pub fn http(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: None,
            detail: shorten(detail.into()),
            field: None,
            retry_after_s: None,
            more: Box::default(),
        }
    }

    /// A value of the request is wrong.
    #[must_use]
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Problem::new(ProblemCode::Invalid, detail).at(field).into()
    }

    /// There is nothing at this address.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Problem::new(ProblemCode::NotFound, detail).into()
    }

    /// Something of ours broke; the log has the cause.
    #[must_use]
    pub fn defect() -> Self {
        Self::http(
            StatusCode::INTERNAL_SERVER_ERROR,
            "MecaPy could not do this because of a defect on its side; the server's log has the cause.",
        )
    }

    /// Says after how many seconds to come back.
    #[must_use]
    pub const fn after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Adds a member to the document.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.more.insert(name.to_owned(), value);
        self
    }
}

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        Self {
            status: status_of(problem.code),
            code: Some(problem.code),
            detail: shorten(problem.detail),
            field: problem.field,
            retry_after_s: None,
            more: Box::default(),
        }
    }
}

impl From<platform::Error> for ApiProblem {
    fn from(error: platform::Error) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let request_id = record::current_id();
        let document = Document {
            r#type: match self.code {
                Some(code) => format!("{TYPE_PREFIX}{}", name_of(code)),
                None => "about:blank".to_owned(),
            },
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            field: self.field.as_deref(),
            request_id: request_id.as_deref(),
            more: &self.more,
        };
        let mut response = (self.status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(
            self.status,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
        ) {
            let seconds = self.retry_after_s.unwrap_or(RETRY_AFTER_S);
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, WRONG_TOKEN);
        }
        response
    }
}

pub const fn status_of(code: ProblemCode) -> StatusCode {
    match code {
        ProblemCode::NotFound => StatusCode::NOT_FOUND,
        ProblemCode::Conflict | ProblemCode::NotCompleted | ProblemCode::AlreadyFinished => {
            StatusCode::CONFLICT
        }
        ProblemCode::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        ProblemCode::Invalid | ProblemCode::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::QueueFull => StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ProblemCode::Forbidden => StatusCode::FORBIDDEN,
        ProblemCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The code as it is written in JSON.
pub fn name_of(code: ProblemCode) -> String {
    match serde_json::to_value(code) {
        Ok(Value::String(name)) => name,
        _ => "internal".to_owned(),
    }
}

fn shorten(detail: String) -> String {
    match detail.char_indices().nth(MAX_DETAIL_CHARS) {
        None => detail,
        Some((end, _)) => format!("{}…", &detail[..end]),
    }
}
