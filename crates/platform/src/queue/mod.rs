//! A doorbell: a message says that a run is waiting, and nothing more. What waits is in the
//! database, so a lost or doubled message changes nothing, and the reconciler rings again.

mod apalis_redis;
mod apalis_sqlite;
mod wake;

pub(crate) use apalis_redis::RedisDoorbell;
pub(crate) use apalis_sqlite::SqliteDoorbell;

use apalis::prelude::{Event, WorkerError};
use async_trait::async_trait;
use domain::RunId;
use futures::{StreamExt, stream::BoxStream};
use std::{sync::Arc, time::Duration};
use thiserror::Error;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Messages that wait at most. Whoever answers the first finds every run that waits, so more would
/// say nothing new; and not every queue survives many.
pub(crate) const MAX_DEPTH: usize = 5_000;

/// Pause before a consumer that failed is started again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What happens to a consumer; it works while this is polled.
type Consumer = BoxStream<'static, Result<Event, WorkerError>>;

/// What is done when it rings, with the id of the run that rang.
pub(crate) type Heard = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Debug, Error)]
pub(crate) enum QueueError {
    #[error("the queue's database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the queue's database cannot be brought to this version: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the queue failed: {0}")]
    Apalis(#[from] ::apalis_sqlite::Error),
    #[error("Redis failed: {0}")]
    Redis(#[from] redis::RedisError),
    #[error("the queue in Redis failed: {0}")]
    ApalisRedis(#[from] ::apalis_redis::Error),
    #[error("Redis did not answer in time")]
    Slow,
    #[error("the queue's file cannot be replaced: {0}")]
    File(#[from] std::io::Error),
}

#[async_trait]
pub(crate) trait Doorbell: std::fmt::Debug + Send + Sync {
    /// Wakes a dispatcher, in this process or another.
    async fn ring(&self, run: RunId) -> Result<(), QueueError>;
    /// Answers messages until told to stop, whatever happens to the queue in between.
    async fn listen(&self, heard: Heard, stop: CancellationToken);
    /// Removes messages that were answered.
    async fn clean_up(&self) -> Result<(), QueueError>;
}

/// Runs a consumer until told to stop, and a new one after each that ended.
async fn supervise(new: impl Fn() -> Consumer, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    loop {
        let mut consumer = new();
        let ended = async {
            while let Some(event) = consumer.next().await {
                match event {
                    Ok(_) => pause = FIRST_PAUSE,
                    Err(error) => {
                        tracing::warn!(%error, "the queue's consumer failed");
                        return;
                    }
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = ended => tracing::warn!("the queue's consumer is started again"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}
