//! Who the process is: leaving root behind, and user namespaces with exactly one id in them.

use crate::{
    Error,
    process::{Proc, check, die_with_parent, prctl, unshare},
};
use std::io;

/// The user and group a run sees itself as.
pub const INSIDE_ID: u32 = 1000;

/// Whether this process runs as the host's root.
pub fn is_root() -> bool {
    // SAFETY: geteuid cannot fail and touches no memory.
    unsafe { libc::geteuid() == 0 }
}

/// J2: for good, with no supplementary group left.
pub fn drop_root(uid: u32) -> Result<(), Error> {
    let failed = |source| Error::DropRoot { uid, source };
    // SAFETY: the group list is empty, so its pointer is never read.
    check(unsafe { libc::setgroups(0, std::ptr::null()) }.into()).map_err(failed)?;
    // SAFETY: plain integers; the process is single-threaded, so no thread keeps the old ids.
    check(unsafe { libc::setresgid(uid, uid, uid) }.into()).map_err(failed)?;
    // SAFETY: as above.
    check(unsafe { libc::setresuid(uid, uid, uid) }.into()).map_err(failed)?;
    // A change of user clears both: without the first, /proc/self belongs to root and the id maps
    // cannot be written; without the second, the zygote outlives its worker.
    prctl(libc::PR_SET_DUMPABLE, 1).map_err(failed)?;
    die_with_parent().map_err(failed)
}

/// J3: a user namespace in which only [`INSIDE_ID`] exists.
pub fn enter_user_namespace(proc: &Proc) -> Result<(), Error> {
    // SAFETY: neither call can fail nor touches memory.
    let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    unshare(libc::CLONE_NEWUSER).map_err(Error::UserNamespace)?;
    map_ids(proc, uid, gid).map_err(Error::IdMap)
}

/// Maps [`INSIDE_ID`] to the given ids of the parent namespace, and nothing else.
pub fn map_ids(proc: &Proc, uid: u32, gid: u32) -> io::Result<()> {
    proc.write("self/setgroups", "deny")?;
    proc.write("self/uid_map", &format!("{INSIDE_ID} {uid} 1"))?;
    proc.write("self/gid_map", &format!("{INSIDE_ID} {gid} 1"))
}
