//! The frame pipe of a run, read with every bound enforced. Behind it may be anything.

use bytes::{Buf, Bytes, BytesMut};
use protocol::zygote::{FRAME_HEADER, FrameKind, frame_header};
use std::io;
use tokio::{io::AsyncReadExt, net::unix::pipe};

/// Read at a time, bytes.
const CHUNK: usize = 64 * 1024;

#[derive(Debug)]
pub struct Frame {
    pub kind: FrameKind,
    pub body: Bytes,
}

/// What came through the pipe is no frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("a frame of unknown kind {0}")]
    Unknown(u8),
    #[error("a {kind:?} frame of {length} bytes, {bound} at most")]
    TooLong {
        kind: FrameKind,
        length: u64,
        bound: u64,
    },
    #[error("the pipe ended within a frame")]
    Torn,
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[derive(Debug)]
pub struct Frames {
    pipe: pipe::Receiver,
    buffer: BytesMut,
}

impl Frames {
    pub fn new(pipe: pipe::Receiver) -> Self {
        Self {
            pipe,
            buffer: BytesMut::new(),
        }
    }

    /// The next frame, `None` at the end. Cancelling it loses nothing. A failed reader must not be
    /// asked again.
    pub async fn next(&mut self, result_bytes: u64) -> Result<Option<Frame>, FrameError> {
        loop {
            if let Some(frame) = self.parse(result_bytes)? {
                return Ok(Some(frame));
            }
            self.buffer.reserve(CHUNK);
            if self.pipe.read_buf(&mut self.buffer).await? == 0 {
                return if self.buffer.is_empty() {
                    Ok(None)
                } else {
                    Err(FrameError::Torn)
                };
            }
        }
    }

    fn parse(&mut self, result_bytes: u64) -> Result<Option<Frame>, FrameError> {
        let Some(&header) = self.buffer.first_chunk::<FRAME_HEADER>() else {
            return Ok(None);
        };
        let (kind, length) = frame_header(header).map_err(FrameError::Unknown)?;
        let bound = kind.bound(result_bytes);
        if length > bound {
            return Err(FrameError::TooLong {
                kind,
                length,
                bound,
            });
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if self.buffer.len() - FRAME_HEADER < length {
            return Ok(None);
        }
        self.buffer.advance(FRAME_HEADER);
        let body = self.buffer.split_to(length).freeze();
        Ok(Some(Frame { kind, body }))
    }
}
