//! The main loop: claims runs while there is room, and starts an attempt for each.

use super::{
    active::{ActiveRuns, StopReason},
    attempt::Attempt,
    lease,
    policy::{Room, Window},
    reconcile,
    serverless::Serverless,
    wake::Wake,
};
use crate::{
    config::{DispatchConfig, WorkerSource},
    db::Store,
    error::Internal,
    events::{EventWriter, Notifier, StopRequest},
    metrics::Metrics,
    objects::Objects,
    offload::Offload,
    queue::Doorbell,
};
use domain::RunId;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

/// Runs claimed in one transaction at most.
const CLAIM_BATCH: usize = 16;
/// Pause after the database failed.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// Without anything to wait for, the loop still looks this often.
const IDLE: Duration = Duration::from_secs(60);

/// What the dispatcher works with.
#[derive(Debug)]
pub(crate) struct Parts {
    pub store: Arc<dyn Store>,
    pub objects: Arc<dyn Objects>,
    pub doorbell: Arc<dyn Doorbell>,
    pub notifier: Arc<dyn Notifier>,
    pub workers: WorkerSource,
    pub config: DispatchConfig,
    pub inline_bytes: usize,
    pub metrics: Arc<Metrics>,
}

/// What all tasks of one dispatcher share.
#[derive(Debug)]
pub(super) struct Shared {
    /// Holds the leases; unique per start.
    pub id: String,
    pub store: Arc<dyn Store>,
    pub objects: Arc<dyn Objects>,
    pub doorbell: Arc<dyn Doorbell>,
    pub notifier: Arc<dyn Notifier>,
    pub writer: EventWriter,
    pub serverless: Serverless,
    pub config: DispatchConfig,
    pub inline_bytes: usize,
    pub metrics: Arc<Metrics>,
    pub offload: Offload,
    pub active: ActiveRuns,
    pub wake: Wake,
    window: Mutex<Window>,
    /// The last run sent found no worker.
    outage: AtomicBool,
}

impl Shared {
    pub(super) fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says once per outage that no worker answers.
    pub(super) fn unreachable(&self, reason: &str) {
        if !self.outage.swap(true, Ordering::Relaxed) {
            tracing::error!(reason, "no worker answers; runs wait until one does");
        }
    }

    pub(super) fn reachable(&self, run: RunId) {
        if self.outage.swap(false, Ordering::Relaxed) {
            tracing::info!(%run, "a worker answers again");
        }
    }
}

/// Room in the window that an attempt takes, given back when dropped.
#[derive(Debug)]
pub(super) struct Slot(Option<Arc<Shared>>);

impl Slot {
    fn take(shared: &Arc<Shared>) -> Self {
        shared.window().sent(std::time::Instant::now());
        Self(Some(Arc::clone(shared)))
    }

    /// Every slot of the workers is taken.
    pub(super) fn refused(mut self, retry_after: Option<Duration>) {
        if let Some(shared) = self.0.take() {
            shared
                .window()
                .refused(std::time::Instant::now(), retry_after);
            shared.wake.room();
        }
    }

    /// No worker answers.
    pub(super) fn unreachable(mut self) {
        if let Some(shared) = self.0.take() {
            shared.window().unreachable(std::time::Instant::now());
            shared.wake.room();
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            shared.window().ended();
            shared.wake.room();
        }
    }
}

/// What a dispatcher has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DispatchLoad {
    /// Runs that the workers are known to take at the same time.
    pub window: usize,
    /// Runs that take a place among them.
    pub in_flight: usize,
    /// Attempts that have not been committed yet.
    pub attempts: usize,
}

/// A dispatcher at work.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    shared: Arc<Shared>,
    /// Ends renewing and reconciling.
    stop: CancellationToken,
    /// Ends claiming and listening; before or with the other.
    claiming: CancellationToken,
    attempts: TaskTracker,
    services: TaskTracker,
}

impl Dispatcher {
    /// Recovers what a former dispatcher left, then starts to claim.
    pub(crate) async fn start(parts: Parts) -> reqwest::Result<Self> {
        let id = format!("dispatcher-{}", Uuid::now_v7());
        let workers = parts.workers.clone();
        let shared = Arc::new(Shared {
            writer: EventWriter::start(
                Arc::clone(&parts.store),
                Arc::clone(&parts.notifier),
                id.clone(),
            ),
            serverless: Serverless::new(parts.workers, &parts.config)?,
            window: Mutex::new(Window::new(
                parts.config.first_window,
                parts.config.max_window,
            )),
            id,
            store: parts.store,
            objects: parts.objects,
            doorbell: parts.doorbell,
            notifier: parts.notifier,
            config: parts.config,
            inline_bytes: parts.inline_bytes,
            metrics: parts.metrics,
            offload: Offload::for_outcomes(),
            active: ActiveRuns::default(),
            wake: Wake::new(),
            outage: AtomicBool::new(false),
        });
        let stop = CancellationToken::new();
        let dispatcher = Self {
            shared: Arc::clone(&shared),
            claiming: stop.child_token(),
            stop,
            attempts: TaskTracker::new(),
            services: TaskTracker::new(),
        };
        reconcile::reconcile(&shared).await;
        let Self {
            services,
            stop,
            claiming,
            ..
        } = &dispatcher;
        let main = MainLoop {
            shared: Arc::clone(&shared),
            attempts: dispatcher.attempts.clone(),
            workers,
            next_due: None,
        };
        services.spawn(main.run(claiming.clone()));
        services.spawn(lease::keep(Arc::clone(&shared), stop.clone()));
        services.spawn(reconcile::repeat(Arc::clone(&shared), stop.clone()));
        services.spawn(listen(shared, claiming.clone()));
        Ok(dispatcher)
    }

    /// How much is under way, and how much the workers take.
    pub(crate) fn load(&self) -> DispatchLoad {
        let window = self.shared.window();
        DispatchLoad {
            window: window.size(),
            in_flight: window.in_flight(),
            attempts: self.shared.active.list().len(),
        }
    }

    /// Claims nothing more; what is under way goes on and keeps its leases. A request to cancel is
    /// then found with the next renewal.
    pub(crate) fn stop_claiming(&self) {
        self.claiming.cancel();
    }

    /// Gives the runs under way back to the queue and ends everything; what takes too long is left
    /// to the next start, which recovers it.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.services.close();
        self.services.wait().await;
        self.shared.active.stop_all(StopReason::Shutdown);
        self.attempts.close();
        let ended = async {
            self.attempts.wait().await;
            self.shared.writer.flush().await;
        };
        if timeout(self.shared.config.stop_within, ended)
            .await
            .is_err()
        {
            tracing::warn!("some runs could not be given back; the next start recovers them");
        }
    }
}

async fn listen(shared: Arc<Shared>, stop: CancellationToken) {
    let waker = Arc::clone(&shared);
    let heard = Arc::new(move |run: &str| {
        tracing::trace!(run, "rang");
        waker.wake.run_waits();
    });
    shared.doorbell.listen(heard, stop).await;
}

struct MainLoop {
    shared: Arc<Shared>,
    attempts: TaskTracker,
    workers: WorkerSource,
    /// When the next run may be claimed that waits for its time, as the last claim saw it.
    next_due: Option<Instant>,
}

impl MainLoop {
    async fn run(mut self, stop: CancellationToken) {
        let shared = Arc::clone(&self.shared);
        // Requests are handled between claims, never during one: a request for a run that is being
        // claimed waits in the channel until its attempt is known.
        let mut stop_requests = shared.notifier.stop_requests();
        let waiting = shared.notifier.waiting();
        let mut workers_known = true;
        loop {
            let again = self.claim_all().await.unwrap_or_else(|error| {
                tracing::error!(%error, "runs could not be claimed");
                Instant::now() + FAILURE_PAUSE
            });
            tokio::select! {
                () = stop.cancelled() => return,
                () = shared.wake.woken() => {}
                () = waiting.notified() => shared.wake.look_anyway(),
                () = sleep_until(again) => shared.wake.look_anyway(),
                request = stop_requests.recv() => match request {
                    Ok(StopRequest::Run(run)) => shared.active.stop(run, StopReason::Cancelled),
                    Ok(StopRequest::Missed) | Err(RecvError::Lagged(_)) => lease::renew(&shared).await,
                    Err(RecvError::Closed) => return,
                },
                changed = self.workers.0.changed(), if workers_known => {
                    // A sender that is gone will not change its address any more.
                    workers_known = changed.is_ok();
                    shared.wake.look_anyway();
                }
            }
        }
    }

    /// Claims and starts runs while there is room and some may wait; says when to look again unless
    /// woken before.
    async fn claim_all(&mut self) -> Result<Instant, Internal> {
        let shared = &self.shared;
        while shared.wake.is_worth_a_look() && shared.serverless.is_there() {
            let room = match shared.window().room(std::time::Instant::now()) {
                Room::For(room) => room.min(CLAIM_BATCH),
                Room::After(instant) => return Ok(instant.into()),
                Room::Full => break,
            };
            shared.wake.looking();
            let began = SystemTime::now();
            let claimed = shared
                .store
                .claim(&shared.id, shared.config.lease, room)
                .await
                .inspect_err(|_| shared.wake.look_anyway())?;
            for run in claimed.runs {
                let slot = Slot::take(shared);
                let stop = shared.active.begin(run.id, run.attempt);
                let attempt = Attempt::new(Arc::clone(shared), run, stop, slot);
                self.attempts.spawn(attempt.execute(began));
            }
            if !claimed.all {
                shared.wake.look_anyway();
            }
            self.next_due = claimed.next_due.map(|pause| Instant::now() + pause);
        }
        let idle = Instant::now() + IDLE;
        Ok(self.next_due.map_or(idle, |due| due.min(idle)))
    }
}
