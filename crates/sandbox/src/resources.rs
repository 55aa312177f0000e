//! Resource limits: what a run may use, as the kernel counts it.

use crate::process::check;
use std::io;

/// Largest file a run may write, bytes.
pub const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Descriptors a run may have open.
pub const OPEN_FILES: u64 = 64;
/// Threads of a run, counted in its own user namespace; without one, on top of what its user has.
pub const THREADS: u64 = 64;
/// Stack of the main thread and the default of every other, bytes.
pub const STACK_BYTES: u64 = 8 * 1024 * 1024;
const PENDING_SIGNALS: u64 = 64;

const MEGABYTE: u64 = 1024 * 1024;

/// C6: everything but time and memory, which step C11 knows better, starts at its final value.
pub fn set(address_space: u64, cpu_s: u64, threads: u64) -> io::Result<()> {
    limit(libc::RLIMIT_AS, address_space)?;
    limit(libc::RLIMIT_CPU, cpu_s)?;
    limit(libc::RLIMIT_FSIZE, FILE_BYTES)?;
    limit(libc::RLIMIT_NOFILE, OPEN_FILES)?;
    limit(libc::RLIMIT_NPROC, threads)?;
    limit(libc::RLIMIT_STACK, STACK_BYTES)?;
    limit(libc::RLIMIT_SIGPENDING, PENDING_SIGNALS)?;
    for none in [
        libc::RLIMIT_CORE,
        libc::RLIMIT_MEMLOCK,
        libc::RLIMIT_MSGQUEUE,
        libc::RLIMIT_NICE,
        libc::RLIMIT_RTPRIO,
    ] {
        limit(none, 0)?;
    }
    Ok(())
}

/// C11: soft and hard alike, so they cannot be raised again.
pub fn lower(baseline_bytes: u64, memory_mb: u64, cpu_s: u64) -> io::Result<()> {
    limit(libc::RLIMIT_AS, address_space(baseline_bytes, memory_mb))?;
    limit(libc::RLIMIT_CPU, cpu_used_s()?.saturating_add(cpu_s))
}

/// Address space for `memory_mb` above what the zygote left behind, bytes.
#[must_use]
pub fn address_space(baseline_bytes: u64, memory_mb: u64) -> u64 {
    baseline_bytes.saturating_add(memory_mb.saturating_mul(MEGABYTE))
}

fn cpu_used_s() -> io::Result<u64> {
    let mut used = libc::rusage {
        // SAFETY: all fields of rusage are integers, for which zero is a value.
        ..unsafe { std::mem::zeroed() }
    };
    // SAFETY: the structure outlives the call.
    check(unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut used) }.into())?;
    let micros = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1_000_000
        + used.ru_utime.tv_usec
        + used.ru_stime.tv_usec;
    Ok(micros.unsigned_abs().div_ceil(1_000_000))
}

fn limit(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let mut now = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the structure outlives the call.
    check(unsafe { libc::getrlimit(resource, &raw mut now) }.into())?;
    // A platform may have set less already; nobody here may raise it.
    let value = value.min(now.rlim_max);
    let limits = libc::rlimit {
        rlim_cur: value,
        rlim_max: value,
    };
    // SAFETY: as above.
    check(unsafe { libc::setrlimit(resource, &raw const limits) }.into()).map(drop)
}
