//! Progress of a run, slowed down to what anybody can read: a hostile run may report as fast as it
//! can write.

use protocol::execute::ExecuteEvent;
use serde::Deserialize;
use std::time::Instant;

/// Reports that go out at once.
const BURST: f64 = 100.0;
/// Reports per second after a burst.
const PER_S: f64 = 25.0;
/// Longest message, characters.
const MESSAGE_CHARS: usize = 500;

#[derive(Debug)]
pub struct Progress {
    tokens: f64,
    filled: Instant,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            tokens: BURST,
            filled: Instant::now(),
        }
    }
}

impl Progress {
    /// The event for a frame's body, unless it is one too many or none at all.
    pub fn event(&mut self, body: &[u8]) -> Option<ExecuteEvent> {
        #[derive(Deserialize)]
        struct Report {
            fraction: f64,
            #[serde(default)]
            message: String,
        }
        let now = Instant::now();
        let refill = now.duration_since(self.filled).as_secs_f64() * PER_S;
        self.filled = now;
        self.tokens = (self.tokens + refill).min(BURST);
        if self.tokens < 1.0 {
            return None;
        }
        self.tokens -= 1.0;
        let Report { fraction, message } = serde_json::from_slice(body).ok()?;
        fraction.is_finite().then(|| ExecuteEvent::Progress {
            fraction: fraction.clamp(0.0, 1.0),
            message: message.chars().take(MESSAGE_CHARS).collect(),
        })
    }
}
