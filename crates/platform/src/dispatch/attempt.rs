//! One attempt at a run: sends it, passes its events on, and comes to an ending.

use super::{
    active::{StopReason, StopSwitch},
    dispatcher::{Shared, Slot},
    ending,
    loss::Loss,
    ndjson::Lines,
    policy::{self, Backend},
    request,
    serverless::Refusal,
};
use crate::{
    db::{BatchResult, ClaimedRun, Ending, Outcome},
    metrics::{Lost, Refused, RunEnd},
};
use domain::{
    event::{LogStream, RunEventKind},
    limits::MAX_LOG_BYTES,
    run::{ErrorKind, RunStatus},
    trace::TraceParent,
};
use futures::FutureExt;
use protocol::execute::{ExecuteEvent, ExecuteRequest, Finished, Started};
use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, SystemTime},
};
use telemetry::trace::{self, PastSpan};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{Instrument, field};

/// Longest progress message that is kept, bytes.
const MAX_PROGRESS_BYTES: usize = 1000;
/// How long a worker may keep the connection open after its last line.
const DRAIN_TIME: Duration = Duration::from_secs(1);
/// A timer that is later than this says that the process stood still: a paused machine, no CPU.
const STOOD_STILL: Duration = Duration::from_millis(500);
/// Tries to write an ending while the database fails, and the first pause between them.
const COMMIT_TRIES: u32 = 8;
const COMMIT_PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Attempt {
    shared: Arc<Shared>,
    run: ClaimedRun,
    claimed: Instant,
    /// Where in its trace the attempt is.
    trace: TraceParent,
    stop: Arc<StopSwitch>,
    /// Until the worker is done with the run.
    slot: Option<Slot>,
    environment: Option<Started>,
    /// Bytes of log that may still be kept.
    log_left: u64,
}

/// How following a run ended.
enum End {
    Finished(Box<Finished>, Lines),
    Overdue,
    Stopped(StopReason),
}

impl Attempt {
    pub(super) fn new(
        shared: Arc<Shared>,
        run: ClaimedRun,
        stop: Arc<StopSwitch>,
        slot: Slot,
    ) -> Self {
        Self {
            shared,
            claimed: Instant::now(),
            trace: run.trace.unwrap_or_else(trace::new),
            run,
            stop,
            slot: Some(slot),
            environment: None,
            log_left: MAX_LOG_BYTES,
        }
    }

    /// From the claim, which began then, to the committed ending, as a part of the run's trace.
    pub(super) async fn execute(mut self, claim_began: SystemTime) {
        let Self { run, trace, .. } = &mut self;
        trace::record(&PastSpan {
            name: "claim",
            parent: *trace,
            begun: claim_began,
            ended: SystemTime::now(),
        });
        let span = tracing::error_span!(
            parent: None,
            "attempt",
            run = %run.id,
            attempt = run.attempt,
            trace = field::Empty
        );
        *trace = trace::place(&span, Some(*trace));
        self.follow_through().instrument(span).await;
    }

    async fn follow_through(mut self) {
        let ending = AssertUnwindSafe(self.ending()).catch_unwind().await;
        let ending = ending.unwrap_or_else(|_| {
            tracing::error!(run = %self.run.id, "an attempt panicked");
            Some(self.after_loss(&Loss::Defect))
        });
        self.slot = None;
        let waits_again = matches!(ending, Some(Ending::Requeue { .. } | Ending::Release));
        if let Some(ending) = ending {
            self.commit(ending).await;
        }
        self.shared.active.end(self.run.id, &self.stop);
        if waits_again {
            self.shared.wake.run_waits();
        }
    }

    /// Sends the run and follows it; `None` when it is not this attempt's any more.
    async fn ending(&mut self) -> Option<Ending> {
        let request = match self.request().await {
            Ok(request) => request,
            Err(loss) => return Some(self.after_loss(&loss)),
        };
        let lines = match self.send(&request).await {
            Ok(lines) => lines,
            Err(ending) => return ending,
        };
        drop(request);
        self.shared.metrics.taken(&self.run);
        let begun = SystemTime::now();
        self.event(RunEventKind::Attempt).await;
        let end = self.follow(lines).await;
        trace::record(&PastSpan {
            name: "execute",
            parent: self.trace,
            begun,
            ended: SystemTime::now(),
        });
        match end {
            Ok(End::Finished(finished, lines)) => Some(self.after_finish(*finished, lines).await),
            Ok(End::Stopped(reason)) => self.after_stop(reason),
            Ok(End::Overdue) => Some(ending::overdue(&self.run, self.environment.clone())),
            Err(loss) => Some(self.after_loss(&loss)),
        }
    }

    async fn request(&self) -> Result<ExecuteRequest, Loss> {
        let Shared {
            objects,
            config,
            inline_bytes,
            ..
        } = self.shared.as_ref();
        Ok(request::request(&self.run, objects.as_ref(), config, *inline_bytes).await?)
    }

    /// Finds a worker that takes the run, or says what becomes of it.
    async fn send(&mut self, request: &ExecuteRequest) -> Result<Lines, Option<Ending>> {
        let stop = Arc::clone(&self.stop);
        let sent = match policy::backend(self.run.limits.wall_s) {
            Backend::Serverless => tokio::select! {
                reason = stop.stopped() => return Err(self.after_stop(reason)),
                sent = self.shared.serverless.execute(request, self.trace) => sent,
            },
        };
        match sent {
            Ok(lines) => {
                self.shared.window().taken();
                // There may be room for more now.
                self.shared.wake.room();
                self.shared.reachable(self.run.id);
                Ok(lines)
            }
            Err(Refusal::Busy(retry_after)) => {
                self.shared.metrics.refused(Refused::Busy);
                if let Some(slot) = self.slot.take() {
                    slot.refused(retry_after);
                }
                Err(Some(Ending::Release))
            }
            Err(Refusal::Unreachable(reason)) => {
                self.shared.metrics.refused(Refused::Unreachable);
                if let Some(slot) = self.slot.take() {
                    slot.unreachable();
                }
                self.shared.unreachable(&reason);
                Err(Some(Ending::Release))
            }
            Err(Refusal::Unanswered) => {
                if let Some(slot) = self.slot.take() {
                    slot.unreachable();
                }
                self.shared.unreachable("the worker does not answer");
                Err(Some(self.after_no_answer()))
            }
            Err(Refusal::Rejected(status)) => {
                Err(Some(self.after_loss(&Loss::Rejected { status })))
            }
            Err(Refusal::Lost) => Err(Some(self.after_loss(&Loss::Disconnected))),
        }
    }

    /// Passes events on until the run ends, one way or the other. Dropping the lines closes the
    /// connection, which makes the worker kill the run.
    async fn follow(&mut self, mut lines: Lines) -> Result<End, Loss> {
        let config = &self.shared.config;
        let silence = config.silence;
        let wall = Duration::from_secs(self.run.limits.wall_s.into());
        let mut deadline = Instant::now() + wall + config.grace;
        let stop = Arc::clone(&self.stop);
        loop {
            let heard_by = (Instant::now() + silence).min(deadline);
            let line = tokio::select! {
                biased;
                reason = stop.stopped() => return Ok(End::Stopped(reason)),
                line = timeout_at(heard_by, lines.next()) => line,
            };
            let now = Instant::now();
            if now > heard_by + STOOD_STILL {
                // This process did not run for a while. What the worker wrote meanwhile has not
                // been read yet, so nothing can be said about it.
                deadline = deadline.max(now + silence);
                if line.is_err() {
                    continue;
                }
            }
            let line = match line {
                Ok(line) => line?.ok_or(Loss::Disconnected)?,
                Err(_) if now >= deadline => return Ok(End::Overdue),
                Err(_) => {
                    let seconds = silence.as_secs_f64();
                    return Err(Loss::Silent { seconds });
                }
            };
            let line = std::str::from_utf8(&line).map_err(|_| Loss::Garbled)?;
            match ExecuteEvent::from_line(line).map_err(|_| Loss::Garbled)? {
                ExecuteEvent::Finished(finished) => {
                    return Ok(End::Finished(Box::new(finished), lines));
                }
                event => self.pass_on(event).await,
            }
            if Instant::now() >= deadline {
                return Ok(End::Overdue);
            }
        }
    }

    async fn pass_on(&mut self, event: ExecuteEvent) {
        match event {
            ExecuteEvent::Started(started) => {
                let kind = RunEventKind::Started {
                    python: started.python.clone(),
                    packages_hash: started.packages_hash.clone(),
                    sandbox_level: started.sandbox_level.clone(),
                    sandbox_layers: started.sandbox_layers.clone(),
                };
                self.environment = Some(started);
                self.event(kind).await;
            }
            ExecuteEvent::Log { stream, text } => self.log(stream, text).await,
            ExecuteEvent::Progress {
                fraction,
                mut message,
            } => {
                message.truncate(message.floor_char_boundary(MAX_PROGRESS_BYTES));
                let fraction = if fraction.is_finite() {
                    fraction.clamp(0.0, 1.0)
                } else {
                    0.0
                };
                self.event(RunEventKind::Progress { fraction, message })
                    .await;
            }
            ExecuteEvent::Alive | ExecuteEvent::Finished(_) => {}
        }
    }

    /// Keeps what the limit allows and says so when it is passed.
    async fn log(&mut self, stream: LogStream, mut text: String) {
        if self.log_left == 0 {
            return;
        }
        let left = usize::try_from(self.log_left).unwrap_or(usize::MAX);
        let cut = text.len() > left;
        text.truncate(text.floor_char_boundary(left));
        self.log_left = if cut {
            0
        } else {
            self.log_left - text.len() as u64
        };
        if !text.is_empty() {
            self.event(RunEventKind::Log { stream, text }).await;
        }
        if cut {
            let text = format!("\nThe log is cut here: it passed {MAX_LOG_BYTES} bytes.\n");
            let stream = LogStream::System;
            self.event(RunEventKind::Log { stream, text }).await;
        }
    }

    async fn event(&self, kind: RunEventKind) {
        let Attempt { shared, run, .. } = self;
        shared.writer.event(run.id, run.attempt, kind).await;
    }

    async fn after_finish(&mut self, finished: Finished, lines: Lines) -> Ending {
        // The worker is done when it closes its answer, which storing need not wait for.
        tokio::spawn(drain(lines, self.slot.take()));
        let ending = ending::finished(&self.run, self.environment.clone(), finished, &self.shared);
        ending.await.unwrap_or_else(|loss| self.after_loss(&loss))
    }

    fn after_loss(&self, loss: &Loss) -> Ending {
        tracing::warn!(run = %self.run.id, attempt = self.run.attempt, %loss, "attempt lost");
        self.shared.metrics.lost(loss.reason());
        ending::after_loss(&self.run, loss, &self.shared.config)
    }

    /// The worker may have the run after all, so the next attempt has a number, and objects, of its
    /// own; the run itself is not to blame, so nothing is counted.
    fn after_no_answer(&self) -> Ending {
        self.shared.metrics.lost(Lost::NoAnswer);
        let seconds = self.shared.config.answer.as_secs_f64();
        Ending::Requeue {
            reason: format!("The worker did not answer within {seconds} s. The run starts again."),
            pause: Duration::ZERO,
            counts: false,
        }
    }

    fn after_stop(&self, reason: StopReason) -> Option<Ending> {
        match reason {
            StopReason::Cancelled => {
                let cancelled = Outcome::without_result(RunStatus::Cancelled, None);
                Some(Ending::Outcome(Box::new(cancelled)))
            }
            StopReason::LeaseLost => {
                self.shared.metrics.lost(Lost::NoLease);
                None
            }
            StopReason::Shutdown => {
                self.shared.metrics.lost(Lost::ServerStopped);
                Some(Ending::Requeue {
                    reason: "The server was stopped. The run starts again with it.".into(),
                    pause: Duration::ZERO,
                    counts: false,
                })
            }
        }
    }

    /// Writes the ending. While the database fails the lease is kept; when it fails for too long,
    /// the attempt is given up, its lease is not renewed any more, and the run is recovered.
    async fn commit(&self, ending: Ending) {
        let Attempt { shared, run, .. } = self;
        let mut pause = COMMIT_PAUSE;
        for _ in 0..COMMIT_TRIES {
            match shared.writer.end(run.id, run.attempt, ending.clone()).await {
                Ok(BatchResult::Written { status, .. }) => {
                    self.ended(status, &ending);
                    return;
                }
                Ok(BatchResult::Lost) => {
                    tracing::warn!(run = %run.id, attempt = run.attempt, "attempt ended after it had lost its run");
                    return;
                }
                Err(error) => tracing::error!(run = %run.id, %error, "ending not written"),
            }
            sleep(pause).await;
            pause *= 2;
        }
    }

    /// Says and counts what was committed: whatever the attempt came to, its user's wish goes first.
    fn ended(&self, status: RunStatus, ending: &Ending) {
        let outcome = match ending {
            // Full workers are offered a run now and then, which is no news.
            Ending::Release if !status.is_final() => {
                tracing::debug!(run = %self.run.id, attempt = self.run.attempt, "not taken");
                return;
            }
            Ending::Outcome(outcome) if outcome.status == status => Some(outcome),
            _ => None,
        };
        let usage = outcome.and_then(|outcome| outcome.usage);
        let error = outcome.and_then(|outcome| outcome.error.as_ref());
        let error = error.map(|error| error.kind);
        tracing::info!(
            run = %self.run.id,
            attempt = self.run.attempt,
            status = status.as_str(),
            error = error.map(ErrorKind::as_str),
            wall_ms = usage.map(|usage| usage.wall_ms),
            "attempt ended"
        );
        if status.is_final() {
            let wall = usage.map(|usage| Duration::try_from_secs_f64(usage.wall_ms / 1000.0));
            self.shared.metrics.run_ended(&RunEnd {
                status,
                error,
                wall: wall.and_then(Result::ok),
                in_all: self.run.age + self.claimed.elapsed(),
            });
        }
    }
}

/// Waits until the worker has closed its answer, then lets the next run be sent.
async fn drain(mut lines: Lines, slot: Option<Slot>) {
    let _ = timeout(DRAIN_TIME, lines.drain()).await;
    drop(slot);
}
