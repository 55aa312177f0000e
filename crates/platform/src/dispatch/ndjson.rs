//! Lines out of a stream of bytes, with a bound on their length: a worker that never ends a line
//! must not fill the server's memory.

use super::loss::Loss;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use std::pin::Pin;

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, reqwest::Error>> + Send>>;

pub(super) struct Lines {
    chunks: Chunks,
    buffer: BytesMut,
    /// The buffer's first bytes, known to hold no newline.
    searched: usize,
    max_bytes: usize,
}

impl Lines {
    pub(super) fn new(
        chunks: impl Stream<Item = Result<Bytes, reqwest::Error>> + Send + 'static,
        max_bytes: usize,
    ) -> Self {
        Self {
            chunks: Box::pin(chunks),
            buffer: BytesMut::new(),
            searched: 0,
            max_bytes,
        }
    }

    /// The next line without its newline; `None` at the end. Text after the last newline is not a
    /// line: who wrote it was cut off. A dropped call loses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Loss> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(Some(line));
            }
            if self.buffer.len() > self.max_bytes {
                return Err(Loss::LineTooLong);
            }
            match self.chunks.next().await {
                Some(Ok(chunk)) => self.buffer.extend_from_slice(&chunk),
                Some(Err(_)) => return Err(Loss::Disconnected),
                None => return Ok(None),
            }
        }
    }

    fn take_line(&mut self) -> Option<Bytes> {
        let unsearched = &self.buffer[self.searched..];
        match unsearched.iter().position(|&byte| byte == b'\n') {
            Some(at) => {
                let mut line = self.buffer.split_to(self.searched + at + 1);
                line.truncate(line.len() - 1);
                self.searched = 0;
                Some(line.freeze())
            }
            None => {
                self.searched = self.buffer.len();
                None
            }
        }
    }

    /// Reads and forgets the rest, so that the connection can be used again.
    pub(super) async fn drain(&mut self) {
        while let Some(Ok(_)) = self.chunks.next().await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    fn lines(chunks: &'static [&'static str]) -> Lines {
        let chunks = chunks
            .iter()
            .map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
        Lines::new(stream::iter(chunks), 8)
    }

    async fn all(mut lines: Lines) -> Result<Vec<String>, Loss> {
        let mut found = Vec::new();
        while let Some(line) = lines.next().await? {
            found.push(String::from_utf8_lossy(&line).into_owned());
        }
        Ok(found)
    }

    #[tokio::test]
    async fn lines_are_found_across_chunks() {
        let found = all(lines(&["a", "b\nc\n\nd", "e\n", "cut off"])).await;
        assert_eq!(found.expect("short lines"), ["ab", "c", "", "de"]);
    }

    #[tokio::test]
    async fn a_line_that_does_not_end_is_an_error() {
        let found = all(lines(&["short\n", "this line", " is too long"])).await;
        assert!(matches!(found, Err(Loss::LineTooLong)), "{found:?}");
    }
}
