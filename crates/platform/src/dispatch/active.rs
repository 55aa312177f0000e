//! The attempts under way in this process, and how each is told to stop.

use domain::RunId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Why an attempt is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// Its user cancelled the run.
    Cancelled,
    /// Another attempt may have the run by now.
    LeaseLost,
    /// The server stops.
    Shutdown,
}

/// Told once; the first reason stays.
#[derive(Debug, Default)]
pub(super) struct StopSwitch {
    token: CancellationToken,
    reason: OnceLock<StopReason>,
}

impl StopSwitch {
    pub(super) fn stop(&self, reason: StopReason) {
        let _ = self.reason.set(reason);
        self.token.cancel();
    }

    pub(super) async fn stopped(&self) -> StopReason {
        self.token.cancelled().await;
        *self.reason.get().unwrap_or(&StopReason::Shutdown)
    }
}

#[derive(Debug, Default)]
pub(super) struct ActiveRuns(Mutex<HashMap<RunId, (u32, Arc<StopSwitch>)>>);

impl ActiveRuns {
    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, (u32, Arc<StopSwitch>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(&self, run: RunId, attempt: u32) -> Arc<StopSwitch> {
        let switch = Arc::new(StopSwitch::default());
        self.runs().insert(run, (attempt, Arc::clone(&switch)));
        switch
    }

    /// Forgets the attempt, unless the run has another one by now.
    pub(super) fn end(&self, run: RunId, own: &Arc<StopSwitch>) {
        let mut runs = self.runs();
        if runs.get(&run).is_some_and(|(_, one)| Arc::ptr_eq(one, own)) {
            runs.remove(&run);
        }
    }

    pub(super) fn stop(&self, run: RunId, reason: StopReason) {
        if let Some((_, switch)) = self.runs().get(&run) {
            switch.stop(reason);
        }
    }

    pub(super) fn stop_all(&self, reason: StopReason) {
        for (_, switch) in self.runs().values() {
            switch.stop(reason);
        }
    }

    pub(super) fn list(&self) -> Vec<(RunId, u32, Arc<StopSwitch>)> {
        let listed = |(run, (attempt, switch)): (&RunId, &(u32, Arc<StopSwitch>))| {
            (*run, *attempt, Arc::clone(switch))
        };
        self.runs().iter().map(listed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_end_of_an_attempt_leaves_the_next_one_its_switch() {
        let active = ActiveRuns::default();
        let run = RunId(Uuid::now_v7());
        let first = active.begin(run, 1);
        // Released and claimed again before the first attempt has come to its end.
        let second = active.begin(run, 1);
        active.end(run, &first);
        assert_eq!(active.list().len(), 1);
        active.end(run, &second);
        assert!(active.list().is_empty(), "control");
    }
}
