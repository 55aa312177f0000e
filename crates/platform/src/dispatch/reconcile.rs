//! Finds what nobody takes care of: runs whose attempt is lost, and runs whose ring is lost.

use super::{dispatcher::Shared, ending, lease, loss::Loss};
use crate::{
    db::{Batch, BatchResult},
    error::Internal,
};
use domain::run::{ErrorKind, RunStatus};
use std::{collections::HashMap, sync::Arc};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

/// Runs recovered at once at most; the rest the next time.
const BATCH: usize = 1_000;

pub(super) async fn repeat(shared: Arc<Shared>, stop: CancellationToken) {
    let every = shared.config.reconcile_every;
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => reconcile(&shared).await,
        }
    }
}

/// One round; what fails is tried again in the next.
pub(super) async fn reconcile(shared: &Shared) {
    // After a pause of this process, its own leases may be over before they could be renewed.
    lease::renew(shared).await;
    if let Err(error) = recover_expired(shared).await {
        tracing::error!(%error, "expired leases could not be recovered");
    }
    if let Err(error) = ring_for_waiting(shared).await {
        tracing::error!(%error, "waiting runs could not be looked for");
    }
    if let Err(error) = shared.store.forget_old_keys().await {
        tracing::error!(%error, "old idempotency keys could not be removed");
    }
    if let Err(error) = shared.store.forget_old_tokens().await {
        tracing::error!(%error, "old tokens could not be removed");
    }
    if let Err(error) = shared.store.forget_old_deliveries().await {
        tracing::error!(%error, "old lines of webhooks' logs could not be removed");
    }
    if let Err(error) = shared.doorbell.clean_up().await {
        tracing::error!(%error, "the queue could not be cleaned up");
    }
}

async fn recover_expired(shared: &Shared) -> Result<(), Internal> {
    let mut by_holder: HashMap<String, Vec<Batch>> = HashMap::new();
    for lost in shared.store.expired(BATCH).await? {
        let batch = Batch {
            run: lost.run,
            attempt: lost.attempt,
            events: Vec::new(),
            ending: Some(ending::lost(
                lost.failures + 1,
                &Loss::ServerGone,
                &shared.config,
            )),
        };
        by_holder.entry(lost.dispatcher).or_default().push(batch);
    }
    for (holder, batches) in by_holder {
        recover(shared, &holder, &batches).await?;
    }
    Ok(())
}

/// Writes for the dispatcher that is gone, on the same conditions as it would, and only while the
/// lease is over: if that one writes or renews after all, only the first of the two is heard.
async fn recover(shared: &Shared, holder: &str, batches: &[Batch]) -> Result<(), Internal> {
    let results = shared.store.recover(holder, batches).await?;
    for (batch, result) in batches.iter().zip(results) {
        if let BatchResult::Written { seq, status } = result {
            let (run, attempt) = (batch.run, batch.attempt);
            tracing::warn!(%run, attempt, status = status.as_str(), "recovered");
            shared.metrics.lost(Loss::ServerGone.reason());
            shared.notifier.publish(run, seq);
            if status.is_final() {
                let error = (status == RunStatus::Failed).then_some(ErrorKind::Infrastructure);
                shared.metrics.ended_without_execution(status, error);
                shared.notifier.announce_delivery();
            }
        }
    }
    shared.wake.run_waits();
    Ok(())
}

/// One ring is enough: who answers it claims everything that waits. This dispatcher knows already.
async fn ring_for_waiting(shared: &Shared) -> Result<(), Internal> {
    let waiting = shared.store.waiting(1).await?;
    let Some(run) = waiting.first() else {
        return Ok(());
    };
    shared.wake.run_waits();
    if let Err(error) = shared.doorbell.ring(*run).await {
        tracing::warn!(%error, "the queue does not ring; dispatchers are told directly");
        shared.notifier.announce_waiting();
    }
    Ok(())
}
