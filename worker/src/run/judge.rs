//! How a run ended, in words: from what it said, how its process ended and why we ended it.

use crate::zygote::FrameError;
use bytes::Bytes;
use domain::{
    limits::{Limits, MAX_ENCODED_DEPTH, MAX_PRINTED_BYTES},
    run::{ErrorKind, RunError, RunStatus},
};
use protocol::{
    execute::{Finished, Usage},
    zygote::{Exit, FrameKind},
};
use serde_json::value::RawValue;

use super::transfer::TransferError;

/// Why the worker ended a process.
#[derive(Debug)]
pub enum Stop {
    /// It did not.
    None,
    /// The run has said its last word.
    Done,
    Wall,
    Cpu,
    Memory,
    Printed,
    /// More figures than this.
    Figures(usize),
    /// What came through the frame pipe is no frame.
    Frame(FrameError),
    /// The caller closed the connection.
    Cancelled,
    /// The worker is stopping and cannot wait longer.
    Shutdown,
    /// The zygote ended under the run.
    ZygoteLost,
}

/// A run's last word.
#[derive(Debug)]
pub enum Ending {
    Nothing,
    Result(Bytes),
    Error(Bytes),
}

const MEGABYTE: u64 = 1024 * 1024;
/// Longest message and traceback taken over from a run, characters.
const MESSAGE_CHARS: usize = 4000;
const TRACEBACK_CHARS: usize = 64_000;
/// A CPU limit stops a process within this of it, seconds.
const CPU_TOLERANCE_S: f64 = 0.5;

/// The result, or the story of a run without one.
pub fn judge(
    stop: Stop,
    ending: Ending,
    exit: &Exit,
    limits: &Limits,
    usage: Usage,
) -> Result<Box<RawValue>, Box<Finished>> {
    let given_back = matches!(stop, Stop::Shutdown);
    let error = match (stop, ending) {
        (Stop::Done | Stop::None, Ending::Result(body)) => match result(body) {
            Ok(result) => return Ok(result),
            Err(error) => error,
        },
        (Stop::Done | Stop::None, Ending::Error(body)) => own_words(&body),
        (Stop::Cancelled, _) => return Err(Box::new(cancelled(usage))),
        (stop, _) => stopped(stop, exit, limits, usage),
    };
    Err(Box::new(Finished {
        given_back,
        ..failed(error, usage)
    }))
}

fn failed(error: RunError, usage: Usage) -> Finished {
    Finished {
        status: RunStatus::Failed,
        result: None,
        result_key: None,
        result_bytes: None,
        error: Some(error),
        given_back: false,
        usage,
    }
}

pub fn not_delivered(problem: &TransferError, usage: Usage) -> Finished {
    let message = format!("The result could not be stored: {problem}. Run it again.");
    failed(error(ErrorKind::Infrastructure, message), usage)
}

pub fn not_fetched(problem: &TransferError) -> Finished {
    let message = format!("The inputs could not be fetched: {problem}. Run it again.");
    failed(error(ErrorKind::Infrastructure, message), Usage::default())
}

/// The worker stopped before the run had begun.
pub fn shut_down() -> Finished {
    given_back(Usage::default())
}

fn given_back(usage: Usage) -> Finished {
    Finished {
        given_back: true,
        ..failed(stopped_with_the_worker(), usage)
    }
}

fn stopped_with_the_worker() -> RunError {
    error(
        ErrorKind::Infrastructure,
        "The worker was stopped before the calculation ended. Run it again.",
    )
}

fn cancelled(usage: Usage) -> Finished {
    Finished {
        status: RunStatus::Cancelled,
        ..failed(error(ErrorKind::Killed, "Cancelled."), usage)
    }
}

/// The caller went away, or the worker had to stop, while the result was on its way to the store.
pub fn interrupted(stop: &Stop, usage: Usage) -> Finished {
    match stop {
        Stop::Cancelled => cancelled(usage),
        _ => given_back(usage),
    }
}

fn error(kind: ErrorKind, message: impl Into<String>) -> RunError {
    RunError {
        kind,
        message: message.into(),
        line: None,
        traceback: None,
    }
}

fn stopped(stop: Stop, exit: &Exit, limits: &Limits, usage: Usage) -> RunError {
    match stop {
        Stop::Wall => error(
            ErrorKind::Timeout,
            format!(
                "Stopped after {} s, the limit of this run (wall time). Shorten the loop, or ask \
                 for a longer limit.",
                limits.wall_s
            ),
        ),
        Stop::Cpu => cpu_time(limits),
        Stop::Memory => error(
            ErrorKind::OutOfMemory,
            format!(
                "Used more than {} MB. Work on fewer points at a time.",
                limits.memory_mb
            ),
        ),
        Stop::Printed => error(
            ErrorKind::OutputLimit,
            format!(
                "Printed more than {} MB, the limit. Print less, or return the values.",
                MAX_PRINTED_BYTES / MEGABYTE
            ),
        ),
        Stop::Figures(most) => error(
            ErrorKind::ResultTooLarge,
            format!(
                "The result holds more than {most} figure{}, the limit. Return fewer of them.",
                if most == 1 { "" } else { "s" }
            ),
        ),
        Stop::Frame(FrameError::TooLong {
            kind: FrameKind::Result,
            length,
            bound,
        }) => error(
            ErrorKind::ResultTooLarge,
            format!("The result takes {length} bytes; the limit is {bound}. Return fewer values."),
        ),
        Stop::Frame(_) => tampered(),
        Stop::Shutdown => stopped_with_the_worker(),
        Stop::ZygoteLost => error(
            ErrorKind::Infrastructure,
            "The worker lost the calculation's process. Run it again.",
        ),
        Stop::None | Stop::Done | Stop::Cancelled => ended_alone(exit, limits, usage),
    }
}

/// The process ended without a word and without our doing.
fn ended_alone(exit: &Exit, limits: &Limits, usage: Usage) -> RunError {
    let cpu_limit_ms = (f64::from(limits.cpu_s) - CPU_TOLERANCE_S) * 1000.0;
    match (exit.signal, exit.code) {
        (Some(libc::SIGKILL | libc::SIGXCPU), _) if usage.cpu_ms >= cpu_limit_ms => {
            cpu_time(limits)
        }
        (Some(libc::SIGKILL), _) => error(
            ErrorKind::Killed,
            "The calculation was killed (SIGKILL). It may have used more memory than the machine \
             has. Work on fewer points at a time.",
        ),
        (Some(signal), _) => error(
            ErrorKind::Killed,
            format!(
                "The calculation crashed in native code ({}). Look for ctypes, deep recursion or a \
                 library called with wrong sizes.",
                signal_name(signal)
            ),
        ),
        (None, code) => error(
            ErrorKind::Killed,
            format!(
                "The calculation ended its own process (exit code {}) and gave no result. Return a \
                 value instead.",
                code.unwrap_or(0)
            ),
        ),
    }
}

fn cpu_time(limits: &Limits) -> RunError {
    error(
        ErrorKind::Timeout,
        format!(
            "Stopped after {} s of processor time, the limit of this run. Shorten the loop, or ask \
             for a longer limit.",
            limits.cpu_s
        ),
    )
}

fn tampered() -> RunError {
    error(
        ErrorKind::Killed,
        "The calculation wrote into the channel that results travel on, so its result cannot be \
         read. Return the result from calculate.",
    )
}

/// Checked for form alone: what a run says is its own word. The dispatcher must be able to read all
/// that passes here: what it cannot read counts as a defect of ours, and is tried again.
fn result(body: Bytes) -> Result<Box<RawValue>, RunError> {
    let text = String::from_utf8(body.into()).map_err(|_| tampered())?;
    if depth(&text) > MAX_ENCODED_DEPTH {
        return Err(tampered());
    }
    // One line in the stream: JSON needs no newline, and what our runner writes has none.
    if text.contains(['\n', '\r']) {
        return Err(tampered());
    }
    RawValue::from_string(text).map_err(|_| tampered())
}

/// Deepest nesting of brackets outside strings.
fn depth(json: &str) -> usize {
    let (mut now, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                now += 1;
                deepest = deepest.max(now);
            }
            b']' | b'}' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What the runner, or who took its place, says went wrong. It cannot claim to be infrastructure,
/// which would be tried again, nor a limit that only the worker enforces.
fn own_words(body: &[u8]) -> RunError {
    let Ok(mut said) = serde_json::from_slice::<RunError>(body) else {
        return tampered();
    };
    if matches!(
        said.kind,
        ErrorKind::Infrastructure | ErrorKind::Timeout | ErrorKind::Killed | ErrorKind::OutputLimit
    ) {
        said.kind = ErrorKind::Python;
    }
    cut(&mut said.message, MESSAGE_CHARS);
    if let Some(traceback) = &mut said.traceback {
        cut(traceback, TRACEBACK_CHARS);
    }
    said
}

fn cut(text: &mut String, chars: usize) {
    if let Some((end, _)) = text.char_indices().nth(chars) {
        text.truncate(end);
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGSEGV => "SIGSEGV, invalid memory or stack overflow",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL",
        libc::SIGSYS => "SIGSYS, a forbidden system call",
        libc::SIGXFSZ => "SIGXFSZ, a file over its limit",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGTERM => "SIGTERM",
        libc::SIGTRAP => "SIGTRAP",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings_only() {
        assert_eq!(depth(r#"{"a[[[":[1,[2]],"\"[":0}"#), 3);
        assert_eq!(depth(&"[".repeat(1000)), 1000);
    }

    #[test]
    fn a_run_cannot_ask_to_be_tried_again() {
        let said = own_words(br#"{"kind":"infrastructure","message":"x"}"#);
        assert_eq!(said.kind, ErrorKind::Python);
    }

    #[test]
    fn the_dispatcher_reads_every_result_that_passes() {
        let lists = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let objects =
            |depth: usize| r#"{"$type":"table","data":"#.repeat(depth) + "1" + &"}".repeat(depth);
        for depth in 1..=2 * MAX_ENCODED_DEPTH {
            for text in [lists(depth), objects(depth)] {
                let passes = result(Bytes::from(text.clone())).is_ok();
                assert_eq!(passes, depth <= MAX_ENCODED_DEPTH, "{depth} levels");
                assert_eq!(
                    passes,
                    domain::value::Value::parse(&text).is_ok(),
                    "{depth} levels"
                );
            }
        }
        for text in [
            r#""\ud800""#,
            "1e999",
            "-0.0",
            r#"{"a":1,"a":2}"#,
            r#"{"$type":"array","shape":[9]}"#,
        ] {
            let passes = result(Bytes::from(text)).is_ok();
            assert!(
                passes && domain::value::Value::parse(text).is_ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_json_is_no_result() {
        for body in ["", "{", "nan", "[1]\n", "\u{fffd}"] {
            assert!(result(Bytes::from(body)).is_err(), "{body:?}");
        }
        assert!(result(Bytes::from("[1]")).is_ok());
    }
}
