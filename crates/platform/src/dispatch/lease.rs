//! Keeps the leases of this dispatcher's attempts, and tells attempts that lost theirs.

use super::{active::StopReason, dispatcher::Shared};
use std::{collections::HashMap, sync::Arc};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

pub(super) async fn keep(shared: Arc<Shared>, stop: CancellationToken) {
    let mut ticks = interval(shared.config.renew_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => renew(&shared).await,
        }
    }
}

/// Renews the leases of the attempts under way, and of no others: a run whose attempt gave up is to
/// be recovered. Stops attempts that have no lease any more or whose run was cancelled.
pub(super) async fn renew(shared: &Shared) {
    // Listed before, so that an attempt that begins meanwhile is not missed in the answer.
    let active = shared.active.list();
    if active.is_empty() {
        return;
    }
    let runs: Vec<_> = active
        .iter()
        .map(|(run, attempt, _)| (*run, *attempt))
        .collect();
    let renewed = shared.store.renew(&shared.id, &runs, shared.config.lease);
    let held = match renewed.await {
        Ok(held) => held,
        Err(error) => {
            tracing::error!(%error, "leases could not be renewed");
            return;
        }
    };
    let held: HashMap<_, _> = held
        .into_iter()
        .map(|held| ((held.run, held.attempt), held.cancel_requested))
        .collect();
    for (run, attempt, switch) in active {
        match held.get(&(run, attempt)) {
            Some(false) => {}
            Some(true) => switch.stop(StopReason::Cancelled),
            None => switch.stop(StopReason::LeaseLost),
        }
    }
}
