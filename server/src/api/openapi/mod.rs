//! The document of the REST face (OpenAPI 3.1), as JSON and as a page.
//!
//! It is made from the code: each handler has its `#[utoipa::path]`, each body its `ToSchema`. A new
//! route of `router.rs` is named in `paths` below; what any route may answer stands in `complete`.
//! `docs/openapi.json` is a copy, so that every change of the face is seen in review.

mod complete;
mod page;
mod schema;

use super::{account, charts, events, execute, results, runs, shares, tasks, tokens, webhooks};
use crate::{export, state::AppState};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use domain::{ProblemCode, event::RunEvent};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use utoipa::{OpenApi, ToSchema};

/// The page is our own words under our own style sheet; nothing in it runs.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "MecaPy",
        description = "Runs Python calculations on isolated workers.\n\nErrors are problem details (RFC 9457): `detail` says what happened and what to do. Every answer has an `X-Request-Id`, the client's own where it sent one. Identifiers are UUIDs, times RFC 3339 in UTC, durations in seconds unless a name says otherwise. Pages of lists have the next one in `next_cursor` and in `Link`. A server without login takes any token, or none, for its one user.",
    ),
    servers((url = "/", description = "This server.")),
    tags(
        (name = "tasks", description = "Named calculations, their versions, and running them."),
        (name = "runs", description = "Executions: state, result, log, events."),
        (name = "shares", description = "Read-only links to a run."),
        (name = "webhooks", description = "Addresses that are told when runs end."),
        (name = "account", description = "Who asks, with which token, and what they have used."),
        (name = "reference", description = "This document."),
    ),
    paths(
        tasks::list_tasks,
        tasks::create_task,
        execute::execute_code,
        tasks::get_task,
        tasks::update_task,
        tasks::delete_task,
        tasks::list_versions,
        tasks::get_version,
        execute::execute_task,
        runs::get_task_status,
        runs::get_task_results,
        runs::list_runs,
        runs::get_run,
        runs::cancel_run,
        runs::get_logs,
        events::follow_run,
        results::get_result,
        results::get_figure,
        charts::get_chart,
        export::export_run,
        shares::create_share,
        shares::list_shares,
        shares::revoke_share,
        shares::get_shared,
        account::get_me,
        account::get_usage,
        tokens::list_tokens,
        tokens::create_token,
        tokens::revoke_token,
        webhooks::list_webhooks,
        webhooks::create_webhook,
        webhooks::get_webhook,
        webhooks::delete_webhook,
        webhooks::ping_webhook,
        webhooks::list_deliveries,
        webhooks::redeliver,
        get_document,
        get_page,
    ),
    components(schemas(RunEvent, ProblemBody)),
    security((), ("bearer" = []))
)]
struct Api;

/// Why a request was not served.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "only its schema is used")]
struct ProblemBody {
    /// A stable name: `urn:mecapy:problem:` and the code, or `about:blank` for what HTTP itself refuses.
    r#type: String,
    /// The status in words.
    title: String,
    status: u16,
    /// What happened, and what to do.
    detail: String,
    #[schema(required = false)]
    code: Option<ProblemCode>,
    /// The input or request field at fault.
    #[schema(required = false)]
    field: Option<String>,
    /// The `X-Request-Id` of the answer; the server's log has it too.
    #[schema(required = false)]
    request_id: Option<String>,
}

/// The document, and its tag.
struct Written {
    document: Value,
    json: String,
    etag: HeaderValue,
}

static WRITTEN: LazyLock<Written> = LazyLock::new(|| {
    let mut document =
        serde_json::to_value(Api::openapi()).expect("the document has string keys only");
    complete::complete(&mut document);
    let json = format!("{document:#}\n");
    let hash = hex::encode(Sha256::digest(&json));
    Written {
        etag: HeaderValue::from_str(&format!("\"{}\"", &hash[..16])).expect("hexadecimal"),
        document,
        json,
    }
});

/// Gives this document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "reference",
    responses(
        (status = 200, description = "OpenAPI 3.1.", body = Object),
        (status = 304, description = "It is as it was known."),
    ),
    security(())
)]
pub async fn get_document(headers: HeaderMap) -> Response {
    let Written { json, etag, .. } = &*WRITTEN;
    let caching = [
        (header::ETAG, etag.clone()),
        (header::CACHE_CONTROL, ASK_AGAIN),
    ];
    if headers.get(header::IF_NONE_MATCH) == Some(etag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (caching, kind, json.as_str()).into_response()
}

/// Shows this document as a page.
#[utoipa::path(
    get,
    path = "/api/docs",
    tag = "reference",
    responses((status = 200, description = "The page.", content((String = "text/html")))),
    security(())
)]
pub async fn get_page(State(state): State<AppState>) -> Response {
    let page = page::write(
        &WRITTEN.document,
        &state.site.pkg_url(),
        &state.addresses.public_url,
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, Html(page)).into_response()
}

#[cfg(test)]
mod tests;
