//! What is known of a run that is under way, folded from its events.

use super::log::Log;
use crate::components::clock::now;
use domain::{
    Timestamp,
    event::{RunEvent, RunEventKind},
    run::{RunDetail, RunStatus},
};

/// How far the calculation says it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// From 0 to 1.
    pub fraction: f64,
    pub message: String,
    pub at: Timestamp,
}

/// A step of the story.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Queued,
    Requeued { reason: String },
    Started { python: String, sandbox: String },
}

/// A run that is under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub run: RunDetail,
    pub steps: Vec<(Step, Timestamp)>,
    pub progress: Option<Progress>,
    pub started_at: Option<Timestamp>,
    /// Sequence number of the last event that was taken in.
    pub last_seq: u64,
    /// Cancelling was asked for and not confirmed yet.
    pub cancelling: bool,
    pub finished: bool,
    /// When this browser first saw the run, by its own clock, milliseconds.
    pub seen_at: i64,
    /// The run had not started then.
    seen_waiting: bool,
    /// Milliseconds that this browser's clock is ahead of the server's, as far as events have shown.
    pub clock_ahead: i64,
}

impl Live {
    #[must_use]
    pub fn new(run: RunDetail) -> Self {
        Self {
            seen_waiting: run.summary.status == RunStatus::Queued,
            run,
            steps: Vec::new(),
            progress: None,
            started_at: None,
            last_seq: 0,
            cancelling: false,
            finished: false,
            seen_at: now(),
            clock_ahead: 0,
        }
    }

    #[must_use]
    pub fn status(&self) -> RunStatus {
        self.run.summary.status
    }

    /// Takes in one event; one that was seen before changes nothing.
    pub fn apply(&mut self, event: &RunEvent, log: &mut Log) {
        if event.seq <= self.last_seq {
            return;
        }
        self.last_seq = event.seq;
        self.compare_clocks(event, now());
        self.run.summary.attempt = event.attempt;
        match &event.kind {
            RunEventKind::Queued => self.steps.push((Step::Queued, event.at)),
            RunEventKind::Attempt => {
                log.clear();
                self.progress = None;
                self.run.summary.status = RunStatus::Running;
            }
            RunEventKind::Started {
                python,
                sandbox_level,
                ..
            } => {
                self.run.summary.status = RunStatus::Running;
                self.started_at = Some(event.at);
                let step = Step::Started {
                    python: python.clone(),
                    sandbox: sandbox_level.clone(),
                };
                self.steps.push((step, event.at));
            }
            RunEventKind::Log { stream, text } => {
                let since = self.started_at.unwrap_or(event.at);
                log.push(*stream, text, event.at.millis() - since.millis());
            }
            RunEventKind::Progress { fraction, message } => {
                self.progress = Some(Progress {
                    fraction: fraction.clamp(0.0, 1.0),
                    message: message.clone(),
                    at: event.at,
                });
            }
            RunEventKind::Requeued { reason } => {
                self.run.summary.status = RunStatus::Queued;
                self.started_at = None;
                let reason = reason.clone();
                self.steps.push((Step::Requeued { reason }, event.at));
            }
            RunEventKind::Finished {
                status,
                error,
                wall_ms,
            } => {
                self.finished = true;
                self.run.summary.status = *status;
                self.run.summary.error.clone_from(error);
                self.run.summary.wall_ms = *wall_ms;
            }
        }
    }

    /// An event comes a moment after it happened, or, on a page that joins a run, long after: the
    /// least difference is the nearest to that of the clocks. A clock that is ahead looks like an
    /// event that comes late, so only a start that was waited for can tell it.
    fn compare_clocks(&mut self, event: &RunEvent, now: i64) {
        let ahead = now - event.at.millis();
        let waited_for = self.seen_waiting && matches!(event.kind, RunEventKind::Started { .. });
        self.clock_ahead = if waited_for {
            ahead
        } else {
            self.clock_ahead.min(ahead)
        };
    }

    /// Milliseconds left at the pace so far, when it can be told.
    #[must_use]
    pub fn time_left(&self) -> Option<f64> {
        let progress = self.progress.as_ref()?;
        let spent = (progress.at.millis() - self.started_at?.millis()) as f64;
        (progress.fraction > 0.02 && spent > 1000.0)
            .then(|| spent * (1.0 - progress.fraction) / progress.fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{event::LogStream, run::RunSummary};

    fn run() -> RunDetail {
        let json = r#"{"id":"01890a5d-ac96-774b-bcce-b302099a8057","task_id":"01890a5d-ac96-774b-bcce-b302099a8057",
            "task_name":"t","number":1,"version":1,"status":"queued","attempt":0,"enqueued_at":"2026-11-24T10:00:00Z",
            "started_at":null,"finished_at":null,"wall_ms":null,"error":null,"headline":null,"change":{"what":"first"},
            "inputs":"{}","limits":{},"cpu_ms":null,"memory_peak_mb":null,"provenance":{},"result_bytes":null,"position":null}"#;
        serde_json::from_str(json).expect("a run")
    }

    fn event(seq: u64, at: i64, kind: RunEventKind) -> RunEvent {
        RunEvent {
            seq,
            attempt: 1,
            at: Timestamp::from_millis(at),
            kind,
        }
    }

    fn started() -> RunEventKind {
        RunEventKind::Started {
            python: "3.11".into(),
            packages_hash: String::new(),
            sandbox_level: "full".into(),
            sandbox_layers: Vec::new(),
        }
    }

    fn line(text: &str) -> RunEventKind {
        RunEventKind::Log {
            stream: LogStream::Stdout,
            text: text.into(),
        }
    }

    #[test]
    fn a_new_attempt_starts_with_an_empty_log() {
        let (mut live, mut log) = (Live::new(run()), Log::default());
        live.apply(&event(1, 0, RunEventKind::Queued), &mut log);
        live.apply(&event(2, 0, RunEventKind::Attempt), &mut log);
        live.apply(&event(3, 100, started()), &mut log);
        live.apply(&event(4, 1000, line("lost\n")), &mut log);
        assert_eq!((live.status(), log.lines().len()), (RunStatus::Running, 1));
        live.apply(
            &event(
                5,
                2000,
                RunEventKind::Requeued {
                    reason: "gone".into(),
                },
            ),
            &mut log,
        );
        assert_eq!(live.status(), RunStatus::Queued);
        live.apply(&event(6, 2000, RunEventKind::Attempt), &mut log);
        assert_eq!(log.lines().len(), 0);
    }

    #[test]
    fn an_event_that_comes_twice_counts_once() {
        let (mut live, mut log) = (Live::new(run()), Log::default());
        for _ in 0..2 {
            live.apply(&event(1, 0, started()), &mut log);
            live.apply(&event(2, 500, line("once\n")), &mut log);
        }
        assert_eq!(log.lines().len(), 1);
        assert_eq!(log.lines()[0].after_ms, 500);
    }

    #[test]
    fn the_time_left_follows_the_pace() {
        let (mut live, mut log) = (Live::new(run()), Log::default());
        live.apply(&event(1, 0, started()), &mut log);
        assert_eq!(live.time_left(), None);
        let progress = RunEventKind::Progress {
            fraction: 0.25,
            message: String::new(),
        };
        live.apply(&event(2, 2000, progress), &mut log);
        assert_eq!(live.time_left(), Some(6000.0));
    }

    #[test]
    fn the_clocks_are_compared_at_a_start_that_was_waited_for() {
        let start = event(2, 100_000, started());
        let mut waiting = Live::new(run());
        waiting.compare_clocks(&start, 130_000);
        assert_eq!(waiting.clock_ahead, 30_000);
        // One that comes late says less than one that came in time.
        waiting.compare_clocks(&event(3, 101_000, line("x")), 191_000);
        assert_eq!(waiting.clock_ahead, 30_000);

        let mut joined = Live::new(RunDetail {
            summary: RunSummary {
                status: RunStatus::Running,
                ..run().summary
            },
            ..run()
        });
        joined.compare_clocks(&start, 130_000);
        assert_eq!(joined.clock_ahead, 0);
        joined.compare_clocks(&start, 70_000);
        assert_eq!(joined.clock_ahead, -30_000);
    }
}
