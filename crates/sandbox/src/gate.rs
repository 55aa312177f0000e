//! The zygote's side after its imports: the gate that closes behind them (G1, G2), and the pid
//! namespace that every run gets at its fork.

use crate::{
    Error, Layers,
    process::{check, prctl, unshare},
    syscalls,
};
use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
};

/// G1: where runs share the zygote's user and see `/proc`, its memory has no name for them, and
/// neither has that of what it forks. G2: from here on the zygote, and all it forks, can only call
/// what forking and running need.
///
/// # Errors
/// The step that failed.
pub fn close(layers: Layers) -> Result<(), Error> {
    if !layers.namespaces {
        prctl(libc::PR_SET_DUMPABLE, 0).map_err(Error::Hide)?; // G1
    }
    if layers.seccomp {
        syscalls::restrict_zygote().map_err(Error::Gate)?; // G2
    }
    Ok(())
}

/// The next fork will be the first process of a pid namespace of its own.
///
/// # Errors
/// The kernel refused.
pub fn open_pid_namespace() -> io::Result<()> {
    unshare(libc::CLONE_NEWPID)
}

/// After the fork: further namespaces are again made below the zygote's own, which the kernel
/// demands before it lets another be opened.
///
/// # Errors
/// The kernel refused.
pub fn return_to_own_pid_namespace(own: &OwnedFd) -> io::Result<()> {
    // SAFETY: a descriptor and a flag.
    check(unsafe { libc::setns(own.as_raw_fd(), libc::CLONE_NEWPID) }.into()).map(drop)
}

/// A handle of a process that stays valid whatever its number is given to later.
///
/// # Errors
/// There is no such process.
pub fn pidfd(pid: libc::pid_t) -> io::Result<OwnedFd> {
    // SAFETY: pidfd_open takes integers only.
    let fd = check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })?;
    // SAFETY: pidfd_open just returned this descriptor and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}
