//! `/objects/{key…}`: presigned access to the disk store, for workers.
//!
//! The signature in the query is the whole permission; it binds method, key, size and expiry.

use crate::{
    extract::{Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use platform::objects::{self, SignedQuery};
use std::time::Duration;
use tokio::time::timeout;

/// The longest a worker may take to send an object.
const SEND_WITHIN: Duration = Duration::from_secs(120);

/// `GET /objects/{key…}`
pub async fn get_object(
    State(state): State<AppState>,
    Path(key): Path<String>,
    Query(query): Query<SignedQuery>,
) -> Result<impl IntoResponse, ApiProblem> {
    let bytes = objects::read_signed(&state.services, &key, &query).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes))
}

/// `PUT /objects/{key…}`
pub async fn put_object(
    State(state): State<AppState>,
    Path(key): Path<String>,
    Query(query): Query<SignedQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiProblem> {
    let limit = objects::upload_limit(&state.services, &key, &query)?;
    if declared_length(&headers).is_some_and(|length| length > limit) {
        return Err(too_large_object(limit));
    }
    let limit_in_memory = usize::try_from(limit).unwrap_or(usize::MAX);
    let bytes = timeout(SEND_WITHIN, to_bytes(body, limit_in_memory))
        .await
        .map_err(|_| too_slow())?
        .map_err(|_| too_large_object(limit))?;
    objects::write_signed(&state.services, &key, &query, bytes).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn too_slow() -> ApiProblem {
    ApiProblem::http(
        StatusCode::REQUEST_TIMEOUT,
        format!(
            "The object did not arrive within {} s. Send it again.",
            SEND_WITHIN.as_secs()
        ),
    )
}

fn too_large_object(limit: u64) -> ApiProblem {
    let detail = format!(
        "The object is larger than the {limit} bytes this address allows, or did not arrive whole."
    );
    domain::Problem::new(domain::ProblemCode::TooLarge, detail).into()
}
