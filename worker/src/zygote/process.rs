//! One process, made for one run: its pipes, its handle, and the certainty that it ends.

use super::{FrameError, Frames, Zygote, ZygoteError};
use protocol::zygote::Exit;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    pipe::{PipeFlags, pipe_with},
    process::{Signal, pidfd_send_signal},
};
use std::{
    fs, io,
    os::fd::{AsRawFd, OwnedFd},
    sync::Arc,
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::unix::pipe, sync::oneshot, time::timeout};

/// Longest last words, bytes.
const LAST_WORDS: u64 = 4096;

/// Longest time from a kill to the news of the end.
const END_WITHIN: Duration = Duration::from_secs(5);

/// Fields of `/proc/PID/stat`, counted after the name.
const UTIME: usize = 11;
const STIME: usize = 12;
const RSS: usize = 21;

/// What a process uses.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    pub cpu_us: u64,
    pub resident_kb: u64,
}

/// What a process has used in all.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    pub cpu_us: u64,
    pub peak_kb: u64,
}

/// Our ends of a process's pipes.
pub struct Ours {
    stdout: pipe::Receiver,
    stderr: pipe::Receiver,
    payload: pipe::Sender,
    frames: pipe::Receiver,
}

/// A process that waits for its payload, or runs it. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    pub zygote: Arc<Zygote>,
    handle: OwnedFd,
    pid: Option<i32>,
    pub stdout: pipe::Receiver,
    pub stderr: pipe::Receiver,
    pub payload: Option<pipe::Sender>,
    pub frames: Frames,
    pub exit: oneshot::Receiver<Exit>,
    /// Resident memory that came from the zygote, kB; what a run uses counts from here.
    pub baseline_kb: u64,
    /// CPU time before the payload, microseconds.
    pub warming_us: u64,
}

/// The four pipes of a process: our ends, and theirs in the order that the protocol has them.
pub fn pipes() -> io::Result<(Ours, [OwnedFd; 4])> {
    let pipe = || pipe_with(PipeFlags::CLOEXEC);
    let (stdout, stdout_end) = pipe()?;
    let (stderr, stderr_end) = pipe()?;
    let (payload_end, payload) = pipe()?;
    let (frames, frames_end) = pipe()?;
    let ours = Ours {
        stdout: receiver(stdout)?,
        stderr: receiver(stderr)?,
        payload: sender(payload)?,
        frames: receiver(frames)?,
    };
    Ok((ours, [stdout_end, stderr_end, payload_end, frames_end]))
}

fn receiver(fd: OwnedFd) -> io::Result<pipe::Receiver> {
    rustix::io::ioctl_fionbio(&fd, true)?;
    pipe::Receiver::from_owned_fd(fd)
}

fn sender(fd: OwnedFd) -> io::Result<pipe::Sender> {
    rustix::io::ioctl_fionbio(&fd, true)?;
    pipe::Sender::from_owned_fd(fd)
}

impl Process {
    pub fn new(
        zygote: Arc<Zygote>,
        handle: OwnedFd,
        ours: Ours,
        exit: oneshot::Receiver<Exit>,
    ) -> Self {
        Self {
            zygote,
            pid: pid(&handle),
            handle,
            stdout: ours.stdout,
            stderr: ours.stderr,
            payload: Some(ours.payload),
            frames: Frames::new(ours.frames),
            exit,
            baseline_kb: 0,
            warming_us: 0,
        }
    }

    /// Takes note of what a process says of itself when it is locked down.
    pub fn ready(&mut self, body: &[u8]) -> Result<(), ZygoteError> {
        let micros = body.try_into().map_err(|_| FrameError::Torn)?;
        self.warming_us = u64::from_be_bytes(micros);
        self.baseline_kb = self.usage().map_or(0, |used| used.resident_kb);
        Ok(())
    }

    /// What a process that ended before its time wrote on standard error.
    pub async fn last_words(&mut self) -> String {
        let mut words = Vec::new();
        let read = (&mut self.stderr)
            .take(LAST_WORDS)
            .read_to_end(&mut words)
            .await;
        match read {
            Ok(1..) => String::from_utf8_lossy(&words).into_owned(),
            _ => "it ended without a word".to_owned(),
        }
    }

    /// What it uses now; none when it is gone or this system hides it.
    pub fn usage(&self) -> Option<Used> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid?)).ok()?;
        // The name may hold anything; the fields are counted from its closing bracket.
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let field = |n: usize| fields.get(n)?.parse::<u64>().ok();
        let ticks = field(UTIME)? + field(STIME)?;
        Some(Used {
            cpu_us: ticks * 1_000_000 / rustix::param::clock_ticks_per_second(),
            resident_kb: field(RSS)? * (rustix::param::page_size() as u64 / 1024),
        })
    }

    /// What it has used up to now, exactly; none when it is gone or this system hides it.
    pub fn account(&self) -> Option<Account> {
        let pid = self.pid?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(Account {
            cpu_us: cpu_us(pid)?,
            peak_kb: peak.trim().strip_suffix(" kB")?.parse().ok()?,
        })
    }

    /// Whether it has not ended yet, asked of the kernel.
    pub fn is_alive(&self) -> bool {
        let mut handle = [PollFd::new(&self.handle, PollFlags::IN)];
        let at_once = Timespec::default();
        poll(&mut handle, Some(&at_once)).is_ok_and(|ended| ended == 0)
    }

    /// Ends it and waits until nothing of it is left.
    pub async fn end(&mut self) {
        self.kill();
        if !self.exit.is_terminated() {
            // Without an answer in time the zygote does not work, and is replaced.
            let _ = timeout(END_WITHIN, &mut self.exit).await;
        }
    }

    /// Ends it, and with it all of its namespace; harmless when it has ended.
    pub fn kill(&self) {
        // The only failure is that it is gone already.
        let _ = pidfd_send_signal(&self.handle, Signal::KILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The number of the process that a handle stands for, as this worker counts.
fn pid(handle: &OwnedFd) -> Option<i32> {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", handle.as_raw_fd())).ok()?;
    let pid = info.lines().find_map(|line| line.strip_prefix("Pid:"))?;
    pid.trim().parse().ok().filter(|pid| *pid > 0)
}

/// The processor time of another process, all its threads together.
fn cpu_us(pid: i32) -> Option<u64> {
    let mut clock = 0;
    // SAFETY: the clock's number outlives the call.
    if unsafe { libc::clock_getcpuclockid(pid, &raw mut clock) } != 0 {
        return None;
    }
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the time outlives the call.
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return None;
    }
    Some(time.tv_sec.unsigned_abs() * 1_000_000 + time.tv_nsec.unsigned_abs() / 1000)
}
