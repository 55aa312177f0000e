//! What operators and their tools ask: `/healthz`, `/readyz`, `/metrics`.

use crate::{problem::ApiProblem, state::AppState};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use domain::run::RunStatus;
use platform::runs::{self, RunQuery};
use std::fmt::Write;

const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: database and objects take something new, and the server's own worker is up.
pub async fn readyz(State(state): State<AppState>) -> Result<&'static str, ApiProblem> {
    if let Err(error) = state.services.ready().await {
        tracing::warn!(%error, "not ready");
        return Err(not_ready(
            "The database or the object store takes nothing new.",
        ));
    }
    if worker_is_up(&state) == Some(false) {
        return Err(not_ready("The worker is not up. Runs wait until it is."));
    }
    Ok("ready\n")
}

/// `GET /metrics`: Prometheus text.
pub async fn metrics(State(state): State<AppState>) -> Result<impl IntoResponse, ApiProblem> {
    let mut text = String::from("# HELP mecapy_runs Runs by state.\n# TYPE mecapy_runs gauge\n");
    let mut queued = 0;
    for status in RunStatus::ALL {
        let query = RunQuery {
            status: Some(status),
            limit: Some(1),
            ..RunQuery::default()
        };
        let total = runs::list(&state.services, &state.local_user, query)
            .await?
            .total;
        if status == RunStatus::Queued {
            queued = total;
        }
        write_line(
            &mut text,
            &format!("mecapy_runs{{state=\"{}\"}}", status.as_str()),
            total,
        );
    }
    text.push_str("# HELP mecapy_queue_depth Runs that wait.\n# TYPE mecapy_queue_depth gauge\n");
    write_line(&mut text, "mecapy_queue_depth", queued);
    if let Some(up) = worker_is_up(&state) {
        text.push_str("# HELP mecapy_worker_up Whether the server's own worker accepts runs.\n# TYPE mecapy_worker_up gauge\n");
        write_line(&mut text, "mecapy_worker_up", u64::from(up));
    }
    Ok(([(header::CONTENT_TYPE, PROMETHEUS_TEXT)], text))
}

fn write_line(text: &mut String, name: &str, value: u64) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name} {value}");
}

fn worker_is_up(state: &AppState) -> Option<bool> {
    state.worker.as_ref().map(|worker| worker.borrow().is_up())
}

fn not_ready(detail: &str) -> ApiProblem {
    ApiProblem::http(StatusCode::SERVICE_UNAVAILABLE, detail)
}
