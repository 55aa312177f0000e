//! What the server says to the person who started it, on stdout; the log goes to stderr.

use std::io::{self, Write};

/// One message, with a line end. Nobody listening any more is not an error.
pub fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}
