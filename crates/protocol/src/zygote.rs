//! The worker and its zygote: control messages over one seqpacket socket (file descriptors travel
//! beside them), and, per run, a payload pipe into the run's process (its descriptor 3) and a frame pipe
//! out of it (its descriptor 4).
//!
//! Architecture invariant: everything that comes out of a frame pipe after the payload was written
//! is the run's own word. Its reader bounds every frame and believes nothing about the host in it.

use domain::limits::MAX_FIGURE_BYTES;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest control message, bytes.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// What the worker says to the zygote.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum ToZygote {
    /// Fork a process and lock it down. Four descriptors come along, in this order: standard
    /// output, standard error, payload (read end), frames (write end).
    /// `warm` asks for a rehearsal first, which makes its run faster and it itself ready later.
    Fork { child: u64, warm: bool },
}

/// What the zygote says to the worker.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromZygote {
    /// The jail stands and the imports are done.
    Ready(Interpreter),
    /// The jail could not be built, or the imports failed.
    Failed {
        message: String,
    },
    /// The process exists; its pidfd comes along.
    Forked {
        child: u64,
    },
    NotForked {
        child: u64,
        message: String,
    },
    /// The process has ended and was reaped; in its pid namespace nothing lives any more.
    Exited {
        child: u64,
        exit: Exit,
    },
}

/// What runs in the jail; part of every run's provenance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Interpreter {
    /// For example `3.11.7`.
    pub python: String,
    /// Package name to version.
    pub packages: BTreeMap<String, String>,
}

/// How a process ended and what it had used by then, its time before the payload included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code, unless a signal ended it.
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub cpu_us: u64,
    pub peak_kb: u64,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FrameKind {
    /// Locked down and prewarmed; body: CPU time used so far, microseconds, u64 big-endian.
    Ready = 0,
    /// A system note: JSON `{stream, text}`.
    Log = 1,
    /// JSON `{fraction, message}`.
    Progress = 2,
    /// Index as u32 big-endian, format as one byte (0 SVG, 1 PNG), then the image.
    Figure = 3,
    /// The encoded result. Ends the run.
    Result = 4,
    /// JSON [`RunError`](domain::run::RunError). Ends the run.
    Error = 5,
}

impl FrameKind {
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Ready,
            1 => Self::Log,
            2 => Self::Progress,
            3 => Self::Figure,
            4 => Self::Result,
            5 => Self::Error,
            _ => return None,
        })
    }

    /// Longest body of such a frame, bytes, for a run with this result limit.
    #[must_use]
    pub const fn bound(self, result_bytes: u64) -> u64 {
        match self {
            Self::Ready => 8,
            Self::Log | Self::Progress => 64 * 1024,
            Self::Figure => MAX_FIGURE_BYTES + FIGURE_HEADER as u64,
            Self::Result => result_bytes,
            Self::Error => 256 * 1024,
        }
    }
}

/// Bytes before a frame's body: the kind, then the body's length as u32 big-endian.
pub const FRAME_HEADER: usize = 5;
/// Bytes before a figure's image.
pub const FIGURE_HEADER: usize = 5;

/// The kind byte and the length of a frame, as written.
///
/// # Errors
/// The kind byte, when it is none of [`FrameKind`].
pub const fn frame_header(header: [u8; FRAME_HEADER]) -> Result<(FrameKind, u64), u8> {
    let [kind, a, b, c, d] = header;
    match FrameKind::from_byte(kind) {
        Some(kind) => Ok((kind, u32::from_be_bytes([a, b, c, d]) as u64)),
        None => Err(kind),
    }
}

/// What a run is told about itself, beside its code and inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLimits {
    pub wall_s: u32,
    pub cpu_s: u32,
    pub memory_mb: u32,
    pub output_bytes: u64,
    /// Whether figures are written into the result as base64, because they have no upload slot.
    pub inline_figures: bool,
}

/// A file of a run's inputs, as it goes into the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadFile<B> {
    /// Of its bytes, lower-case hexadecimal.
    pub sha256: String,
    pub bytes: B,
}

/// The payload as it is written into the pipe: four u32 big-endian lengths, then the limits as
/// JSON, the code as UTF-8, the inputs as JSON and the files. Each file is its digest as 64
/// hexadecimal digits, its length as u32 big-endian, and its bytes.
///
/// # Panics
/// A part is 4 GiB or longer, which the limits on requests rule out.
#[must_use]
pub fn payload<B: AsRef<[u8]>>(
    limits: &RunLimits,
    code: &str,
    inputs: &str,
    files: &[PayloadFile<B>],
) -> Vec<u8> {
    let limits = serde_json::to_string(limits).expect("numbers always serialise");
    let parts = [limits.as_str(), code, inputs];
    let of_files: usize = files
        .iter()
        .map(|file| file.sha256.len() + 4 + file.bytes.as_ref().len())
        .sum();
    let of_parts: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Vec::with_capacity(16 + of_parts + of_files);
    for part in parts {
        bytes.extend_from_slice(&length(part.len()));
    }
    bytes.extend_from_slice(&length(of_files));
    for part in parts {
        bytes.extend_from_slice(part.as_bytes());
    }
    for file in files {
        bytes.extend_from_slice(file.sha256.as_bytes());
        bytes.extend_from_slice(&length(file.bytes.as_ref().len()));
        bytes.extend_from_slice(file.bytes.as_ref());
    }
    bytes
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes)
        .expect("requests are far below 4 GiB")
        .to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_kind_and_length() {
        assert_eq!(frame_header([4, 0, 0, 1, 2]), Ok((FrameKind::Result, 258)));
        assert_eq!(frame_header([9, 0, 0, 0, 0]), Err(9));
    }

    #[test]
    fn a_payload_says_where_its_parts_end() {
        let limits = RunLimits {
            wall_s: 1,
            cpu_s: 1,
            memory_mb: 1,
            output_bytes: 1,
            inline_figures: true,
        };
        let file = PayloadFile {
            sha256: "a".repeat(64),
            bytes: b"xyz",
        };
        let bytes = payload(&limits, "é", "{}", &[file]);
        let json = serde_json::to_string(&limits).expect("numbers serialise");
        assert_eq!(
            bytes[..4],
            u32::try_from(json.len()).expect("short").to_be_bytes()
        );
        assert_eq!(bytes[4..16], [0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 71]);
        let files = format!("{}\0\0\0\u{3}xyz", "a".repeat(64));
        assert!(bytes.ends_with(format!("é{{}}{files}").as_bytes()));
    }
}
