//! Capabilities: the zygote keeps one of its own namespace, a run keeps none and can regain none.

use crate::process::{check, prctl};
use std::io;

const CAP_SYS_ADMIN: u32 = 21;
/// Beyond the newest capability of any kernel today (CAP_CHECKPOINT_RESTORE is 40).
const CAP_END: u32 = 64;
const VERSION_3: u32 = 0x2008_0522;
/// No-root, no-setuid-fixup and no-ambient-raise, each with its lock.
const SECUREBITS: libc::c_ulong = 0b1100_1111;

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Data {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// J8: keeps CAP_SYS_ADMIN over the jail's own namespaces across the exec; the zygote needs it to
/// give each run a pid namespace.
pub fn keep_admin_of_own_namespace() -> io::Result<()> {
    let mask = 1 << CAP_SYS_ADMIN;
    set(Data {
        effective: mask,
        permitted: mask,
        inheritable: mask,
    })?;
    let raise = libc::PR_CAP_AMBIENT_RAISE as libc::c_ulong;
    // SAFETY: PR_CAP_AMBIENT takes integers only.
    check(
        unsafe {
            libc::prctl(
                libc::PR_CAP_AMBIENT,
                raise,
                libc::c_ulong::from(CAP_SYS_ADMIN),
                0,
                0,
            )
        }
        .into(),
    )
    .map(drop)
}

/// C7: empties every set. The bounding set and the securebits need a capability to be changed, so
/// without a user namespace of our own they stay as they are, and step C8 makes them moot.
pub fn drop_all(own_namespace: bool) -> io::Result<()> {
    if own_namespace {
        for capability in 0..CAP_END {
            match prctl(libc::PR_CAPBSET_DROP, capability.into()) {
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => break,
                result => result?,
            }
        }
        prctl(libc::PR_SET_SECUREBITS, SECUREBITS)?;
    }
    prctl(
        libc::PR_CAP_AMBIENT,
        libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong,
    )?;
    set(Data::default())
}

fn set(low: Data) -> io::Result<()> {
    let header = Header {
        version: VERSION_3,
        pid: 0,
    };
    let data = [low, Data::default()];
    // SAFETY: version 3 reads one header and two data blocks, which both live on this stack.
    check(unsafe { libc::syscall(libc::SYS_capset, &raw const header, data.as_ptr()) }).map(drop)
}
