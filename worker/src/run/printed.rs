//! What a run prints, as it comes and when it has said its last word.

use super::{CHUNK, Run, judge::Stop};
use domain::{event::LogStream, limits::MAX_PRINTED_BYTES};

/// What a pipe can hold, bytes; runs cannot enlarge theirs.
const PIPE_BYTES: usize = 1024 * 1024;

impl Run {
    pub(super) fn print(&mut self, stream: LogStream, bytes: &[u8]) {
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
    pub(super) fn read_what_is_there(&mut self) {
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
}
