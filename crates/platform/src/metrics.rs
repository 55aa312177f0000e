//! What is counted of runs, and what can be seen of the platform at one moment, for whoever operates
//! it. Counts are of this process and begin at its start; the states of runs are the database's.

use crate::{
    db::{ClaimedRun, Unfinished},
    services::{READY_WITHIN, Services},
};
use domain::run::{ErrorKind, RunStatus};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use std::time::{Duration, Instant};
use tokio::{sync::Mutex, time::timeout};

pub use crate::{db::PoolUse, dispatch::DispatchLoad};

/// Bounds of the time a calculation takes, seconds: from a formula to the longest run there may be.
const WALL_BOUNDS: [f64; 13] = [
    0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 900.0,
];
/// Bounds of what is added to it, seconds: milliseconds are promised, minutes mean a long queue.
const OVERHEAD_BOUNDS: [f64; 14] = [
    0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3600.0,
];
/// Counting the runs that have ended takes the longer the more there are: it is done again once a
/// hundred times as long has passed, and at the latest after a minute.
const COUNT_SHARE: u32 = 100;
const COUNT_AT_LEAST_EVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct End {
    outcome: &'static str,
    /// Empty unless it failed.
    error: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($variant,)+ }

        impl $name {
            const ALL: &[Self] = &[$(Self::$variant),+];

            const fn label(self) -> Reason {
                let reason = match self { $(Self::$variant => $word,)+ };
                Reason { reason }
            }
        }
    };
}

reasons! {
    /// Why an attempt came to nothing although the calculation did nothing wrong.
    Lost {
        Disconnected = "disconnected",
        Silent = "silent",
        Garbled = "garbled",
        Rejected = "rejected",
        NoAnswer = "no_answer",
        Storage = "storage",
        CancelledByWorker = "cancelled_by_worker",
        WorkerFailed = "worker_failed",
        WorkerStopped = "worker_stopped",
        Defect = "defect",
        NoLease = "lease_lost",
        ServerGone = "server_gone",
        ServerStopped = "server_stopped",
    }
}

reasons! {
    /// Why no worker took a run.
    Refused {
        Busy = "busy",
        Unreachable = "unreachable",
    }
}

#[derive(Debug)]
pub(crate) struct Metrics {
    ended: Family<End, Counter>,
    lost: Family<Reason, Counter>,
    refused: Family<Reason, Counter>,
    waited: Histogram,
    wall: Histogram,
    overhead: Histogram,
    counted: Mutex<Option<Counted>>,
}

/// The runs that have ended, as they were counted last.
#[derive(Clone, Debug)]
struct Counted {
    at: Instant,
    took: Duration,
    runs: Vec<(RunStatus, u64)>,
}

impl Counted {
    fn is_fresh(&self) -> bool {
        self.at.elapsed() < (self.took * COUNT_SHARE).min(COUNT_AT_LEAST_EVERY)
    }
}

/// How one run ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunEnd {
    pub status: RunStatus,
    pub error: Option<ErrorKind>,
    /// What its calculation took, as far as it is known.
    pub wall: Option<Duration>,
    /// From its submission to its end.
    pub in_all: Duration,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let metrics = Self {
            ended: Family::default(),
            lost: Family::default(),
            refused: Family::default(),
            waited: Histogram::new(OVERHEAD_BOUNDS),
            wall: Histogram::new(WALL_BOUNDS),
            overhead: Histogram::new(OVERHEAD_BOUNDS),
            counted: Mutex::default(),
        };
        // A count that appears with its first event hides that event from rates.
        metrics.ends(RunStatus::Completed, None);
        metrics.ends(RunStatus::Cancelled, None);
        for kind in ErrorKind::ALL {
            metrics.ends(RunStatus::Failed, Some(kind));
        }
        for reason in Lost::ALL {
            let _ = metrics.lost.get_or_create(&reason.label());
        }
        for reason in Refused::ALL {
            let _ = metrics.refused.get_or_create(&reason.label());
        }
        metrics
    }

    fn ends(&self, status: RunStatus, error: Option<ErrorKind>) -> Counter {
        let end = End {
            outcome: status.as_str(),
            error: error.map_or("", ErrorKind::as_str),
        };
        self.ended.get_or_create(&end).clone()
    }

    /// A worker took a run.
    pub(crate) fn taken(&self, run: &ClaimedRun) {
        self.waited.observe(run.waited.as_secs_f64());
    }

    /// The end of a run that a worker executed.
    pub(crate) fn run_ended(&self, end: &RunEnd) {
        self.ended_without_execution(end.status, end.error);
        if let Some(wall) = end.wall {
            self.wall.observe(wall.as_secs_f64());
            self.overhead
                .observe(end.in_all.saturating_sub(wall).as_secs_f64());
        }
    }

    /// The end of a run of which nothing more is known.
    pub(crate) fn ended_without_execution(&self, status: RunStatus, error: Option<ErrorKind>) {
        self.ends(status, error).inc();
    }

    /// An attempt came to nothing, and its run waits again or is given up.
    pub(crate) fn lost(&self, reason: Lost) {
        self.lost.get_or_create(&reason.label()).inc();
    }

    /// No worker took a run; nothing is lost.
    pub(crate) fn refused(&self, reason: Refused) {
        self.refused.get_or_create(&reason.label()).inc();
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "mecapy_runs_ended",
            "Runs that ended here, by outcome and, where they failed, by the kind of their error",
            self.ended.clone(),
        );
        registry.register(
            "mecapy_attempts_lost",
            "Attempts that came to nothing although the calculation did nothing wrong",
            self.lost.clone(),
        );
        registry.register(
            "mecapy_dispatch_refused",
            "Runs that were offered to a worker and not taken; they go on waiting",
            self.refused.clone(),
        );
        registry.register(
            "mecapy_queue_wait_seconds",
            "From when a run could be claimed to its claim, for those that a worker took",
            self.waited.clone(),
        );
        registry.register(
            "mecapy_run_wall_seconds",
            "What the calculations themselves took",
            self.wall.clone(),
        );
        registry.register(
            "mecapy_run_overhead_seconds",
            "From submission to the stored end, less the calculation itself",
            self.overhead.clone(),
        );
    }
}

/// The platform at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Absent when the database did not answer in time.
    pub runs: Option<RunCounts>,
    /// Absent where nothing is dispatched.
    pub dispatch: Option<DispatchLoad>,
    pub pools: Vec<PoolUse>,
}

/// All runs in the database.
#[derive(Debug)]
pub struct RunCounts {
    /// Final states may be up to a minute old.
    pub by_state: Vec<(RunStatus, u64)>,
    /// Age of the run that has waited longest.
    pub oldest_waiting: Option<Duration>,
}

impl Services {
    /// Adds what is counted of runs.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.0.metrics.register(registry);
    }

    /// Looks at everything, within [`READY_WITHIN`] for each question to the database.
    pub async fn snapshot(&self) -> Snapshot {
        let dispatcher = self.0.dispatcher.lock().await;
        let dispatch = dispatcher.as_ref().map(crate::dispatch::Dispatcher::load);
        drop(dispatcher);
        Snapshot {
            runs: self.count_runs().await,
            dispatch,
            pools: self.0.store.pools(),
        }
    }

    async fn count_runs(&self) -> Option<RunCounts> {
        let unfinished = timeout(READY_WITHIN, self.0.store.unfinished()).await;
        let Unfinished {
            waiting,
            oldest,
            running,
        } = match unfinished {
            Ok(Ok(unfinished)) => unfinished,
            Ok(Err(error)) => {
                tracing::warn!(%error, "runs could not be counted");
                return None;
            }
            Err(_) => return None,
        };
        let mut by_state = vec![
            (RunStatus::Queued, waiting),
            (RunStatus::Running, running),
            (RunStatus::Completed, 0),
            (RunStatus::Failed, 0),
            (RunStatus::Cancelled, 0),
        ];
        for (status, runs) in self.count_ended().await {
            by_state
                .iter_mut()
                .filter(|(state, _)| *state == status)
                .for_each(|(_, count)| *count = runs);
        }
        Some(RunCounts {
            by_state,
            oldest_waiting: oldest,
        })
    }

    async fn count_ended(&self) -> Vec<(RunStatus, u64)> {
        let mut counted = self.0.metrics.counted.lock().await;
        if !counted.as_ref().is_some_and(Counted::is_fresh) {
            let begun = Instant::now();
            match timeout(READY_WITHIN, self.0.store.ended()).await {
                Ok(Ok(runs)) => {
                    *counted = Some(Counted {
                        at: Instant::now(),
                        took: begun.elapsed(),
                        runs,
                    });
                }
                Ok(Err(error)) => tracing::warn!(%error, "ended runs could not be counted"),
                Err(_) => tracing::warn!("ended runs could not be counted in time"),
            }
        }
        counted
            .as_ref()
            .map(|counted| counted.runs.clone())
            .unwrap_or_default()
    }
}
