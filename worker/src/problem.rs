//! Refusals of the worker, as problem details (RFC 9457).

use axum::{
    Json,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Seconds after which a caller that found the worker full may ask again.
const RETRY_AFTER_S: &str = "1";

/// Why a run was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("The token is missing or wrong.")]
    Unauthorized,
    #[error("All {0} slots of this worker are taken. Ask again in a second.")]
    Full(usize),
    #[error("The worker is not ready. Ask again in a second.")]
    NotReady,
    #[error("The worker is stopping. Ask another one.")]
    Stopping,
    #[error("The request is not a run: {0}.")]
    Malformed(String),
    #[error("{0}")]
    Invalid(String),
    #[error("The request is larger than {0} bytes, the limit.")]
    TooLarge(usize),
}

impl Refusal {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Full(_) | Self::NotReady | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Details {
            title: &'static str,
            status: u16,
            detail: String,
        }
        let status = self.status();
        let body = Json(Details {
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: self.to_string(),
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let more: Option<(HeaderName, &str)> = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, RETRY_AFTER_S)),
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            _ => None,
        };
        match more {
            Some(more) => (status, kind, [more], body).into_response(),
            None => (status, kind, body).into_response(),
        }
    }
}
