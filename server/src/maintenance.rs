//! `migrate`, `export`, `import` and `prune`: what is done to everything that is stored.

use crate::{
    config::ServerConfig,
    data_lock::{DataDirError, DataLock},
    serve, terminal,
};
use platform::{
    OpenError, Services, prune,
    transfer::{self, Moved, TransferError},
};
use std::path::PathBuf;

/// Bytes in a MB.
const MB: f64 = 1024.0 * 1024.0;

#[derive(Debug, thiserror::Error)]
pub enum MaintenanceError {
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error("The stored data could not be opened: {0}.")]
    Open(#[from] OpenError),
    #[error("{0}.")]
    Transfer(#[from] TransferError),
    #[error("Not everything could be removed: {0}")]
    Prune(#[from] platform::Error),
}

/// Brings the database to this version.
///
/// # Errors
/// It cannot be opened.
pub async fn migrate(config: ServerConfig) -> Result<(), MaintenanceError> {
    let _lock = lock(&config)?;
    let services = Services::open(&serve::storage(&config)).await?;
    services.shutdown().await;
    terminal::say("The database is of this version.");
    Ok(())
}

/// # Errors
/// The data are in use, or cannot be read or written.
pub async fn export(config: ServerConfig, folder: PathBuf) -> Result<(), MaintenanceError> {
    let _lock = lock(&config)?;
    let Moved { rows, objects } = transfer::export(&serve::storage(&config), &folder).await?;
    let folder = folder.display();
    terminal::say(&format!(
        "{rows} rows and {objects} objects are in {folder}."
    ));
    Ok(())
}

/// # Errors
/// The database is in use or not empty, or the folder cannot be read.
pub async fn import(config: ServerConfig, folder: PathBuf) -> Result<(), MaintenanceError> {
    let _lock = lock(&config)?;
    let Moved { rows, objects } = transfer::import(&serve::storage(&config), &folder).await?;
    terminal::say(&format!("{rows} rows and {objects} objects were imported."));
    Ok(())
}

/// # Errors
/// The data cannot be opened, or something could not be removed.
pub async fn prune(config: ServerConfig) -> Result<(), MaintenanceError> {
    let _lock = lock(&config)?;
    let services = Services::open(&serve::storage(&config)).await?;
    let pruned = prune::prune(&services).await;
    services.shutdown().await;
    let prune::Pruned {
        tasks,
        runs,
        objects,
        bytes,
    } = pruned?;
    let mb = bytes as f64 / MB;
    terminal::say(&format!(
        "Removed {tasks} deleted tasks with {runs} runs, and {objects} objects of {mb:.1} MB."
    ));
    Ok(())
}

/// A data folder belongs to one program at a time.
fn lock(config: &ServerConfig) -> Result<Option<DataLock>, DataDirError> {
    let needed = config.storage.needs_folder();
    needed.then(|| DataLock::take(&config.data_dir)).transpose()
}
