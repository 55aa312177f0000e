//! Bodies are read whole, up to the limit, before anything else looks at the request.
//!
//! What is over the limit is read on for a while and thrown away: a client that is still sending
//! when the connection closes sees a broken connection instead of the answer that names the limit.

use crate::{extract, multipart, problem::ApiProblem};
use app::server_fns::Failure;
use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::Request,
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::limits::{MAX_BODY_BYTES, MAX_FILES_BODY_BYTES, MAX_PAGE_BODY_BYTES};
use futures::StreamExt;
use leptos::server_fn::error::FromServerFnError;
use std::time::Duration;
use tokio::time::timeout;

/// The longest a client may take to send its body.
const SEND_WITHIN: Duration = Duration::from_secs(120);
/// Bytes that are read on beyond the limit, and for how long.
const MAX_DISCARDED: usize = 4 * MAX_BODY_BYTES;
const DISCARD_WITHIN: Duration = Duration::from_secs(10);

/// Passes requests whose body is whole and within the limit.
pub async fn whole_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let for_page = parts.uri.path().starts_with("/fn/");
    let limit = if for_page {
        MAX_PAGE_BODY_BYTES
    } else if multipart::is_multipart(&parts.headers) && takes_files(parts.uri.path()) {
        MAX_FILES_BODY_BYTES
    } else {
        MAX_BODY_BYTES
    };
    let mut incoming = body.into_data_stream();
    match timeout(SEND_WITHIN, read(&mut incoming, limit)).await {
        Ok(Read::Whole(bytes)) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Ok(Read::TooLarge) => {
            // Late or broken, the answer is the same.
            let _ = timeout(DISCARD_WITHIN, discard(incoming)).await;
            too_large(for_page, limit)
        }
        Ok(Read::Broken) => extract::broken_body().into_response(),
        Err(_) => ApiProblem::http(
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "The body did not arrive within {} s. Send the request again.",
                SEND_WITHIN.as_secs()
            ),
        )
        .into_response(),
    }
}

/// The routes that start runs.
fn takes_files(path: &str) -> bool {
    path.ends_with("/execute")
}

enum Read {
    Whole(Bytes),
    TooLarge,
    Broken,
}

async fn read(incoming: &mut BodyDataStream, limit: usize) -> Read {
    let mut body = Vec::new();
    while let Some(chunk) = incoming.next().await {
        match chunk {
            Ok(chunk) if body.len() + chunk.len() <= limit => {
                body.extend_from_slice(&chunk);
            }
            Ok(_) => return Read::TooLarge,
            Err(_) => return Read::Broken,
        }
    }
    Read::Whole(body.into())
}

async fn discard(mut incoming: BodyDataStream) {
    let mut left = MAX_DISCARDED;
    while let Some(Ok(chunk)) = incoming.next().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => break,
        }
    }
}

/// Server functions have their own form of error, which the pages read.
fn too_large(for_page: bool, limit: usize) -> Response {
    if !for_page {
        return extract::too_large(limit).into_response();
    }
    let failure = Failure::Problem(extract::body_too_large(limit));
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::PAYLOAD_TOO_LARGE, kind, failure.ser()).into_response()
}
