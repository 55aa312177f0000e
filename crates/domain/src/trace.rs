//! One id from a request to the worker that executes the run it asked for: the `traceparent` of W3C
//! Trace Context.

use std::{fmt, str::FromStr};

/// The name of the header, between clients and the server and between the server and its workers.
pub const TRACEPARENT: &str = "traceparent";

/// Bytes of randomness that a new trace needs.
pub const TRACE_ENTROPY: usize = 24;

/// Where in a trace something happens: `00-{trace}-{span}-{flags}` in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    /// The same in everything that one request led to; not zero.
    pub trace: [u8; 16],
    /// The step that asked for this one; not zero.
    pub span: [u8; 8],
    /// Whether whoever began the trace records it.
    pub sampled: bool,
}

impl TraceParent {
    /// A new trace out of random bytes.
    #[must_use]
    pub fn new(random: [u8; TRACE_ENTROPY]) -> Self {
        let (mut trace, mut span) = ([0; 16], [0; 8]);
        trace.copy_from_slice(&random[..16]);
        span.copy_from_slice(&random[16..]);
        // All zeros is no id; without randomness there is still one.
        trace[15] |= u8::from(trace == [0; 16]);
        span[7] |= u8::from(span == [0; 8]);
        Self {
            trace,
            span,
            sampled: true,
        }
    }

    /// The trace id as it stands in logs: 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        Hex(&self.trace).to_string()
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, span) = (Hex(&self.trace), Hex(&self.span));
        write!(f, "00-{trace}-{span}-{:02x}", u8::from(self.sampled))
    }
}

/// The text is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a traceparent is 00-, 32 hexadecimal digits, -, 16 more, - and two of flags")]
pub struct NoTraceParent;

impl FromStr for TraceParent {
    type Err = NoTraceParent;

    /// Reads every version: later ones may only add to the end.
    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        let mut parts = text.split('-');
        let mut next = || parts.next().ok_or(NoTraceParent);
        let [version] = bytes(next()?)?;
        let trace = bytes(next()?)?;
        let span = bytes(next()?)?;
        let [flags] = bytes(next()?)?;
        let has_more = parts.next().is_some();
        if version == 0xff || (version == 0 && has_more) || trace == [0; 16] || span == [0; 8] {
            return Err(NoTraceParent);
        }
        Ok(Self {
            trace,
            span,
            sampled: flags & 1 == 1,
        })
    }
}

/// Lower-case hexadecimal digits, exactly as many as fill the array.
fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], NoTraceParent> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if digits.len() != 2 * N || !digits.bytes().all(is_digit) {
        return Err(NoTraceParent);
    }
    let mut read = [0; N];
    for (n, byte) in read.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * n..2 * n + 2], 16).map_err(|_| NoTraceParent)?;
    }
    Ok(read)
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_read_is_written_again() {
        let read: TraceParent = GIVEN.parse().expect("the example of the recommendation");
        assert_eq!(read.to_string(), GIVEN);
        assert_eq!(read.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(read.sampled);
        let unsampled = GIVEN.replace("-01", "-00");
        assert_eq!(
            unsampled.parse().map(|read: TraceParent| read.sampled),
            Ok(false)
        );
    }

    #[test]
    fn a_later_version_may_say_more() {
        let later = GIVEN.replacen("00-", "01-", 1) + "-more";
        let read: TraceParent = later.parse().expect("a later version");
        assert_eq!(read.to_string(), GIVEN);
    }

    #[test]
    fn what_is_none_is_refused() {
        for none in [
            "",
            "nonsense",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e47é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(none.parse::<TraceParent>(), Err(NoTraceParent), "{none}");
        }
    }

    #[test]
    fn a_new_trace_is_never_all_zeros() {
        let made = TraceParent::new([0; TRACE_ENTROPY]).to_string();
        assert!(made.parse::<TraceParent>().is_ok(), "{made}");
    }
}
