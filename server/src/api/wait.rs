//! `?wait=SECONDS`: an answer that waits for a run to end.

use crate::{problem::ApiProblem, state::AppState};
use domain::{RunId, limits::MAX_WAIT_S, run::RunDetail};
use platform::{Caller, runs};
use serde::Deserialize;
use std::time::Duration;
use utoipa::IntoParams;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WaitOptions {
    /// Seconds to wait for the run to end, 0 to 60.
    #[param(minimum = 0, maximum = 60)]
    wait: Option<f64>,
}

impl WaitOptions {
    /// How long to wait, if at all.
    ///
    /// # Errors
    /// It is longer than a request may wait.
    pub fn duration(&self) -> Result<Option<Duration>, ApiProblem> {
        match self.wait {
            None => Ok(None),
            Some(seconds) if (0.0..=f64::from(MAX_WAIT_S)).contains(&seconds) => {
                Ok(Some(Duration::from_secs_f64(seconds)))
            }
            Some(_) => Err(ApiProblem::invalid(
                "wait",
                format!(
                    "A request waits 0 to {MAX_WAIT_S} seconds. Wait for less, and follow the run at /api/runs/{{id}}/events."
                ),
            )),
        }
    }
}

/// The run when it ends, when the time is over or when the server stops, whichever comes first.
///
/// # Errors
/// No such run.
pub async fn ended(
    state: &AppState,
    caller: &Caller,
    run: RunId,
    wait: Duration,
) -> Result<RunDetail, ApiProblem> {
    let waiting = runs::wait(&state.services, caller, run, wait);
    Ok(tokio::select! {
        run = waiting => run?,
        () = state.stopping.cancelled() => runs::get(&state.services, caller, run).await?,
    })
}
