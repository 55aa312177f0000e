//! The zygote as the worker sees it: one process that forks runs on demand.
//!
//! ```text
//! Zygote ── launch: a thread starts the jailed interpreter and waits for its end
//!        ├─ listen: a task hands its messages to whoever waits for them
//!        └─ fork:   makes a Process, locked down and prewarmed, to be used once
//! ```
//! A zygote lives while somebody holds it; its end ends every process it made.

mod frames;
mod launch;
mod process;

pub use frames::{Frame, FrameError, Frames};
use launch::Launcher;
pub use launch::{LAUNCH_ARGUMENT, launcher_main};
pub use process::{Account, Process};

use crate::interpreter::Environment;
use mecapy_jail::channel::{self, ChannelError};
use protocol::zygote::{Exit, FrameKind, FromZygote, Interpreter, MAX_MESSAGE_BYTES, ToZygote};
use rustix::{
    io::Errno,
    net::{Shutdown, shutdown},
};
use std::{
    collections::HashMap,
    io,
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{io::unix::AsyncFd, sync::oneshot, time::timeout};

/// Longest time for the jail and the imports, seconds; a cold disk is slow.
const START_S: u64 = 60;
/// Longest time for a fork, its confinement and its warming, seconds.
const FORK_S: u64 = 15;

/// Why there is no zygote, or none of its processes.
#[derive(Debug, thiserror::Error)]
pub enum ZygoteError {
    #[error("the zygote cannot be started: {0}")]
    Launch(io::Error),
    #[error("the zygote failed: {0}")]
    Failed(String),
    #[error("the zygote has ended")]
    Gone,
    #[error("the zygote does not answer")]
    Silent,
    #[error("the zygote cannot fork: {0}")]
    NotForked(String),
    #[error("a process cannot be handed over: {0}")]
    Process(#[from] io::Error),
    #[error("a new process does not say that it is ready: {0}")]
    NotReady(#[from] FrameError),
}

/// How much a zygote imports before it forks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What most calculations need: ready in less than half of the time.
    Essential,
    Everything,
}

impl Scope {
    /// As the interpreter's argument has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Essential => "essential",
            Self::Everything => "everything",
        }
    }
}

#[derive(Debug)]
pub struct Zygote {
    shared: Arc<Shared>,
    /// Its end is the zygote's.
    launcher: Launcher,
    pub scope: Scope,
    pub interpreter: Interpreter,
    next: AtomicU64,
}

/// What the holders of a zygote share with the task that listens to it.
#[derive(Debug)]
struct Shared {
    control: AsyncFd<OwnedFd>,
    waiting: Mutex<Waiting>,
}

/// Who waits for what, by child.
#[derive(Debug, Default)]
struct Waiting {
    gone: bool,
    forks: HashMap<u64, oneshot::Sender<Result<OwnedFd, String>>>,
    exits: HashMap<u64, oneshot::Sender<Exit>>,
}

impl Zygote {
    /// Builds the jail, starts the interpreter in it and waits for its imports. `ended` is called
    /// once when it is gone, whatever the reason.
    pub async fn start(
        environment: &Environment,
        scope: Scope,
        ended: impl FnOnce() + Send + 'static,
    ) -> Result<Arc<Self>, ZygoteError> {
        let mut jail = environment.jail.clone();
        jail.arguments.push(scope.as_str().to_owned());
        let (control, launcher) = launch::launch(&jail).map_err(ZygoteError::Launch)?;
        // SAFETY: an owned descriptor stays the same one until it is dropped with its registration.
        let control = unsafe { AsyncFd::register(control) }.map_err(io::Error::from)?;
        let ready = timeout(Duration::from_secs(START_S), receive(&control)).await;
        let interpreter = match ready.map_err(|_| ZygoteError::Silent)? {
            Ok((FromZygote::Ready(interpreter), _)) => interpreter,
            Ok((FromZygote::Failed { message }, _)) => return Err(ZygoteError::Failed(message)),
            Ok(_) | Err(_) => return Err(ZygoteError::Gone),
        };
        let shared = Arc::new(Shared {
            control,
            waiting: Mutex::default(),
        });
        tokio::spawn(listen(Arc::clone(&shared), ended));
        Ok(Arc::new(Self {
            shared,
            launcher,
            scope,
            interpreter,
            next: AtomicU64::new(1),
        }))
    }

    /// A new process, locked down, and prewarmed unless a run waits for it.
    pub async fn fork(self: &Arc<Self>, warm: bool) -> Result<Process, ZygoteError> {
        timeout(Duration::from_secs(FORK_S), self.fork_and_confine(warm))
            .await
            .map_err(|_| ZygoteError::Silent)?
    }

    async fn fork_and_confine(self: &Arc<Self>, warm: bool) -> Result<Process, ZygoteError> {
        let child = self.next.fetch_add(1, Ordering::Relaxed);
        let (ours, theirs) = process::pipes()?;
        let (fork_sender, forked) = oneshot::channel();
        let (exit_sender, exit) = oneshot::channel();
        {
            let mut waiting = self.shared.waiting();
            if waiting.gone {
                return Err(ZygoteError::Gone);
            }
            waiting.forks.insert(child, fork_sender);
            waiting.exits.insert(child, exit_sender);
        }
        self.shared
            .send(&ToZygote::Fork { child, warm }, &theirs)
            .await?;
        drop(theirs);
        let handle = forked
            .await
            .map_err(|_| ZygoteError::Gone)?
            .map_err(ZygoteError::NotForked)?;
        let mut process = Process::new(Arc::clone(self), handle, ours, exit);
        let ready = process.frames.next(0).await?;
        match ready {
            Some(Frame {
                kind: FrameKind::Ready,
                body,
            }) => process.ready(&body)?,
            _ => return Err(ZygoteError::NotForked(process.last_words().await)),
        }
        Ok(process)
    }
}

impl Zygote {
    /// Ends it at once, and with it every process it made.
    pub fn kill(&self) {
        self.launcher.kill();
    }
}

impl Drop for Zygote {
    /// The zygote reads the end of its socket and ends, unless it hangs: then its launcher's end ends
    /// it. The task that listens ends too.
    fn drop(&mut self) {
        let _ = shutdown(self.shared.control.get_ref(), Shutdown::Both);
    }
}

impl Shared {
    async fn send(&self, message: &ToZygote, fds: &[OwnedFd]) -> Result<(), ZygoteError> {
        let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
        loop {
            let mut guard = self.control.writable().await?;
            match channel::send(self.control.get_ref(), message, &fds) {
                Err(ChannelError::Io(Errno::AGAIN)) => guard.clear_ready(),
                Ok(()) => return Ok(()),
                Err(_) => return Err(ZygoteError::Gone),
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, message: FromZygote, fds: Vec<OwnedFd>) {
        let mut waiting = self.waiting();
        // A receiver that is gone needs no answer.
        match message {
            FromZygote::Forked { child } => {
                if let (Some(sender), Some(fd)) =
                    (waiting.forks.remove(&child), fds.into_iter().next())
                {
                    let _ = sender.send(Ok(fd));
                }
            }
            FromZygote::NotForked { child, message } => {
                waiting.exits.remove(&child);
                if let Some(sender) = waiting.forks.remove(&child) {
                    let _ = sender.send(Err(message));
                }
            }
            FromZygote::Exited { child, exit } => {
                if let Some(sender) = waiting.exits.remove(&child) {
                    let _ = sender.send(exit);
                }
            }
            FromZygote::Ready(_) | FromZygote::Failed { .. } => {}
        }
    }

    /// Nobody will be answered any more.
    fn gone(&self) {
        let mut waiting = self.waiting();
        waiting.gone = true;
        waiting.forks.clear();
        waiting.exits.clear();
    }
}

async fn listen(shared: Arc<Shared>, ended: impl FnOnce()) {
    loop {
        match receive(&shared.control).await {
            Ok((message, fds)) => shared.hear(message, fds),
            Err(ChannelError::Closed) => break,
            Err(error) => {
                tracing::warn!(%error, "zygote lost");
                break;
            }
        }
    }
    shared.gone();
    ended();
}

async fn receive(control: &AsyncFd<OwnedFd>) -> Result<(FromZygote, Vec<OwnedFd>), ChannelError> {
    let mut text = vec![0; MAX_MESSAGE_BYTES];
    loop {
        let mut guard = control
            .readable()
            .await
            .map_err(|error| ChannelError::Io(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
        match channel::receive(control.get_ref(), &mut text) {
            Err(ChannelError::Io(Errno::AGAIN)) => guard.clear_ready(),
            heard => return heard,
        }
    }
}
