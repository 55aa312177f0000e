//! The server's own worker: a child process on loopback, started again when it dies.
//!
//! ```text
//! thread "worker-parent"   spawn → read "listening on ADDR" → publish Up → wait for its end ┐
//!          ▲                                                                               │
//!          └───────────── backoff, doubled while it keeps dying ◀── publish Down ◀──────────┘
//! shutdown: SIGTERM, a few seconds, SIGKILL
//! ```
//!
//! The child is spawned from a thread of its own that lives as long as the server: the worker asks
//! the kernel to end it with its parent, and the kernel takes the parent to be the spawning thread.
//! The child gets a fresh environment, so that no setting or secret of the server reaches it.

use crate::config::ChildWorker;
use platform::config::WorkerAddress;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::{
    env,
    net::SocketAddr,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    runtime::Handle,
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// The first line of a worker that is ready.
const READY_PREFIX: &str = "listening on ";
/// A worker that says nothing for this long after its start is ended and started again.
const START_WITHIN: Duration = Duration::from_secs(60);
/// What a worker gets between SIGTERM and SIGKILL.
const STOP_WITHIN: Duration = Duration::from_secs(5);
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
/// A worker that stayed up this long starts the next backoff from the beginning.
const STEADY_AFTER: Duration = Duration::from_secs(30);
/// Variables of the system that the worker and its Python need; everything else stays behind.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TZ",
    "RUST_BACKTRACE",
];

/// What is known of the child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerState {
    Starting,
    /// It accepts runs.
    Up {
        addr: SocketAddr,
        pid: u32,
    },
    /// It ended, or could not start; it is started again after a pause.
    Down {
        reason: String,
    },
}

impl WorkerState {
    #[must_use]
    pub const fn is_up(&self) -> bool {
        matches!(self, Self::Up { .. })
    }
}

/// The supervised child.
#[derive(Debug)]
pub struct WorkerProcess {
    state: watch::Receiver<WorkerState>,
    address: watch::Receiver<Option<WorkerAddress>>,
    thread: thread::JoinHandle<()>,
}

impl WorkerProcess {
    /// Starts the child and the thread that keeps it running until `shutdown`.
    ///
    /// # Errors
    /// The operating system gives no randomness or no thread.
    pub fn start(config: ChildWorker, shutdown: CancellationToken) -> std::io::Result<Self> {
        let (state_out, state) = watch::channel(WorkerState::Starting);
        let (address_out, address) = watch::channel(None);
        let runtime = Handle::current();
        let supervisor = Supervisor {
            token: random_token()?,
            config,
            state: state_out,
            address: address_out,
            shutdown,
        };
        let thread = thread::Builder::new()
            .name("worker-parent".to_owned())
            .spawn(move || runtime.block_on(supervisor.run()))?;
        Ok(Self {
            state,
            address,
            thread,
        })
    }

    /// Follows the child's state.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<WorkerState> {
        self.state.clone()
    }

    /// Follows where the child is reached; it is on another port after each start.
    #[must_use]
    pub fn address(&self) -> watch::Receiver<Option<WorkerAddress>> {
        self.address.clone()
    }

    /// Returns once the child has ended; `shutdown` must have been cancelled.
    pub async fn stopped(self) {
        let ended = tokio::task::spawn_blocking(move || self.thread.join());
        if !matches!(ended.await, Ok(Ok(()))) {
            tracing::error!("the thread that keeps the worker running panicked");
        }
    }
}

struct Supervisor {
    config: ChildWorker,
    /// What the child expects its callers to show; it is told the hash alone.
    token: String,
    state: watch::Sender<WorkerState>,
    address: watch::Sender<Option<WorkerAddress>>,
    shutdown: CancellationToken,
}

impl Supervisor {
    async fn run(self) {
        let mut backoff = FIRST_BACKOFF;
        while !self.shutdown.is_cancelled() {
            let begun = Instant::now();
            let reason = self.run_once().await;
            self.address.send_replace(None);
            if self.shutdown.is_cancelled() {
                break;
            }
            if begun.elapsed() > STEADY_AFTER {
                backoff = FIRST_BACKOFF;
            }
            tracing::warn!(%reason, restart_in_ms = backoff.as_millis() as u64, "worker is down");
            self.state.send_replace(WorkerState::Down { reason });
            tokio::select! {
                () = sleep(backoff) => {}
                () = self.shutdown.cancelled() => break,
            }
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
        }
    }

    /// One life of the child. Returns why it is over.
    async fn run_once(&self) -> String {
        let mut child = match self.command().spawn() {
            Ok(child) => child,
            Err(error) => {
                return format!(
                    "{} could not be started: {error}",
                    self.config.program.display()
                );
            }
        };
        let reason = tokio::select! {
            reason = self.follow(&mut child) => reason,
            () = self.shutdown.cancelled() => "the server stops".to_owned(),
        };
        stop(&mut child).await;
        reason
    }

    async fn follow(&self, child: &mut Child) -> String {
        let Some(stdout) = child.stdout.take() else {
            return "its output could not be read".to_owned();
        };
        let mut lines = BufReader::new(stdout).lines();
        let pid = child.id().unwrap_or_default();
        match timeout(START_WITHIN, read_address(&mut lines)).await {
            Err(_) => return format!("it was not ready within {} s", START_WITHIN.as_secs()),
            Ok(None) => return ended(child).await,
            Ok(Some(addr)) => {
                tracing::info!(%addr, pid, "worker is up");
                self.announce(addr, pid);
            }
        }
        // Reading on keeps the pipe open and empty.
        while let Ok(Some(_)) = lines.next_line().await {}
        ended(child).await
    }

    fn announce(&self, addr: SocketAddr, pid: u32) {
        self.address.send_replace(Some(WorkerAddress {
            url: format!("http://{addr}"),
            token: SecretString::from(self.token.clone()),
        }));
        self.state.send_replace(WorkerState::Up { addr, pid });
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.config.program);
        command.env_clear();
        for name in INHERITED {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("MECAPY_ADDR", "127.0.0.1:0")
            .env(
                "MECAPY_WORKER_TOKEN_SHA256",
                hex::encode(Sha256::digest(&self.token)),
            )
            .env("MECAPY_WORKER_PYTHON", &self.config.python)
            .envs(
                self.config
                    .python_path
                    .iter()
                    .map(|path| ("MECAPY_WORKER_PYTHONPATH", path)),
            )
            .env("MECAPY_WORKER_SLOTS", self.config.slots.to_string())
            .env("MECAPY_SANDBOX_LEVEL", &self.config.sandbox_level)
            .env("MECAPY_LOG", &self.config.log)
            .env("MECAPY_LOG_FORMAT", self.config.log_format)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A terminal's Ctrl-C reaches the server alone, which then stops its worker in order.
            .process_group(0)
            .kill_on_drop(true);
        command
    }
}

async fn read_address(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<SocketAddr> {
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(addr) = line.strip_prefix(READY_PREFIX) {
            return addr.trim().parse().ok();
        }
    }
    None
}

async fn ended(child: &mut Child) -> String {
    match child.wait().await {
        Ok(status) => format!("it ended with {status}"),
        Err(error) => format!("it could not be waited for: {error}"),
    }
}

async fn stop(child: &mut Child) {
    let Some(pid) = child
        .id()
        .and_then(|pid| rustix::process::Pid::from_raw(pid as i32))
    else {
        return;
    };
    // An error means that it has ended already.
    let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    if timeout(STOP_WITHIN, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

fn random_token() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::from)?;
    Ok(hex::encode(bytes))
}
