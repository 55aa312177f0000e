//! What the platform must be told to open: one small struct per concern. The server binary reads
//! the environment and builds these; nothing here reads a variable or asks which profile it is in.

use domain::limits::DEFAULT_INLINE_BYTES;
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};
use tokio::sync::watch;

/// Everything [`Services::open`](crate::Services::open) needs.
#[derive(Clone, Debug)]
pub struct Config {
    pub data: DataDir,
    pub database: DatabaseConfig,
    pub queue: QueueConfig,
    pub public: PublicUrl,
    pub objects: ObjectsConfig,
    pub worker: WorkerSource,
    pub dispatch: DispatchConfig,
    pub account: LocalAccount,
    pub webhooks: WebhookConfig,
}

/// `MECAPY_DATA_DIR`: where database, queue and objects live when no service holds them. Default
/// `./data`; created when absent and locked against a second server.
#[derive(Clone, Debug)]
pub struct DataDir(pub PathBuf);

/// Which database holds the truth.
#[derive(Clone, Debug, Default)]
pub enum DatabaseConfig {
    /// A SQLite file in the data folder.
    #[default]
    File,
    /// `DATABASE_URL`: `postgres://user:password@host/name`.
    Postgres(SecretString),
}

impl DatabaseConfig {
    /// Where it is, without what opens it.
    #[must_use]
    pub fn in_words(&self, data: &DataDir) -> String {
        match self {
            Self::File => data.0.display().to_string(),
            Self::Postgres(_) => "the database of DATABASE_URL".into(),
        }
    }
}

/// What rings when a run waits.
#[derive(Clone, Debug, Default)]
pub enum QueueConfig {
    /// A SQLite file in the data folder.
    #[default]
    File,
    /// `REDIS_URL`: `redis://host` or `rediss://host`.
    Redis(SecretString),
}

/// Where objects are.
#[derive(Clone, Debug, Default)]
pub enum ObjectStoreConfig {
    /// Files in the data folder.
    #[default]
    Folder,
    S3(S3Config),
}

/// A bucket of an S3 service.
#[derive(Clone, Debug)]
pub struct S3Config {
    /// `S3_BUCKET`.
    pub bucket: String,
    /// `S3_ENDPOINT`: of a service other than Amazon's, such as `https://s3.fr-par.scw.cloud`.
    pub endpoint: Option<String>,
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
}

impl Config {
    /// Something is stored in the data folder, which then belongs to one server.
    #[must_use]
    pub fn needs_folder(&self) -> bool {
        matches!(self.database, DatabaseConfig::File)
            || matches!(self.queue, QueueConfig::File)
            || matches!(self.objects.store, ObjectStoreConfig::Folder)
    }
}

/// `MECAPY_PUBLIC_URL`: the address people open, without a slash at its end.
#[derive(Clone, Debug)]
pub struct PublicUrl {
    pub url: String,
    /// Whether somebody else's machine can open it; false on loopback.
    pub reachable: bool,
}

#[derive(Clone, Debug)]
pub struct ObjectsConfig {
    pub store: ObjectStoreConfig,
    /// `MECAPY_INLINE_BYTES`: inputs and results up to this many bytes are stored with the run; 0
    /// makes everything an object. Default 65,536.
    pub inline_bytes: usize,
    /// For objects in the data folder: where the worker reaches this server's `/objects/…`, without a slash at its end, for example
    /// `http://127.0.0.1:7979`.
    pub internal_url: String,
}

impl ObjectsConfig {
    #[must_use]
    pub fn at(internal_url: impl Into<String>) -> Self {
        Self {
            store: ObjectStoreConfig::default(),
            inline_bytes: DEFAULT_INLINE_BYTES,
            internal_url: internal_url.into(),
        }
    }
}

/// Where the worker is and the token it asks for. It may change, because a restarted worker has
/// another port; `None` while there is none, and runs wait.
#[derive(Clone, Debug)]
pub struct WorkerSource(pub watch::Receiver<Option<WorkerAddress>>);

/// `MECAPY_WORKER_URL` and `MECAPY_WORKER_TOKEN`.
#[derive(Clone, Debug)]
pub struct WorkerAddress {
    /// For example `http://127.0.0.1:8080`, without a slash at its end.
    pub url: String,
    pub token: SecretString,
}

impl WorkerSource {
    /// A worker whose address never changes.
    #[must_use]
    pub fn fixed(address: WorkerAddress) -> Self {
        let (sender, receiver) = watch::channel(Some(address));
        drop(sender);
        Self(receiver)
    }
}

/// How runs are brought to workers. The defaults are for production; tests shorten them.
#[derive(Clone, Debug)]
pub struct DispatchConfig {
    /// How long an attempt stays claimed without a sign of life from its dispatcher.
    pub lease: Duration,
    /// How often all leases of this dispatcher are renewed; several times per lease.
    pub renew_every: Duration,
    /// Silence after which a worker is given up; several times its `alive` interval.
    pub silence: Duration,
    /// How long a worker may take to answer a request, before it has the run; a platform that starts
    /// workers on demand holds the request that long.
    pub answer: Duration,
    /// What an attempt may take beyond its wall limit, for transfer and shut-down.
    pub grace: Duration,
    /// First pause before a lost run is tried again; doubled each time, with jitter.
    pub retry_pause: Duration,
    /// How often lost rings and expired leases are looked for.
    pub reconcile_every: Duration,
    /// Everything is told as it happens; how long a ring or news of a run that got lost on the way
    /// can go unnoticed.
    pub look_again: Duration,
    /// What the runs under way get to be given back when the server stops.
    pub stop_within: Duration,
    /// Runs sent at the same time before anything is known about the workers.
    pub first_window: usize,
    /// Runs sent at the same time at most, whatever the workers take.
    pub max_window: usize,
}

impl Default for DispatchConfig {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(20),
            renew_every: Duration::from_secs(5),
            silence: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            grace: Duration::from_secs(30),
            retry_pause: Duration::from_secs(1),
            reconcile_every: Duration::from_secs(10),
            look_again: Duration::from_secs(5),
            stop_within: Duration::from_secs(10),
            first_window: 2,
            max_window: 256,
        }
    }
}

/// The one user of a server without logins.
#[derive(Clone, Debug)]
pub struct LocalAccount {
    /// Shown as the author on shared pages.
    pub name: String,
}

/// How webhooks are told of runs.
#[derive(Clone, Debug)]
pub struct WebhookConfig {
    /// `MECAPY_WEBHOOK_PRIVATE`: they reach this machine and private networks too. Default no.
    pub private: bool,
    /// `MECAPY_WEBHOOK_FIRST_RETRY_MS`: the pause before the first retry. Default 5 s.
    pub first_retry: Duration,
    /// Everything is told as it happens; how long something that another server stored can go
    /// unnoticed.
    pub look_again: Duration,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            private: false,
            first_retry: Duration::from_secs(5),
            look_again: Duration::from_secs(30),
        }
    }
}
