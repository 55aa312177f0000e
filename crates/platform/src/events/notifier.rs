//! Who is told that a run has news.

use async_trait::async_trait;
use domain::RunId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, broadcast, watch};

/// Cancellations a dispatcher may be behind before it looks into the database instead.
const CANCEL_BACKLOG: usize = 1024;

/// Carries news between the parts, within a process or across several. What gets lost on the way is
/// found by looking into the database, later.
#[async_trait]
pub(crate) trait Notifier: std::fmt::Debug + Send + Sync {
    /// Tells the followers of a run its last sequence number.
    fn publish(&self, run: RunId, seq: u64);
    /// The last sequence number published from now on; 0 until then.
    fn subscribe(&self, run: RunId) -> watch::Receiver<u64>;
    /// Tells the dispatchers that a run is to be stopped.
    fn ask_to_stop(&self, run: RunId);
    fn stop_requests(&self) -> broadcast::Receiver<StopRequest>;
    /// Tells the dispatchers that the queue has a message.
    fn announce_ring(&self);
    /// Changes at each ring.
    fn rings(&self) -> watch::Receiver<u64>;
    /// Tells the dispatchers that a run waits and the queue could not take its message.
    fn announce_waiting(&self);
    /// Notified at each of these, for the one dispatcher of this process.
    fn waiting(&self) -> Arc<Notify>;
    /// Tells the deliverers that a webhook may have something to be told.
    fn announce_delivery(&self);
    /// Notified at each announcement, for the one deliverer of this process.
    fn deliveries(&self) -> Arc<Notify>;
    /// Lets go of the database.
    async fn stop(&self) {}
}

/// What a dispatcher is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopRequest {
    Run(RunId),
    /// Some requests may have been missed: the database knows them.
    Missed,
}

/// For a database that one process has to itself.
#[derive(Debug)]
pub(crate) struct InProcess {
    followed: Mutex<HashMap<RunId, watch::Sender<u64>>>,
    stops: broadcast::Sender<StopRequest>,
    rings: watch::Sender<u64>,
    waiting: Arc<Notify>,
    deliveries: Arc<Notify>,
}

impl InProcess {
    pub(crate) fn new() -> Self {
        Self {
            followed: Mutex::new(HashMap::new()),
            stops: broadcast::Sender::new(CANCEL_BACKLOG),
            rings: watch::Sender::new(0),
            waiting: Arc::default(),
            deliveries: Arc::default(),
        }
    }

    /// Everybody looks for what they may have missed.
    pub(super) fn look_again(&self) {
        self.followed().retain(|_, sender| {
            sender.send_modify(|_| {});
            sender.receiver_count() > 0
        });
        let _ = self.stops.send(StopRequest::Missed);
        self.announce_ring();
        self.announce_waiting();
        self.announce_delivery();
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<RunId, watch::Sender<u64>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
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
        let _ = self.stops.send(StopRequest::Run(run));
    }

    fn stop_requests(&self) -> broadcast::Receiver<StopRequest> {
        self.stops.subscribe()
    }

    fn announce_ring(&self) {
        self.rings.send_modify(|rings| *rings += 1);
    }

    fn rings(&self) -> watch::Receiver<u64> {
        self.rings.subscribe()
    }

    fn announce_waiting(&self) {
        self.waiting.notify_one();
    }

    fn waiting(&self) -> Arc<Notify> {
        Arc::clone(&self.waiting)
    }

    fn announce_delivery(&self) {
        self.deliveries.notify_one();
    }

    fn deliveries(&self) -> Arc<Notify> {
        Arc::clone(&self.deliveries)
    }
}
