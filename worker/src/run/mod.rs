//! One run, from a process that waits to the sentence that ends its story.
//!
//! ```text
//! Run::drive ── payload            written by a task of its own
//!            ├─ stdout, stderr    read until they end        printed
//!            ├─ frames            read until they end        framed
//!            ├─ exit, deadline, memory and processor time, alive
//!            ├─ the caller's going away kills it
//!            └─ the end in words, and the result on its way   judge, deliver
//! ```

mod deliver;
mod framed;
mod judge;
mod log;
mod printed;
mod progress;
mod transfer;

pub use judge::{not_fetched, shut_down};
pub use transfer::Transfers;

use crate::zygote::{Account, Process};
use domain::{event::LogStream, limits::Limits};
use judge::{Ending, Stop};
use log::Log;
use progress::Progress;
use protocol::{
    execute::{ALIVE_EVERY_S, ExecuteEvent, Finished, UploadUrls},
    zygote::{Exit, PayloadFile, RunLimits, payload},
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc::UnboundedSender,
    time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until},
};

/// How often what a run uses is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(50);
/// Longest time from a kill to the news of the end.
const REAP_WITHIN: Duration = Duration::from_secs(5);
/// Memory over its limit at which a run is stopped from outside: the kernel's own limit comes first.
const MEMORY_SLACK_KB: u64 = 8 * 1024;
/// Read from a pipe at a time, bytes.
const CHUNK: usize = 64 * 1024;

/// Everything a run needs to know.
#[derive(Debug)]
pub struct Job {
    pub code: String,
    pub inputs: String,
    pub files: Vec<PayloadFile<Vec<u8>>>,
    pub limits: Limits,
    pub uploads: Option<UploadUrls>,
    /// Results up to this many bytes come back inline although there is an upload slot.
    pub inline_bytes: u64,
}

pub struct Run {
    job: Job,
    process: Process,
    events: UnboundedSender<ExecuteEvent>,
    transfers: Transfers,
    stdout: Log,
    stderr: Log,
    log_left: u64,
    printed: u64,
    progress: Progress,
    figures: usize,
    stop: Option<Stop>,
    ending: Ending,
    exit: Option<Exit>,
    /// What it had used when it said its last word.
    account: Option<Account>,
}

/// Which ends of the process are still open.
struct Open {
    stdout: bool,
    stderr: bool,
    frames: bool,
    exit: bool,
}

impl Open {
    const fn any(&self) -> bool {
        self.stdout || self.stderr || self.frames || self.exit
    }
}

impl Run {
    pub fn new(
        job: Job,
        process: Process,
        events: UnboundedSender<ExecuteEvent>,
        transfers: Transfers,
    ) -> Self {
        Self {
            job,
            process,
            events,
            transfers,
            stdout: Log::new(LogStream::Stdout),
            stderr: Log::new(LogStream::Stderr),
            log_left: domain::limits::MAX_LOG_BYTES,
            printed: 0,
            progress: Progress::default(),
            figures: 0,
            stop: None,
            ending: Ending::Nothing,
            exit: None,
            account: None,
        }
    }

    /// Runs it to its end, whatever it does. `stopping` resolves when the worker cannot wait longer.
    /// The process comes back, because ending one that has said its last word can wait until the
    /// caller has the answer; dropping it ends it.
    pub async fn drive(mut self, stopping: impl Future<Output = ()>) -> (Finished, Process) {
        let started = Instant::now();
        let limits = self.job.limits;
        self.write_payload();
        let mut deadline = started + Duration::from_secs(limits.wall_s.into());
        let mut alive = every(Duration::from_secs(ALIVE_EVERY_S));
        let mut watch = every(WATCH_EVERY);
        let mut open = Open {
            stdout: true,
            stderr: true,
            frames: true,
            exit: true,
        };
        let (mut out, mut err) = (vec![0; CHUNK], vec![0; CHUNK]);
        tokio::pin!(stopping);
        let events = self.events.clone();
        while open.any() {
            tokio::select! {
                frame = self.process.frames.next(limits.output_bytes), if open.frames => {
                    open.frames = self.take_frame(frame);
                }
                read = self.process.stdout.read(&mut out), if open.stdout => {
                    let read = read.unwrap_or(0);
                    open.stdout = read > 0;
                    self.print(LogStream::Stdout, &out[..read]);
                }
                read = self.process.stderr.read(&mut err), if open.stderr => {
                    let read = read.unwrap_or(0);
                    open.stderr = read > 0;
                    self.print(LogStream::Stderr, &err[..read]);
                }
                exit = &mut self.process.exit, if open.exit => {
                    open.exit = false;
                    self.exit = exit.ok();
                    if self.exit.is_none() {
                        self.lose();
                    }
                }
                _ = watch.tick(), if self.stop.is_none() => self.watch(),
                _ = alive.tick() => self.say(ExecuteEvent::Alive),
                () = events.closed(), if self.stop.is_none() => self.kill(Stop::Cancelled),
                () = &mut stopping, if self.stop.is_none() => self.kill(Stop::Shutdown),
                () = sleep_until(deadline) => match self.stop {
                    None => {
                        self.kill(Stop::Wall);
                        deadline = Instant::now() + REAP_WITHIN;
                    }
                    // Killed and still not gone: the zygote, which reaps, does not work.
                    Some(_) => {
                        self.lose();
                        break;
                    }
                },
            }
            if self.account.is_some() {
                self.read_what_is_there();
                break;
            }
            if self.stop.is_some() && deadline > Instant::now() + REAP_WITHIN {
                deadline = Instant::now() + REAP_WITHIN;
            }
        }
        let finished = self.finish(started.elapsed(), stopping).await;
        (finished, self.process)
    }

    /// In a task of its own: a process that does not read its payload must not keep us from watching it.
    fn write_payload(&mut self) {
        let Some(mut pipe) = self.process.payload.take() else {
            return;
        };
        let limits = RunLimits {
            wall_s: self.job.limits.wall_s,
            cpu_s: self.job.limits.cpu_s,
            memory_mb: self.job.limits.memory_mb,
            output_bytes: self.job.limits.output_bytes,
            inline_figures: self.job.uploads.is_none(),
        };
        let files = std::mem::take(&mut self.job.files);
        let bytes = payload(&limits, &self.job.code, &self.job.inputs, &files);
        drop(files);
        tokio::spawn(async move {
            // It fails only when the process is gone, and then its end is what matters.
            let _ = pipe.write_all(&bytes).await;
        });
    }

    fn say(&self, event: ExecuteEvent) {
        // A caller that is gone is noticed by `closed`.
        let _ = self.events.send(event);
    }

    /// The first reason counts.
    fn kill(&mut self, stop: Stop) {
        self.process.kill();
        self.stop.get_or_insert(stop);
    }

    /// Nobody will report the end of the process. Only a run that we had no reason to end was lost
    /// by us: one that was over its limits must not be tried again.
    fn lose(&mut self) {
        if matches!(self.stop, None | Some(Stop::Done)) {
            self.stop = Some(Stop::ZygoteLost);
        }
    }

    /// The kernel refuses address space first, and knows processor time in whole seconds only; this
    /// catches the rest.
    fn watch(&mut self) {
        let Some(used) = self.process.usage() else {
            return;
        };
        let limits = self.job.limits;
        let memory = u64::from(limits.memory_mb) * 1024 + MEMORY_SLACK_KB;
        let cpu_us = u64::from(limits.cpu_s) * 1_000_000;
        if used.resident_kb.saturating_sub(self.process.baseline_kb) > memory {
            self.kill(Stop::Memory);
        } else if used.cpu_us.saturating_sub(self.process.warming_us) >= cpu_us {
            self.kill(Stop::Cpu);
        }
    }
}

/// Ticks, the first time after one period.
pub fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
