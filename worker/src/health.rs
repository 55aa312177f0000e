//! `/healthz`: the worker is alive, and what it is. `/readyz`: whoever finds a slot free has a run.

use crate::{metrics::Metrics, state::App};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
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

pub async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    if app.draining.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if !app.has_processes() {
        (StatusCode::SERVICE_UNAVAILABLE, "no process is ready\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, Metrics::page(&app)).into_response()
}
