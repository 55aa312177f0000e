//! `/healthz`: the worker is alive, and what it is. `/readyz`: whether to send it requests at all.

use crate::{execute::shows, metrics::Metrics, problem::Refusal, state::App};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Serialize)]
struct Health<'a> {
    status: &'static str,
    python: String,
    packages: BTreeMap<String, String>,
    packages_hash: &'a str,
    sandbox_level: &'static str,
    sandbox_layers: &'a [String],
    warnings: &'a [String],
    cgroup: &'static str,
    trouble: Option<String>,
    slots: usize,
    running: usize,
    ready: usize,
}

pub async fn healthz(State(app): State<Arc<App>>) -> Response {
    let pool = app.pool.state();
    let interpreter = pool.interpreter.unwrap_or_default();
    Json(Health {
        status: if app.draining.is_cancelled() {
            "stopping"
        } else {
            "ok"
        },
        python: interpreter.python,
        packages: interpreter.packages,
        packages_hash: &app.packages_hash,
        sandbox_level: app.level.as_str(),
        sandbox_layers: &app.layers,
        warnings: &app.warnings,
        cgroup: app.cgroup,
        trouble: pool.trouble,
        slots: app.slots,
        running: app.running(),
        ready: pool.ready,
    })
    .into_response()
}

/// For load balancers and Kubernetes. A worker whose slots are all taken is ready: its runs are
/// streams that must not be cut by taking it out of service, and 503 with `Retry-After` on
/// `/execute` is what turns further runs away. Who wants a free slot reads `slots_free`.
#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    slots: usize,
    slots_free: usize,
}

pub async fn readyz(State(app): State<Arc<App>>) -> Response {
    let (code, status) = if app.draining.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else if !app.has_processes() {
        (StatusCode::SERVICE_UNAVAILABLE, "no process is ready")
    } else {
        (StatusCode::OK, "ready")
    };
    let readiness = Readiness {
        status,
        slots: app.slots,
        slots_free: app.free.available_permits(),
    };
    (code, Json(readiness)).into_response()
}

/// Counts only; a token of its own protects them where everybody reaches the worker.
pub async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Refusal> {
    if let Some(token) = &app.metrics_token_sha256 {
        shows(&headers, token)?;
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((kind, Metrics::page(&app)).into_response())
}
