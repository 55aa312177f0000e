//! One run, from a process that waits to the sentence that ends its story.
//!
//! ```text
//! Run::drive ── payload   written by a task of its own
//!            ├─ stdout, stderr, frames    read until they end
//!            ├─ exit, deadline, memory and processor time, alive
//!            └─ the caller's going away   kills it
//! ```

mod judge;
mod log;
mod progress;
mod transfer;

pub use judge::{not_fetched, shut_down};
pub use transfer::Transfers;

use crate::zygote::{Account, Frame, FrameError, Process};
use bytes::Bytes;
use domain::{
    event::LogStream,
    limits::{Limits, MAX_FIGURES, MAX_PRINTED_BYTES},
    run::RunStatus,
};
use judge::{Ending, Stop};
use log::Log;
use progress::Progress;
use protocol::{
    execute::{ALIVE_EVERY_S, ExecuteEvent, Finished, UploadUrls, Usage},
    zygote::{Exit, FIGURE_HEADER, FrameKind, PayloadFile, RunLimits, payload},
};
use serde_json::value::RawValue;
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
/// What a pipe can hold, bytes; runs cannot enlarge theirs.
const PIPE_BYTES: usize = 1024 * 1024;
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

    fn print(&mut self, stream: LogStream, bytes: &[u8]) {
        self.printed += bytes.len() as u64;
        if self.printed > MAX_PRINTED_BYTES {
            self.kill(Stop::Printed);
        }
        let log = match stream {
            LogStream::Stderr => &mut self.stderr,
            LogStream::Stdout | LogStream::System => &mut self.stdout,
        };
        for event in log.events(bytes, &mut self.log_left) {
            self.say(event);
        }
    }

    /// What was printed before the last word is in the pipes by now. Asked of the kernel: the
    /// runtime would say that there is nothing until it has heard of it. No more than a pipe holds:
    /// a thread that the run left behind may print without end.
    fn read_what_is_there(&mut self) {
        let mut chunk = vec![0; CHUNK];
        for stream in [LogStream::Stdout, LogStream::Stderr] {
            let mut left = PIPE_BYTES;
            while left > 0 {
                let pipe = match stream {
                    LogStream::Stderr => &self.process.stderr,
                    LogStream::Stdout | LogStream::System => &self.process.stdout,
                };
                let Ok(read @ 1..) = rustix::io::read(pipe, &mut chunk) else {
                    break;
                };
                left = left.saturating_sub(read);
                self.print(stream, &chunk[..read]);
            }
        }
    }

    /// Whether further frames are wanted.
    fn take_frame(&mut self, frame: Result<Option<Frame>, FrameError>) -> bool {
        match frame {
            Ok(Some(Frame { kind, body })) => self.take(kind, body),
            Ok(None) => false,
            Err(error) => {
                self.kill(Stop::Frame(error));
                false
            }
        }
    }

    fn take(&mut self, kind: FrameKind, body: Bytes) -> bool {
        match kind {
            FrameKind::Result => self.ending = Ending::Result(body),
            FrameKind::Error => self.ending = Ending::Error(body),
            FrameKind::Progress => {
                if let Some(event) = self.progress.event(&body) {
                    self.say(event);
                }
                return true;
            }
            FrameKind::Log => {
                for event in log::note(&body, &mut self.log_left) {
                    self.say(event);
                }
                return true;
            }
            FrameKind::Figure => return self.take_figure(&body),
            FrameKind::Ready => {
                self.kill(Stop::Frame(FrameError::Unknown(kind as u8)));
                return false;
            }
        }
        // Neither threads it left behind nor the taking down of its memory delay its end, when what
        // it used is known already.
        self.account = self.process.account();
        match self.account {
            Some(_) => {
                self.stop.get_or_insert(Stop::Done);
            }
            None => self.kill(Stop::Done),
        }
        false
    }

    /// Uploads begin at once, beside the run. Without slots the runner writes figures into the
    /// result, and none that comes this way is kept. The runner numbers figures as they come; a
    /// slot that got two images would be refused by the store, which looks like a failure of ours.
    fn take_figure(&mut self, body: &Bytes) -> bool {
        let expected = self.figures;
        self.figures += 1;
        let slots = self
            .job
            .uploads
            .as_ref()
            .map(|uploads| uploads.figures.len());
        let most = slots.unwrap_or(MAX_FIGURES).min(MAX_FIGURES);
        if expected >= most {
            self.kill(Stop::Figures(most));
            return false;
        }
        let Some(uploads) = &self.job.uploads else {
            return true;
        };
        let Some((header, image)) = body.split_first_chunk::<FIGURE_HEADER>() else {
            self.kill(Stop::Frame(FrameError::Torn));
            return false;
        };
        let [a, b, c, d, format] = *header;
        if u32::from_be_bytes([a, b, c, d]) as usize != expected {
            self.kill(Stop::Frame(FrameError::Torn));
            return false;
        }
        let slot = &uploads.figures[expected];
        let media_type = if format == 0 {
            "image/svg+xml"
        } else {
            "image/png"
        };
        self.transfers
            .put(slot.clone(), media_type, body.slice_ref(image));
        true
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

    async fn finish(&mut self, wall: Duration, stopping: impl Future<Output = ()>) -> Finished {
        for event in [self.stdout.rest(), self.stderr.rest()]
            .into_iter()
            .flatten()
        {
            self.say(event);
        }
        let exit = self.exit.unwrap_or_default();
        let Account { cpu_us, peak_kb } = self.account.unwrap_or(Account {
            cpu_us: exit.cpu_us,
            peak_kb: exit.peak_kb,
        });
        let usage = Usage {
            cpu_ms: cpu_us.saturating_sub(self.process.warming_us) as f64 / 1000.0,
            wall_ms: wall.as_micros() as f64 / 1000.0,
            memory_peak_mb: peak_kb.saturating_sub(self.process.baseline_kb) as f64 / 1024.0,
        };
        let stop = self.stop.take().unwrap_or(Stop::None);
        let ending = std::mem::replace(&mut self.ending, Ending::Nothing);
        let finished = match judge::judge(stop, ending, &exit, &self.job.limits, usage) {
            Ok(result) => self.deliver(result, usage, stopping).await,
            Err(finished) => return *finished,
        };
        finished.unwrap_or_else(|error| judge::not_delivered(&error, usage))
    }

    /// Brings the result where it belongs, while the caller keeps hearing that we are alive.
    async fn deliver(
        &mut self,
        result: Box<RawValue>,
        usage: Usage,
        stopping: impl Future<Output = ()>,
    ) -> Result<Finished, transfer::TransferError> {
        let bytes = result.get().len() as u64;
        let slot = self
            .job
            .uploads
            .as_ref()
            .map(|uploads| uploads.result.clone());
        let slot = slot.filter(|_| bytes > self.job.inline_bytes);
        let mut finished = Finished {
            status: RunStatus::Completed,
            result: None,
            result_key: None,
            result_bytes: Some(bytes),
            error: None,
            usage,
        };
        match slot {
            None => finished.result = Some(result),
            Some(slot) => {
                finished.result_key = Some(slot.key.clone());
                let body = Bytes::from(String::from(Box::<str>::from(result)).into_bytes());
                self.transfers.put(slot, "application/json", body);
            }
        }
        if !self.transfers.are_done() {
            self.process.kill();
        }
        let mut alive = every(Duration::from_secs(ALIVE_EVERY_S));
        let events = self.events.clone();
        tokio::pin!(stopping);
        loop {
            tokio::select! {
                done = self.transfers.join() => return done.map(|()| finished),
                _ = alive.tick() => self.say(ExecuteEvent::Alive),
                () = events.closed() => return Ok(judge::interrupted(&Stop::Cancelled, usage)),
                () = &mut stopping => return Ok(judge::interrupted(&Stop::Shutdown, usage)),
            }
        }
    }
}

/// Ticks, the first time after one period.
pub fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
