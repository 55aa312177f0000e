//! What operators and their tools ask: `/healthz` and `/readyz`.
//!
//! Alive and ready are two things. A process that is alive is left alone, whatever else is down:
//! starting it again would repair nothing and cost what it has under way. One that is not ready gets
//! no further requests until it is.

use crate::{problem::ApiProblem, state::AppState};
use axum::{extract::State, http::StatusCode};

/// `GET /healthz`: the process answers. Asks nobody else.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the server is not about to stop, database and objects take something new, and the
/// server's own worker is up.
pub async fn readyz(State(state): State<AppState>) -> Result<&'static str, ApiProblem> {
    if state.draining.is_cancelled() {
        return Err(not_ready("The server is about to stop. Ask another one."));
    }
    if let Err(error) = state.services.ready().await {
        tracing::warn!(%error, "not ready");
        return Err(not_ready(
            "The database or the object store takes nothing new.",
        ));
    }
    if state.worker_is_up() == Some(false) {
        return Err(not_ready("The worker is not up. Runs wait until it is."));
    }
    Ok("ready\n")
}

fn not_ready(detail: &str) -> ApiProblem {
    ApiProblem::http(StatusCode::SERVICE_UNAVAILABLE, detail)
}
