//! What all requests share.

use crate::{metrics::Metrics, pool::Pool, problem::Refusal};
use protocol::{execute::Started, zygote::Interpreter};
use sandbox::Level;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

pub struct App {
    pub token_sha256: [u8; 32],
    /// Of the token that who reads the metrics must show, when one is asked for.
    pub metrics_token_sha256: Option<[u8; 32]>,
    pub pool: Pool,
    pub client: reqwest::Client,
    pub metrics: Metrics,
    /// No new run is accepted.
    pub draining: CancellationToken,
    /// Running ones are ended.
    pub stopping: CancellationToken,
    pub level: Level,
    /// Of the level; the self-test has tried what can be tried.
    pub layers: Vec<String>,
    /// What whoever runs this worker should know.
    pub warnings: Vec<String>,
    /// What cgroup v2 would offer here.
    pub cgroup: &'static str,
    pub packages_hash: String,
    pub slots: usize,
    pub free: Arc<Semaphore>,
}

impl App {
    /// A slot, at once or not at all.
    pub fn slot(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if self.draining.is_cancelled() {
            return Err(Refusal::Stopping);
        }
        Arc::clone(&self.free).try_acquire_owned().map_err(|_| {
            self.metrics.refused();
            Refusal::Full(self.slots)
        })
    }

    /// Waits until nothing runs; then nothing will, if no run is accepted any more.
    pub async fn idle(&self) {
        let slots = u32::try_from(self.slots).unwrap_or(u32::MAX);
        let _ = self.free.acquire_many(slots).await;
    }

    pub fn running(&self) -> usize {
        self.slots - self.free.available_permits()
    }

    /// Whether there are processes for runs, or will be in a moment.
    pub fn has_processes(&self) -> bool {
        let pool = self.pool.state();
        pool.ready + pool.making > 0 || self.running() > 0
    }

    pub fn started(&self, interpreter: &Interpreter) -> Started {
        Started {
            python: interpreter.python.clone(),
            packages: interpreter.packages.clone(),
            packages_hash: self.packages_hash.clone(),
            sandbox_level: self.level.as_str().to_owned(),
            sandbox_layers: self.layers.clone(),
        }
    }
}
