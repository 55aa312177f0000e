//! The zygote's state: the socket to the worker, the process being made, and those that live.

use crate::{
    channel::{self, ChannelError},
    pages,
    settings::{JailSettings, SETTINGS_VARIABLE},
};
use domain::limits::{MAX_MEMORY_MB, MAX_WALL_S};
use protocol::zygote::{Exit, FromZygote, Interpreter, ToZygote};
use rustix::event::{PollFd, PollFlags, poll};
use sandbox::{
    confine::{Confined, Confinement, Most, lower},
    gate,
    jail::CONTROL_FD,
};
use std::{
    fs, io,
    os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd},
};

/// Longest message that the worker sends, bytes. On the stack, and short: what the zygote writes to,
/// it shares with every process it forks, and copies again after each.
const WISH_BYTES: usize = 1024;

/// Why the zygote cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ZygoteError {
    #[error("{SETTINGS_VARIABLE} is unreadable: {0}")]
    Settings(serde_json::Error),
    #[error("what the interpreter says of itself is unreadable: {0}")]
    Interpreter(serde_json::Error),
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    #[error("the worker: {0}")]
    Channel(#[from] ChannelError),
    #[error("a fork was asked for with {0} descriptors instead of 4")]
    Descriptors(usize),
    #[error("a process cannot be made or watched: {0}")]
    Process(#[from] io::Error),
}

/// The process that the worker wants.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    /// Prewarmed.
    Warm,
    /// As soon as possible: a run waits for it.
    AtOnce,
}

/// A process that has not been reaped.
struct Living {
    child: u64,
    pid: libc::pid_t,
    handle: OwnedFd,
}

pub struct Zygote {
    confinement: Confinement,
    /// This process itself, to return to its pid namespace after each fork.
    own: OwnedFd,
    /// What the next fork is for.
    wanted: Option<(u64, Vec<OwnedFd>)>,
    living: Vec<Living>,
    /// Set in a child, by its confinement.
    confined: Option<Confined>,
}

/// The control socket, which lives as long as the process.
fn control() -> BorrowedFd<'static> {
    // SAFETY: the launcher put the socket there, and nothing in the zygote closes it. A child
    // closes it in step C1 and does not come back here.
    unsafe { BorrowedFd::borrow_raw(CONTROL_FD) }
}

/// Tells the worker why there will be no zygote.
pub fn say_failed(message: &str) {
    let message = FromZygote::Failed {
        message: message.to_owned(),
    };
    if let Err(error) = channel::send(control(), &message, &[]) {
        eprintln!("zygote: {error}");
    }
}

impl Zygote {
    pub fn start(settings: &[u8], interpreter: &[u8]) -> Result<Self, ZygoteError> {
        let interpreter: Interpreter =
            serde_json::from_slice(interpreter).map_err(ZygoteError::Interpreter)?;
        let JailSettings { layers, readable } =
            serde_json::from_slice(settings).map_err(ZygoteError::Settings)?;
        let most = Most {
            cpu_s: MAX_WALL_S.into(),
            memory_mb: MAX_MEMORY_MB.into(),
        };
        let confinement = Confinement::new(layers, readable, most)?;
        pages::plug_holes();
        pages::make_huge();
        let own = gate::pidfd(std::process::id().cast_signed())?;
        gate::close(layers)?; // G1, G2
        channel::send(control(), &FromZygote::Ready(interpreter), &[])?;
        Ok(Self {
            confinement,
            own,
            wanted: None,
            living: Vec::new(),
            confined: None,
        })
    }

    /// Reports what ended, until a process is wanted.
    pub fn wait(&mut self) -> Result<Wish, ZygoteError> {
        loop {
            let (asked, ended) = self.poll()?;
            for index in ended.into_iter().rev() {
                self.reap(index)?;
            }
            if asked {
                let (ToZygote::Fork { child, warm }, descriptors) =
                    channel::receive(control(), &mut [0; WISH_BYTES])?;
                if descriptors.len() != 4 {
                    return Err(ZygoteError::Descriptors(descriptors.len()));
                }
                if self.confinement.layers().namespaces {
                    gate::open_pid_namespace()?;
                }
                self.wanted = Some((child, descriptors));
                return Ok(if warm { Wish::Warm } else { Wish::AtOnce });
            }
        }
    }

    /// Whether the worker said something, and which of the living have ended.
    fn poll(&self) -> Result<(bool, Vec<usize>), ZygoteError> {
        let control = control();
        let mut watched: Vec<_> = std::iter::once(control)
            .chain(self.living.iter().map(|living| living.handle.as_fd()))
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        loop {
            match poll(&mut watched, None) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(io::Error::from(error).into()),
                Ok(_) => break,
            }
        }
        let mut states = watched.iter().map(|fd| !fd.revents().is_empty());
        let asked = states.next().unwrap_or(false);
        let ended = states.enumerate().filter(|(_, ended)| *ended);
        Ok((asked, ended.map(|(index, _)| index).collect()))
    }

    fn reap(&mut self, index: usize) -> Result<(), ZygoteError> {
        let Some(exit) = reap(self.living[index].pid)? else {
            return Ok(());
        };
        let living = self.living.swap_remove(index);
        let message = FromZygote::Exited {
            child: living.child,
            exit,
        };
        Ok(channel::send(control(), &message, &[])?)
    }

    pub fn forked(&mut self, pid: libc::pid_t) -> Result<(), ZygoteError> {
        if self.confinement.layers().namespaces {
            gate::return_to_own_pid_namespace(&self.own)?;
        }
        let Some((child, _)) = self.wanted.take() else {
            return Ok(());
        };
        if pid < 0 {
            let message = io::Error::from_raw_os_error(-pid).to_string();
            let message = FromZygote::NotForked { child, message };
            return Ok(channel::send(control(), &message, &[])?);
        }
        let handle = gate::pidfd(pid)?;
        channel::send(control(), &FromZygote::Forked { child }, &[handle.as_fd()])?;
        self.living.push(Living { child, pid, handle });
        Ok(())
    }

    /// In the child.
    pub fn confine(&mut self) -> Result<(), sandbox::Error> {
        let null = fs::File::open("/dev/null").map_err(sandbox::Error::Descriptors)?;
        let given = self.wanted.take().map(|(_, fds)| fds).unwrap_or_default();
        // Raw, because step C1 closes what is not kept, and nothing may close it twice.
        let fds: Vec<RawFd> = std::iter::once(OwnedFd::from(null))
            .chain(given)
            .map(IntoRawFd::into_raw_fd)
            .collect();
        self.confined = Some(self.confinement.confine(&fds)?);
        Ok(())
    }

    pub fn lower(&self, memory_mb: u32, cpu_s: u32) -> Result<(), sandbox::Error> {
        match self.confined {
            Some(confined) if self.confinement.layers().resource_limits => {
                lower(confined, memory_mb.into(), cpu_s.into())
            }
            _ => Ok(()),
        }
    }
}

/// How a process ended, once it has.
fn reap(pid: libc::pid_t) -> io::Result<Option<Exit>> {
    let mut status = 0;
    // SAFETY: all fields of rusage are integers, for which zero is a value.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both structures outlive the call.
    let reaped = unsafe { libc::wait4(pid, &raw mut status, libc::WNOHANG, &raw mut used) };
    match reaped {
        0 => return Ok(None),
        -1 => return Err(io::Error::last_os_error()),
        _ => {}
    }
    let micros =
        |time: libc::timeval| time.tv_sec.unsigned_abs() * 1_000_000 + time.tv_usec.unsigned_abs();
    Ok(Some(Exit {
        code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
        signal: libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status)),
        cpu_us: micros(used.ru_utime) + micros(used.ru_stime),
        peak_kb: used.ru_maxrss.unsigned_abs(),
    }))
}
