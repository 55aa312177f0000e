//! One message of the control protocol at a time, with the descriptors that travel beside it.

use rustix::{
    cmsg_space,
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    io::{IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

/// Descriptors that one message can carry.
pub const MAX_DESCRIPTORS: usize = 4;

/// Why a control message did not come through.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The other process has ended.
    #[error("the other side is gone")]
    Closed,
    #[error("a control message is not one of this protocol: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error(transparent)]
    Io(rustix::io::Errno),
}

impl From<rustix::io::Errno> for ChannelError {
    fn from(error: rustix::io::Errno) -> Self {
        match error {
            rustix::io::Errno::PIPE => Self::Closed,
            other => Self::Io(other),
        }
    }
}

/// Sends one message.
///
/// # Errors
/// The socket refuses it; `EAGAIN` when it is full and non-blocking.
pub fn send<M: Serialize>(
    socket: impl AsFd,
    message: &M,
    descriptors: &[BorrowedFd<'_>],
) -> Result<(), ChannelError> {
    let text = serde_json::to_vec(message)?;
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        beside.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    sendmsg(
        socket,
        &[IoSlice::new(&text)],
        &mut beside,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Receives one message into `text`; its descriptors are closed on exec.
///
/// # Errors
/// The other side is gone, speaks another protocol, or (`EAGAIN`) says nothing now.
pub fn receive<M: DeserializeOwned>(
    socket: impl AsFd,
    text: &mut [u8],
) -> Result<(M, Vec<OwnedFd>), ChannelError> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        socket,
        &mut [IoSliceMut::new(text)],
        &mut beside,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    if received.bytes == 0 {
        return Err(ChannelError::Closed);
    }
    let mut descriptors = Vec::new();
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            descriptors.extend(received);
        }
    }
    let message = serde_json::from_slice(&text[..received.bytes])?;
    Ok((message, descriptors))
}
