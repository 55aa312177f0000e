//! Who is told that a run has news.

use domain::RunId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, broadcast, watch};

/// Cancellations a dispatcher may be behind before it looks into the database instead.
const CANCEL_BACKLOG: usize = 1024;

/// Carries news between the parts, within a process or across several.
pub(crate) trait Notifier: std::fmt::Debug + Send + Sync {
    /// Tells the followers of a run its last sequence number.
    fn publish(&self, run: RunId, seq: u64);
    /// The last sequence number published from now on; 0 until then.
    fn subscribe(&self, run: RunId) -> watch::Receiver<u64>;
    /// Tells the dispatchers that a run is to be stopped.
    fn ask_to_stop(&self, run: RunId);
    fn stop_requests(&self) -> broadcast::Receiver<RunId>;
    /// Tells the deliverers that a webhook may have something to be told.
    fn announce_delivery(&self);
    /// Notified at each announcement, for the one deliverer of this process.
    fn deliveries(&self) -> Arc<Notify>;
}

/// For a database that one process has to itself.
#[derive(Debug)]
pub(crate) struct InProcess {
    followed: Mutex<HashMap<RunId, watch::Sender<u64>>>,
    stops: broadcast::Sender<RunId>,
    deliveries: Arc<Notify>,
}

impl InProcess {
    pub(crate) fn new() -> Self {
        Self {
            followed: Mutex::new(HashMap::new()),
            stops: broadcast::Sender::new(CANCEL_BACKLOG),
            deliveries: Arc::default(),
        }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<RunId, watch::Sender<u64>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notifier for InProcess {
    fn publish(&self, run: RunId, seq: u64) {
        let mut followed = self.followed();
        if let Some(sender) = followed.get(&run)
            && sender.send(seq).is_err()
        {
            followed.remove(&run);
        }
    }

    fn subscribe(&self, run: RunId) -> watch::Receiver<u64> {
        let mut followed = self.followed();
        // Runs nobody follows any more and that have no further news would stay for ever.
        if followed.len() >= 64 && followed.len().is_power_of_two() {
            followed.retain(|_, sender| sender.receiver_count() > 0);
        }
        followed
            .entry(run)
            .or_insert_with(|| watch::Sender::new(0))
            .subscribe()
    }

    fn ask_to_stop(&self, run: RunId) {
        // No receiver means no dispatcher here; it finds the request when it renews its leases.
        let _ = self.stops.send(run);
    }

    fn stop_requests(&self) -> broadcast::Receiver<RunId> {
        self.stops.subscribe()
    }

    fn announce_delivery(&self) {
        self.deliveries.notify_one();
    }

    fn deliveries(&self) -> Arc<Notify> {
        Arc::clone(&self.deliveries)
    }
}
