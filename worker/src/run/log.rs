//! What a run prints: bytes in, text events out, cut at the limit of the log.

use domain::{event::LogStream, limits::MAX_LOG_BYTES};
use protocol::execute::ExecuteEvent;
use serde::Deserialize;

/// One of the two streams.
#[derive(Debug)]
pub struct Log {
    stream: LogStream,
    /// The beginning of a character whose end has not been read.
    torn: Vec<u8>,
}

impl Log {
    pub fn new(stream: LogStream) -> Self {
        Self {
            stream,
            torn: Vec::new(),
        }
    }

    /// The events for these bytes: the text, and the marker when it is cut. `left` is what the
    /// log of the run may still grow by, bytes.
    pub fn events(&mut self, bytes: &[u8], left: &mut u64) -> Vec<ExecuteEvent> {
        if bytes.is_empty() || *left == 0 {
            return Vec::new();
        }
        let mut all = std::mem::take(&mut self.torn);
        all.extend_from_slice(bytes);
        self.torn = all.split_off(all.len() - torn_end(&all));
        write(
            self.stream,
            String::from_utf8_lossy(&all).into_owned(),
            left,
        )
    }

    /// What is left of a character that never ended.
    pub fn rest(&mut self) -> Option<ExecuteEvent> {
        let torn = std::mem::take(&mut self.torn);
        (!torn.is_empty()).then(|| ExecuteEvent::Log {
            stream: self.stream,
            text: String::from_utf8_lossy(&torn).into_owned(),
        })
    }
}

/// The events for a note that the runner wrote into the log.
pub fn note(body: &[u8], left: &mut u64) -> Vec<ExecuteEvent> {
    #[derive(Deserialize)]
    struct Note {
        text: String,
    }
    match serde_json::from_slice(body) {
        Ok(Note { text }) if *left > 0 => write(LogStream::System, text, left),
        _ => Vec::new(),
    }
}

fn write(stream: LogStream, mut text: String, left: &mut u64) -> Vec<ExecuteEvent> {
    let fits = usize::try_from(*left).unwrap_or(usize::MAX);
    let cut = text.len() > fits;
    if cut {
        text.truncate(text.floor_char_boundary(fits));
        *left = 0;
    } else {
        *left -= text.len() as u64;
    }
    let mut events = Vec::with_capacity(2);
    if !text.is_empty() {
        events.push(ExecuteEvent::Log { stream, text });
    }
    if cut {
        events.push(ExecuteEvent::Log {
            stream: LogStream::System,
            text: format!(
                "\nThe log ends here: it holds {} MB. The calculation goes on.\n",
                MAX_LOG_BYTES / (1024 * 1024)
            ),
        });
    }
    events
}

/// How many of the last bytes begin a character that does not end.
fn torn_end(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.len() - error.valid_up_to(),
        // Bytes that are wrong anyway may hide a torn end; only the last three can be one.
        Err(_) => (1..=3.min(bytes.len()))
            .find(|&n| is_torn(&bytes[bytes.len() - n..]))
            .unwrap_or(0),
        Ok(_) => 0,
    }
}

fn is_torn(tail: &[u8]) -> bool {
    tail[0] >= 0xc0
        && std::str::from_utf8(tail)
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(events: &[ExecuteEvent]) -> Vec<&str> {
        events
            .iter()
            .filter_map(|event| match event {
                ExecuteEvent::Log { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_character_torn_between_two_reads_is_put_together() {
        let (mut log, mut left) = (Log::new(LogStream::Stdout), 100);
        let bytes = "σ€".as_bytes();
        let mut text = String::new();
        for byte in bytes {
            text.extend(texts(&log.events(&[*byte], &mut left)));
        }
        assert_eq!(text, "σ€");
        assert!(log.rest().is_none());
    }

    #[test]
    fn a_character_torn_after_wrong_bytes_is_put_together_too() {
        let (mut log, mut left) = (Log::new(LogStream::Stdout), 100);
        let first = log.events(b"\xff\xe2\x82", &mut left);
        let second = log.events(b"\xac", &mut left);
        assert_eq!(
            texts(&first).concat() + &texts(&second).concat(),
            "\u{fffd}€"
        );
    }

    #[test]
    fn a_log_over_its_limit_is_cut_once_with_a_marker() {
        let (mut log, mut left) = (Log::new(LogStream::Stdout), 4);
        let events = log.events("aé€xyz".as_bytes(), &mut left);
        assert_eq!(texts(&events)[0], "aé");
        assert!(texts(&events)[1].contains("The log ends here"));
        assert!(log.events(b"more", &mut left).is_empty());
    }

    #[test]
    fn a_note_over_the_limit_is_cut_with_a_marker_too() {
        let mut left = 4;
        let events = note(br#"{"text":"longer"}"#, &mut left);
        assert_eq!(texts(&events)[0], "long");
        assert!(texts(&events)[1].contains("The log ends here"));
        assert!(note(br#"{"text":"more"}"#, &mut left).is_empty());
    }
}
