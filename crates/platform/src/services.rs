//! The open platform: database, queue, objects and the dispatcher that serves them.

use crate::{
    config::{Config, DatabaseConfig, ObjectStoreConfig, QueueConfig},
    db::{SqlStore, Store},
    dispatch::{Dispatcher, Parts},
    error::{Error, Internal},
    events::{InProcess, Notifier, PostgresNotifier},
    metrics::Metrics,
    objects::{DiskObjects, Objects, S3Objects, Signer},
    offload::Offload,
    queue::{Doorbell, QueueError, RedisDoorbell, SqliteDoorbell},
    tokens::NotedUses,
    webhooks::{self, Deliverer},
};
use domain::{Timestamp, TokenId, UserId, token::Scope};
use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};

const LOCK_FILE: &str = "platform.lock";
pub(crate) const DATABASE_FILE: &str = "mecapy.db";
const QUEUE_FILE: &str = "queue.db";
const OBJECTS_FOLDER: &str = "objects";

/// A part that takes longer to take something new is not ready.
pub const READY_WITHIN: Duration = Duration::from_secs(2);
/// What the database gets to end what it is doing.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Cheap to clone; every use case takes it first.
#[derive(Clone, Debug)]
pub struct Services(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub config: Config,
    pub store: Arc<dyn Store>,
    pub objects: Arc<dyn Objects>,
    pub signer: Signer,
    pub notifier: Arc<dyn Notifier>,
    pub doorbell: Arc<dyn Doorbell>,
    pub offload: Offload,
    pub noted_uses: NotedUses,
    pub metrics: Arc<Metrics>,
    pub dispatcher: Mutex<Option<Dispatcher>>,
    deliverer: Mutex<Option<Deliverer>>,
    /// Of the data folder, when something is stored there; held for as long as the platform is open.
    lock: Option<File>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub user: UserId,
    pub name: String,
    /// What was shown instead of signing in.
    pub token: Option<UsedToken>,
}

/// A token with which somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedToken {
    pub id: TokenId,
    pub name: String,
    pub scope: Scope,
    pub expires_at: Timestamp,
}

impl Caller {
    /// Who asks without a token, and so may do everything that this user may.
    #[must_use]
    pub fn new(user: UserId, name: impl Into<String>) -> Self {
        Self {
            user,
            name: name.into(),
            token: None,
        }
    }

    /// What the caller may do to what is theirs.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.token
            .as_ref()
            .map_or(Scope::Write, |token| token.scope)
    }
}

/// Why the platform did not open; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the data folder {path} is in use by another server; stop it, or set MECAPY_DATA_DIR to \
         another folder"
    )]
    Locked { path: String },
    #[error(
        "the data folder {path} cannot be used: {source}; set MECAPY_DATA_DIR to a folder this \
         user may write"
    )]
    DataDir {
        path: String,
        source: std::io::Error,
    },
    #[error(
        "there are no data of MecaPy in {path}; start the server once, or set MECAPY_DATA_DIR to \
         its folder"
    )]
    NoData { path: String },
    #[error(
        "the data in {path} are of another version of MecaPy; use the program of the server that \
         runs, or start this one's once"
    )]
    OtherVersion { path: String },
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database cannot be brought to this version: {0}; was it made by a newer server?")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the database does not answer: {0}")]
    Store(#[from] Internal),
    #[error("the object store cannot be opened: {0}")]
    Objects(#[from] object_store::Error),
    #[error("the queue cannot be opened: {0}")]
    Queue(Box<dyn std::error::Error + Send + Sync>),
    #[error("the HTTP client cannot be made: {0}")]
    Http(#[from] reqwest::Error),
}

impl From<QueueError> for OpenError {
    fn from(error: QueueError) -> Self {
        Self::Queue(error.into())
    }
}

impl Services {
    /// Opens, and on the first start makes, everything that is stored. Runs are executed once
    /// [`Services::start_dispatcher`] is called.
    ///
    /// # Errors
    /// The data folder is locked or unusable, or something stored is of another version.
    pub async fn open(config: &Config) -> Result<Self, OpenError> {
        let folder = &config.data.0;
        let lock = config.needs_folder().then(|| prepare(folder)).transpose()?;
        let (store, notifier) = open_store(config).await?;
        let doorbell = open_doorbell(config, &notifier).await?;
        let signer = Signer::random();
        let objects = open_objects(config, &signer)?;
        Ok(Self(Arc::new(Inner {
            config: config.clone(),
            store,
            objects,
            signer,
            notifier,
            doorbell,
            offload: Offload::for_requests(),
            noted_uses: NotedUses::default(),
            metrics: Arc::new(Metrics::new()),
            dispatcher: Mutex::new(None),
            deliverer: Mutex::new(None),
            lock,
        })))
    }

    /// Recovers runs a former dispatcher left, then claims runs and sends them to workers, and tells
    /// webhooks of their ends. Starting twice changes nothing.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub async fn start_dispatcher(&self) -> Result<(), OpenError> {
        let inner = &self.0;
        let mut dispatcher = inner.dispatcher.lock().await;
        if dispatcher.is_none() {
            let parts = Parts {
                store: Arc::clone(&inner.store),
                objects: Arc::clone(&inner.objects),
                doorbell: Arc::clone(&inner.doorbell),
                notifier: Arc::clone(&inner.notifier),
                workers: inner.config.worker.clone(),
                config: inner.config.dispatch.clone(),
                inline_bytes: inner.config.objects.inline_bytes,
                metrics: Arc::clone(&inner.metrics),
            };
            *dispatcher = Some(Dispatcher::start(parts).await?);
        }
        let mut deliverer = inner.deliverer.lock().await;
        if deliverer.is_none() {
            let parts = webhooks::Parts {
                store: Arc::clone(&inner.store),
                notifier: Arc::clone(&inner.notifier),
                config: inner.config.webhooks.clone(),
                public_url: inner.config.public.url.clone(),
            };
            *deliverer = Some(Deliverer::start(parts)?);
        }
        Ok(())
    }

    /// Claims no further runs; those under way go on. For a server that is about to stop.
    pub async fn stop_claiming(&self) {
        if let Some(dispatcher) = self.0.dispatcher.lock().await.as_ref() {
            dispatcher.stop_claiming();
        }
    }

    /// Stops claiming, gives the runs under way back to the queue, writes what is buffered,
    /// closes the database and unlocks the data folder. Nothing can be asked of the platform afterwards.
    pub async fn shutdown(&self) {
        if let Some(dispatcher) = self.0.dispatcher.lock().await.take() {
            dispatcher.stop().await;
        }
        if let Some(deliverer) = self.0.deliverer.lock().await.take() {
            deliverer.stop().await;
        }
        self.0.notifier.stop().await;
        if timeout(CLOSE_WITHIN, self.0.store.close()).await.is_err() {
            tracing::warn!("the database is still busy");
        }
        if let Some(lock) = &self.0.lock
            && let Err(error) = lock.unlock()
        {
            tracing::warn!(%error, "the data folder stays locked until the process ends");
        }
    }

    /// Whether database and object store take something new within [`READY_WITHIN`].
    ///
    /// # Errors
    /// One of them does not.
    pub async fn ready(&self) -> Result<(), Error> {
        let Inner { store, objects, .. } = self.0.as_ref();
        let database = timeout(READY_WITHIN, store.can_write());
        database.await.map_err(|_| Internal::Slow("database"))??;
        let objects = timeout(READY_WITHIN, objects.can_write());
        objects
            .await
            .map_err(|_| Internal::Slow("object store"))??;
        Ok(())
    }
}

async fn open_store(config: &Config) -> Result<(Arc<dyn Store>, Arc<dyn Notifier>), OpenError> {
    match &config.database {
        DatabaseConfig::File => {
            let store = SqlStore::open_file(&config.data.0.join(DATABASE_FILE)).await?;
            let store: Arc<dyn Store> = Arc::new(store);
            // The lock says that nobody else has this database open: whoever held a lease is gone.
            store.expire_all_leases().await?;
            Ok((store, Arc::new(InProcess::new())))
        }
        DatabaseConfig::Postgres(url) => {
            let store = SqlStore::connect(url).await?;
            let notifier = PostgresNotifier::start(SqlStore::listening_pool(url).await?).await?;
            Ok((Arc::new(store), Arc::new(notifier)))
        }
    }
}

async fn open_doorbell(
    config: &Config,
    notifier: &Arc<dyn Notifier>,
) -> Result<Arc<dyn Doorbell>, OpenError> {
    let look_again = config.dispatch.look_again;
    Ok(match &config.queue {
        QueueConfig::File => {
            let file = config.data.0.join(QUEUE_FILE);
            Arc::new(SqliteDoorbell::open(&file, look_again).await?)
        }
        QueueConfig::Redis(url) => {
            Arc::new(RedisDoorbell::open(url, Arc::clone(notifier), look_again)?)
        }
    })
}

pub(crate) fn open_objects(
    config: &Config,
    signer: &Signer,
) -> Result<Arc<dyn Objects>, OpenError> {
    Ok(match &config.objects.store {
        ObjectStoreConfig::Folder => {
            let folder = config.data.0.join(OBJECTS_FOLDER);
            let url = config.objects.internal_url.clone();
            Arc::new(DiskObjects::open(&folder, signer.clone(), url)?)
        }
        ObjectStoreConfig::S3(bucket) => Arc::new(S3Objects::new(bucket)),
    })
}

/// Makes the data folder.
pub(crate) fn make_folder(folder: &Path) -> Result<(), OpenError> {
    fs::create_dir_all(folder.join(OBJECTS_FOLDER)).map_err(|source| OpenError::DataDir {
        path: folder.display().to_string(),
        source,
    })
}

/// Makes the data folder and takes its lock.
fn prepare(folder: &Path) -> Result<File, OpenError> {
    let path = folder.display().to_string();
    let unusable = |source| OpenError::DataDir {
        path: path.clone(),
        source,
    };
    make_folder(folder)?;
    let lock = File::create(folder.join(LOCK_FILE)).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}
