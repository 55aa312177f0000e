//! A doorbell: a message says that a run is waiting, and nothing more. What waits is in the
//! database, so a lost or doubled message changes nothing, and the reconciler rings again.

mod apalis_sqlite;
mod wake;

pub(crate) use apalis_sqlite::SqliteDoorbell;

use async_trait::async_trait;
use domain::RunId;
use std::sync::Arc;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

/// Messages that wait at most. Whoever answers the first finds every run that waits, so more would
/// say nothing new; and not every queue survives many.
pub(crate) const MAX_DEPTH: usize = 5_000;

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
