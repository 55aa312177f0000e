//! File descriptors: a process keeps those it is given, in a fixed order, and no other.

use crate::process::check;
use std::{io, os::fd::RawFd};

/// Makes `fds[i]` descriptor `i` and closes everything else.
pub fn keep_only(fds: &[RawFd]) -> io::Result<()> {
    let count = fds.len() as RawFd;
    // First out of the way, so that no descriptor is overwritten before it has been copied.
    let mut parked = Vec::with_capacity(fds.len());
    for &fd in fds {
        // SAFETY: F_DUPFD takes an integer.
        parked.push(check(unsafe { libc::fcntl(fd, libc::F_DUPFD, count) }.into())? as RawFd);
    }
    for (wanted, &fd) in parked.iter().enumerate() {
        // SAFETY: both are plain descriptors; dup2 leaves close-on-exec off, as wanted.
        check(unsafe { libc::dup2(fd, wanted as RawFd) }.into())?;
    }
    close_from(count)
}

/// Closes every descriptor from `first` on.
pub fn close_from(first: RawFd) -> io::Result<()> {
    // SAFETY: the callers own no descriptor at or above `first` that they use afterwards.
    check(unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first as libc::c_uint,
            libc::c_uint::MAX,
            0,
        )
    })
    .map(drop)
}

/// Puts a descriptor where a program that is executed next expects it.
pub fn place(fd: RawFd, wanted: RawFd) -> io::Result<()> {
    let placed = if fd == wanted {
        // dup2 would do nothing, and leave close-on-exec on.
        // SAFETY: plain integers.
        unsafe { libc::fcntl(fd, libc::F_SETFD, 0) }
    } else {
        // SAFETY: plain descriptors; what was at `wanted` is nobody's.
        unsafe { libc::dup2(fd, wanted) }
    };
    check(placed.into()).map(drop)
}
