//! What handlers take from a request; each refuses with a problem document instead of plain text.

use crate::{problem::ApiProblem, state::AppState};
use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use domain::{Problem, ProblemCode, limits};
use platform::{Caller, tokens};
use serde::de::{DeserializeOwned, IgnoredAny};

/// Header that makes a repeated request answer the same run.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Who asks. A token that was made here counts with its scope, and one that was but does not any
/// more is refused; without logins everybody else is the one local user, whatever they show.
#[derive(Debug, Clone)]
pub struct Authenticated(pub Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let known = match bearer(&parts.headers) {
            Some(token) => tokens::identify(&state.services, &token).await?,
            None => None,
        };
        let caller = known.unwrap_or_else(|| state.local_user.clone());
        state.rate_limits.user(&caller).await?;
        Ok(Self(caller))
    }
}

/// What stands after `Authorization: Bearer`.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?;
    let value = String::from_utf8_lossy(value.as_bytes());
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start().to_owned())
}

/// Parts of the path. What cannot be an id names nothing, so the answer is 404.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiProblem))]
pub struct Path<T>(pub T);

impl From<PathRejection> for ApiProblem {
    fn from(_: PathRejection) -> Self {
        Self::not_found("There is nothing at this address: its id or number cannot be one of ours.")
    }
}

/// The query string.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiProblem))]
pub struct Query<T>(pub T);

impl From<QueryRejection> for ApiProblem {
    fn from(rejection: QueryRejection) -> Self {
        let cause = rejection.body_text();
        let cause = cause
            .rsplit_once("query string: ")
            .map_or(&*cause, |(_, end)| end);
        let field = cause.split_once(": ").map_or("query", |(field, _)| field);
        Self::invalid(field, format!("The query string does not fit: {cause}."))
    }
}

/// A JSON body, read as JSON whatever its content type says.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

/// The same, where a request without a body means something too.
#[derive(Debug)]
pub struct OptionalJsonBody<T>(pub Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        match OptionalJsonBody::from_request(request, state).await?.0 {
            Some(body) => Ok(Self(body)),
            None => Err(no_body()),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        refuse_encoded(request.headers())?;
        let bytes = Bytes::from_request(request, state).await?;
        if bytes.trim_ascii().is_empty() {
            return Ok(Self(None));
        }
        parse(&bytes).map(|body| Self(Some(body)))
    }
}

impl From<BytesRejection> for ApiProblem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(limits::MAX_BODY_BYTES)
        } else {
            broken_body()
        }
    }
}

/// The answer to a request that must say something and does not.
#[must_use]
pub fn no_body() -> ApiProblem {
    ApiProblem::http(
        StatusCode::BAD_REQUEST,
        "The request has no body. Send a JSON object.",
    )
}

/// The answer to a body that ended early.
#[must_use]
pub fn broken_body() -> ApiProblem {
    ApiProblem::http(
        StatusCode::BAD_REQUEST,
        "The body could not be read to its end. Send the request again.",
    )
}

/// The answer to a body over that limit, bytes.
#[must_use]
pub fn too_large(limit: usize) -> ApiProblem {
    body_too_large(limit).into()
}

/// The same for a body over a limit, as the pages are told.
#[must_use]
pub fn body_too_large(limit: usize) -> Problem {
    const MB: usize = 1024 * 1024;
    Problem::new(
        ProblemCode::TooLarge,
        format!(
            "The request is larger than {} MB. A run takes at most {} MB of inputs, {} KB of code and {} MB \
             of input files, sent as multipart/form-data.",
            limit / MB,
            limits::MAX_INPUTS_BYTES / MB,
            limits::MAX_CODE_BYTES / 1024,
            limits::MAX_INPUT_FILES_BYTES / MB as u64,
        ),
    )
}

/// The idempotency key of a request, when it has one; what it may be, the use case knows. What is
/// not even text is passed on as a key that it refuses.
#[must_use]
pub fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(IDEMPOTENCY_KEY)?;
    Some(value.to_str().unwrap_or_default().trim().to_owned())
}

/// # Errors
/// The body is compressed.
pub fn refuse_encoded(headers: &HeaderMap) -> Result<(), ApiProblem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => Err(ApiProblem::http(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Compressed request bodies are not read. Send the JSON as it is.",
        )),
        _ => Ok(()),
    }
}

/// # Errors
/// The bytes are no JSON object, or not the one that is asked for.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiProblem> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        // Lists would be read as the fields in their order, which nobody means.
        return Err(not_an_object(bytes));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        does_not_fit(path, error.inner())
    })?;
    reader
        .end()
        .map_err(|error| does_not_fit(String::new(), &error))?;
    Ok(body)
}

fn not_an_object(bytes: &[u8]) -> ApiProblem {
    match serde_json::from_slice::<IgnoredAny>(bytes) {
        Ok(_) => ApiProblem::invalid("body", "The body is not a JSON object. Send {…}."),
        Err(error) => does_not_fit(String::new(), &error),
    }
}

fn does_not_fit(path: String, error: &serde_json::Error) -> ApiProblem {
    if !error.is_data() {
        return ApiProblem::http(
            StatusCode::BAD_REQUEST,
            format!("The body is not valid JSON: {error}."),
        );
    }
    let field = match path.as_str() {
        "" | "." => "body".to_owned(),
        _ => path,
    };
    ApiProblem::invalid(field, format!("The body does not fit: {error}."))
}
