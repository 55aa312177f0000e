//! `serve`: from the settings to a running server and back, in order.
//!
//! ```text
//! lock the data folder → listen → start the worker → open the platform → answer requests
//!   → dispatch runs → say so → first start: examples and the bolt run
//! stop: not ready any more, no run is claimed; requests are answered on for MECAPY_DRAIN_S
//!   → no new connections, streams end, their clients come back with the last event they have seen
//!   → requests under way end → runs under way go back to the queue → the worker ends → unlock
//! ```
//!
//! Each step of stopping has a time limit: what is not done by then is left to the next start.

use crate::{
    config::{ServerConfig, WorkerConfig},
    connections,
    data_lock::{DataDirError, DataLock},
    first_start::{self, FirstStartError},
    metrics::{Access, ServerMetrics},
    middleware::rate::RateLimits,
    router::{dispatcher_router, router},
    site::Site,
    state::{Addresses, AppState},
    terminal,
    worker_process::{WorkerProcess, WorkerState},
};
use clap::ValueEnum;
use platform::{
    Config, OpenError, Services, accounts,
    config::{
        DataDir, DispatchConfig, LocalAccount, ObjectsConfig, PublicUrl, QueueConfig,
        WebhookConfig, WorkerAddress, WorkerSource,
    },
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Open connections get this long to finish once the server stops.
const DRAIN_WITHIN: Duration = Duration::from_secs(10);
/// The start waits this long for the worker before it says that runs will wait.
const WORKER_WITHIN: Duration = Duration::from_secs(20);

/// Which of the server's jobs this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Answers requests and dispatches runs.
    All,
    /// Answers requests; runs wait for a dispatcher.
    Web,
    /// Dispatches runs.
    Dispatcher,
}

impl Role {
    const fn dispatches(self) -> bool {
        matches!(self, Self::All | Self::Dispatcher)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(
        "Port {} is taken by another program. Stop that one, or set MECAPY_ADDR to another port, such as \
         MECAPY_ADDR={}:{}.",
        .0.port(), .0.ip(), .0.port().wrapping_add(1).max(1024)
    )]
    PortTaken(SocketAddr),
    #[error("The server cannot listen on {addr}: {source}. Set MECAPY_ADDR to another address.")]
    Listen { addr: SocketAddr, source: io::Error },
    #[error("The server could not start: {0}.")]
    System(#[from] io::Error),
    #[error("The stored data could not be opened: {0}.")]
    Open(#[from] OpenError),
    #[error("The worker did not start: {0}. `mecapy-server doctor` says what is missing.")]
    Worker(String),
    #[error("The local user could not be read: {0}")]
    LocalUser(platform::Error),
    #[error("The address in REDIS_URL cannot be used: {0}.")]
    Redis(#[from] redis::RedisError),
    #[error(transparent)]
    FirstStart(#[from] FirstStartError),
}

/// Serves until SIGINT or SIGTERM; with `once` runs the bolt example, prints it and ends.
///
/// # Errors
/// What kept the server from starting, or the bolt example from running.
pub async fn serve(config: ServerConfig, role: Role, once: bool) -> Result<(), ServeError> {
    let lock = config
        .storage
        .needs_folder()
        .then(|| DataLock::take(&config.data_dir))
        .transpose()?;
    let listener = listen(config.addr).await?;
    let config = ServerConfig {
        addr: listener.local_addr()?,
        data_dir: lock
            .as_ref()
            .map_or(config.data_dir, |lock| lock.dir().to_owned()),
        ..config
    };
    let ends = Ends::default();
    // The worker ends after the runs that it still has were given back.
    let worker_ends = CancellationToken::new();
    let worker = start_worker(&config, role, &worker_ends)?;
    let services = Services::open(&platform_config(&config, &worker)).await?;
    let state = app_state(&config, services.clone(), &worker, &ends).await?;
    let routes = match role {
        Role::All | Role::Web => router(state.clone()),
        Role::Dispatcher => dispatcher_router(state.clone()),
    };
    let serving = connections::serve(listener, routes, ends.stopping.clone());
    let server = tokio::spawn(serving);
    if role.dispatches() {
        services.start_dispatcher().await?;
    }
    let mut signals = Signals::new()?;
    let outcome = tokio::select! {
        outcome = run(&config, &state, lock.as_ref(), once) => outcome,
        asked = signals.asked() => {
            ends.draining.cancel();
            drain(&services, asked, config.drain, &mut signals).await;
            Ok(())
        }
    };
    ends.draining.cancel();
    ends.stopping.cancel();
    stop(server, services, worker, &worker_ends).await;
    drop(lock);
    outcome
}

/// What happens while requests are answered; never ends unless `once` is asked for.
async fn run(
    config: &ServerConfig,
    state: &AppState,
    lock: Option<&DataLock>,
    once: bool,
) -> Result<(), ServeError> {
    if let Some(worker) = state.worker.clone()
        && let Err(reason) = worker_is_up(worker).await
    {
        if once {
            return Err(ServeError::Worker(reason));
        }
        terminal::say(&ServeError::Worker(reason).to_string());
        terminal::say("Runs wait until it does; it is started again and again.");
    }
    if !state.site.is_built() {
        terminal::say(&format!(
            "There are no browser files in {}; pages show without their scripts and styles. MECAPY_SITE_DIR names the folder.",
            config.site_dir.display()
        ));
    }
    terminal::say(&format!("MecaPy is ready: {}", state.addresses.public_url));
    // Services that servers share have no first start.
    let folder = lock.map(DataLock::dir);
    let is_first = match folder {
        Some(folder) => first_start::make_examples(state, folder).await?,
        None => false,
    };
    if is_first || once {
        let bolt = first_start::run_bolt(state, folder).await;
        match bolt {
            Ok(shown) => terminal::say(&shown),
            Err(error) if once => return Err(error.into()),
            Err(error) => terminal::say(&error.to_string()),
        }
    }
    if once {
        return Ok(());
    }
    std::future::pending().await
}

async fn listen(addr: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(addr)
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ServeError::PortTaken(addr),
            _ => ServeError::Listen { addr, source },
        })
}

/// Where runs go: the address may change while the server runs.
struct Worker {
    source: WorkerSource,
    process: Option<WorkerProcess>,
}

fn start_worker(
    config: &ServerConfig,
    role: Role,
    ends: &CancellationToken,
) -> Result<Worker, ServeError> {
    match &config.worker {
        WorkerConfig::Remote { url, token } => Ok(Worker {
            source: WorkerSource::fixed(WorkerAddress {
                url: url.clone(),
                token: token.clone(),
            }),
            process: None,
        }),
        WorkerConfig::Child(_) if !role.dispatches() => Ok(Worker {
            source: WorkerSource(watch::channel(None).1),
            process: None,
        }),
        WorkerConfig::Child(child) => {
            let process = WorkerProcess::start(child.clone(), ends.clone())?;
            Ok(Worker {
                source: WorkerSource(process.address()),
                process: Some(process),
            })
        }
    }
}

/// What is stored where, for who dispatches nothing.
pub fn storage(config: &ServerConfig) -> Config {
    let nobody = Worker {
        source: WorkerSource(watch::channel(None).1),
        process: None,
    };
    platform_config(config, &nobody)
}

fn platform_config(config: &ServerConfig, worker: &Worker) -> Config {
    let slots = config.worker.slots();
    Config {
        data: DataDir(config.data_dir.clone()),
        database: config.storage.database.clone(),
        queue: config.storage.queue.clone(),
        public: PublicUrl {
            url: config.public_url(),
            reachable: config.reachable(),
        },
        objects: ObjectsConfig {
            store: config.storage.objects.clone(),
            inline_bytes: config.inline_bytes,
            internal_url: objects_url(config),
        },
        worker: worker.source.clone(),
        dispatch: DispatchConfig {
            first_window: slots,
            ..DispatchConfig::default()
        },
        account: LocalAccount {
            name: config.user_name.clone(),
        },
        webhooks: WebhookConfig {
            private: config.webhook_private,
            first_retry: config.webhook_first_retry,
            ..WebhookConfig::default()
        },
    }
}

/// How the worker reaches the objects: on this machine directly, elsewhere as everybody does.
fn objects_url(config: &ServerConfig) -> String {
    if config.worker.is_elsewhere() {
        config.public_url()
    } else {
        internal_url(config.addr)
    }
}

fn internal_url(addr: SocketAddr) -> String {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}

async fn app_state(
    config: &ServerConfig,
    services: Services,
    worker: &Worker,
    ends: &Ends,
) -> Result<AppState, ServeError> {
    let local_user = accounts::local(&services)
        .await
        .map_err(ServeError::LocalUser)?;
    let site = Site::open(&config.site_dir);
    Ok(AppState {
        metrics: Arc::new(ServerMetrics::new(Access::new(config), &services)),
        services,
        local_user,
        leptos: site.leptos_options(config.addr),
        site: Arc::new(site),
        addresses: Arc::new(Addresses {
            public_url: config.public_url(),
            public_origin: config.public_origin(),
            public_host: config.public_host(),
            cors_origins: config.cors_origins.clone(),
        }),
        rate_limits: rate_limits(config)?,
        worker: worker.process.as_ref().map(WorkerProcess::state),
        draining: ends.draining.clone(),
        stopping: ends.stopping.clone(),
    })
}

/// Servers that share a queue count together what they are sent.
fn rate_limits(config: &ServerConfig) -> Result<RateLimits, ServeError> {
    let (allowed, proxies) = (config.allowances(), config.trusted_proxies);
    match &config.storage.queue {
        QueueConfig::Redis(url) => Ok(RateLimits::shared(url, allowed, proxies)?),
        QueueConfig::File => Ok(RateLimits::in_process(allowed, proxies)),
    }
}

/// Waits for the worker's first word; an error says why it is not up.
async fn worker_is_up(mut worker: watch::Receiver<WorkerState>) -> Result<(), String> {
    let settled = timeout(
        WORKER_WITHIN,
        worker.wait_for(|state| *state != WorkerState::Starting),
    );
    match settled.await {
        Ok(Ok(state)) => match &*state {
            WorkerState::Down { reason } => Err(reason.clone()),
            WorkerState::Starting | WorkerState::Up { .. } => Ok(()),
        },
        Ok(Err(_)) => Err("nothing keeps it running".to_owned()),
        Err(_) => Err(format!(
            "it was not ready within {} s",
            WORKER_WITHIN.as_secs()
        )),
    }
}

/// How far the server has come on its way to the end.
#[derive(Default)]
struct Ends {
    /// It still answers, but is not to be asked any more.
    draining: CancellationToken,
    /// It takes no connection any more.
    stopping: CancellationToken,
}

/// How a stop was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// SIGTERM: by whoever runs it, who may start another one in its place.
    Terminate,
    /// SIGINT: by the person at the terminal.
    Interrupt,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn asked(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Terminate,
            _ = self.interrupt.recv() => Asked::Interrupt,
        }
    }
}

/// Gives the load balancer time to notice, and runs under way time to end. Who asks twice, or sits at
/// the terminal, does not wait.
async fn drain(services: &Services, asked: Asked, pause: Duration, signals: &mut Signals) {
    tracing::info!(drain_s = pause.as_secs(), "stopping");
    services.stop_claiming().await;
    if asked == Asked::Terminate {
        let _ = timeout(pause, signals.asked()).await;
    }
}

async fn stop(
    server: JoinHandle<()>,
    services: Services,
    worker: Worker,
    worker_ends: &CancellationToken,
) {
    if timeout(DRAIN_WITHIN, server).await.is_err() {
        tracing::warn!("some requests were not finished");
    }
    services.shutdown().await;
    worker_ends.cancel();
    if let Some(process) = worker.process {
        process.stopped().await;
    }
}
