//! Start and stop of the service.

use crate::{
    cgroup,
    config::{Config, variable},
    execute, health,
    interpreter::Environment,
    metrics::Metrics,
    pool::Pool,
    run::Transfers,
    self_test,
    state::App,
};
use anyhow::Context;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
    serve::ListenerExt,
};
use domain::limits::MAX_BODY_BYTES;
use rustix::process::{Resource, getrlimit, setrlimit};
use sandbox::{Level, landlocked};
use std::{io::Write, process::ExitCode, sync::Arc, time::Duration};
use telemetry::log::{LogConfig, LogError};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::Semaphore,
    task::spawn_blocking,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long running calculations may go on after a request to stop; most platforms wait this long.
const GRACE: Duration = Duration::from_secs(25);
/// How long it still answers after the last of them: who has read the end of a run comes back at once
/// with the next, and is better refused than cut off.
const LINGER: Duration = Duration::from_millis(250);

pub fn main() -> ExitCode {
    if let Err(error) = log() {
        eprintln!("mecapy-worker: {error}");
        return ExitCode::FAILURE;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn log() -> Result<(), LogError> {
    let (filter, format) = (variable("MECAPY_LOG"), variable("MECAPY_LOG_FORMAT"));
    LogConfig::new(filter.as_deref(), format.as_deref())?.start(None)
}

fn run() -> anyhow::Result<()> {
    end_with_parent()?;
    let config = Config::from_env()?;
    raise_descriptors();
    let environment = Environment::find(&config)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(config, environment))
}

/// Nobody else may look into this process, and it does not outlive who started it.
fn end_with_parent() -> std::io::Result<()> {
    // SAFETY: both options take integers only.
    let failed = unsafe {
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) != 0
            || libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0) != 0
    };
    if failed {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}

/// A slot takes several descriptors, and its process that waits as many; what most systems give a
/// program at first is too few for many slots.
fn raise_descriptors() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of descriptors cannot be raised");
    }
}

async fn serve(config: Config, environment: Environment) -> anyhow::Result<()> {
    // Beside the first imports; nobody can ask for a run before it has passed.
    let tested = environment.clone();
    let self_test = spawn_blocking(move || self_test::demand(&tested, config.level));
    let packages_hash = environment.packages_hash.clone();
    let pool = Pool::start(environment, config.slots);
    self_test.await??;
    let warnings = warnings(config.level);
    for warning in &warnings {
        tracing::warn!("{warning}");
    }
    let root = rustix::process::geteuid().is_root();
    // Some systems hide other users' processes.
    let watched = std::fs::read_to_string("/proc/1/stat").is_ok();
    let layers = config
        .level
        .layers()
        .names(root, landlocked::abi(), watched);
    tracing::info!(
        cgroup = cgroup::probe(),
        level = config.level.as_str(),
        layers = layers.join(" "),
        "sandbox"
    );
    let listener = TcpListener::bind(config.addr)
        .await
        .with_context(|| format!("{} cannot be listened on", config.addr))?;
    let app = Arc::new(App {
        token_sha256: config.token_sha256,
        metrics_token_sha256: config.metrics_token_sha256,
        packages_hash,
        pool,
        client: Transfers::client()?,
        metrics: Metrics::default(),
        draining: CancellationToken::new(),
        stopping: CancellationToken::new(),
        level: config.level,
        layers,
        warnings,
        cgroup: cgroup::probe(),
        slots: config.slots,
        free: Arc::new(Semaphore::new(config.slots)),
    });
    let stop = stop_signal()?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {}", listener.local_addr()?)?;
    stdout.flush()?;
    // Events are small writes: without this each waits for the acknowledgement of the one before.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, router(Arc::clone(&app)))
        .with_graceful_shutdown(drain(app, stop))
        .await?;
    Ok(())
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/execute", post(execute::execute))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(app)
}

fn warnings(level: Level) -> Vec<String> {
    match level {
        Level::Full => Vec::new(),
        lower => vec![format!(
            "The sandbox level is {}: there are no namespaces around a run. Only one run at a time \
             is accepted.",
            lower.as_str()
        )],
    }
}

/// Resolves on SIGTERM or SIGINT.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Accepts no further run and gives the running ones their time; what does not end within it is
/// reported as given back. Until then the worker answers on, so that whoever asks is told where it
/// stands instead of finding nobody.
async fn drain(app: Arc<App>, stop: impl Future<Output = ()>) {
    stop.await;
    app.draining.cancel();
    tracing::info!(running = app.running(), "stopping");
    if app.running() == 0 {
        return;
    }
    if timeout(GRACE, app.idle()).await.is_err() {
        app.stopping.cancel();
        app.idle().await;
    }
    sleep(LINGER).await;
}
