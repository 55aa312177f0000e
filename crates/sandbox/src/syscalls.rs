//! System call filters. The zygote's gate (G2) allows [`RUN`] and [`ZYGOTE`] and refuses the rest
//! with EPERM; every run inherits it for nothing and adds a small filter of its own (C10) that
//! takes [`ZYGOTE`] away and narrows what depends on arguments. Together they are an allowlist.

use crate::{error::FilterError, level::Layers, process::check};
use libc::*;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};
use std::{collections::BTreeMap, io};

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// What numerical Python calls, whatever its arguments.
#[rustfmt::skip]
const RUN: &[c_long] = &[
    // Files, within what root, Landlock and limits leave.
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev,
    SYS_openat, SYS_close, SYS_lseek, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs,
    SYS_faccessat, SYS_faccessat2, SYS_getdents64, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_readlinkat,
    SYS_mkdirat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_fchmod,
    SYS_fchmodat, SYS_utimensat, SYS_umask, SYS_truncate, SYS_ftruncate, SYS_fallocate, SYS_fsync,
    SYS_fdatasync, SYS_flock, SYS_fadvise64, SYS_sendfile, SYS_copy_file_range, SYS_dup, SYS_dup3,
    SYS_pipe2, SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_llistxattr,
    SYS_flistxattr,
    // Memory; executable mappings are what ctypes callbacks are made of.
    SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk, SYS_msync, SYS_mincore,
    SYS_membarrier,
    // Threads, time and waiting.
    SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_set_tid_address,
    SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_getcpu, SYS_nanosleep,
    SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_times,
    SYS_getitimer, SYS_setitimer, SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl,
    SYS_epoll_pwait, SYS_eventfd2, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime,
    SYS_restart_syscall,
    // Signals to itself.
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigsuspend,
    SYS_rt_sigtimedwait, SYS_sigaltstack,
    // Asking who and what.
    SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgid, SYS_getsid, SYS_getuid, SYS_geteuid, SYS_getgid,
    SYS_getegid, SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_capget, SYS_uname, SYS_sysinfo,
    SYS_getrusage, SYS_getrandom, SYS_getrlimit,
    // The socket pair that asyncio wakes itself with.
    SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_shutdown, SYS_getsockopt, SYS_setsockopt,
    SYS_getsockname, SYS_getpeername,
    SYS_exit, SYS_exit_group,
];

/// Older spellings that only this architecture has.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const RUN_LEGACY: &[c_long] = &[
    SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_getdents, SYS_readlink, SYS_mkdir,
    SYS_rmdir, SYS_unlink, SYS_rename, SYS_link, SYS_symlink, SYS_chmod, SYS_utime, SYS_utimes,
    SYS_futimesat, SYS_dup2, SYS_pipe, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait,
    SYS_eventfd, SYS_time, SYS_alarm, SYS_pause, SYS_getpgrp, SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const RUN_LEGACY: &[c_long] = &[];

/// Allowed by argument, in [`RunFilter`] or here.
const CONDITIONAL: &[c_long] = &[
    SYS_clone,
    SYS_fcntl,
    SYS_ioctl,
    SYS_prctl,
    SYS_prlimit64,
    SYS_setrlimit,
    SYS_socketpair,
    SYS_tgkill,
];

/// What it takes to fork a run and lock it down; gone after step C10.
#[rustfmt::skip]
const ZYGOTE: &[c_long] = &[
    SYS_unshare, SYS_setns, SYS_mount, SYS_pidfd_open, SYS_wait4, SYS_close_range, SYS_setsid,
    SYS_capset, SYS_seccomp, SYS_landlock_create_ruleset, SYS_landlock_add_rule,
    SYS_landlock_restrict_self,
];

/// What changes the mode and the times of a file, which Landlock does not guard.
const ATTRIBUTES: &[c_long] = &[SYS_fchmod, SYS_fchmodat, SYS_utimensat];
#[cfg(target_arch = "x86_64")]
const ATTRIBUTES_LEGACY: &[c_long] = &[SYS_chmod, SYS_utime, SYS_utimes, SYS_futimesat];
#[cfg(not(target_arch = "x86_64"))]
const ATTRIBUTES_LEGACY: &[c_long] = &[];

/// Terminal questions (answered ENOTTY) and what Python does to descriptors; no ioctl reaches a driver.
const IOCTLS: [c_ulong; 6] = [TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX];
/// Thread names, and questions.
const PRCTLS: [c_int; 6] = [
    PR_SET_NAME,
    PR_GET_NAME,
    PR_GET_DUMPABLE,
    PR_GET_NO_NEW_PRIVS,
    PR_GET_SECCOMP,
    PR_CAPBSET_READ,
];
const F_SETSIG: c_int = 10;
const F_SETOWN_EX: c_int = 15;
/// What lets the kernel signal whoever the caller names, tells of others' files, or pins memory.
const FCNTLS: [c_int; 6] = [
    F_SETOWN,
    F_SETOWN_EX,
    F_SETSIG,
    F_NOTIFY,
    F_SETLEASE,
    F_SETPIPE_SZ,
];
/// The part of a socket's type beside its flags.
const SOCKET_KIND: u64 = 0xf;
/// A clone without all of these makes a process, not a thread.
const THREAD_FLAGS: [c_int; 3] = [CLONE_VM, CLONE_THREAD, CLONE_SIGHAND];
/// A clone with one of these makes a namespace.
const NAMESPACE_FLAGS: [c_int; 7] = [
    CLONE_NEWUSER,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWNET,
    CLONE_NEWIPC,
    CLONE_NEWUTS,
    CLONE_NEWCGROUP,
];

/// G2: an allowlist. `clone3` hides its flags from filters, so it does not exist, and libc falls
/// back to `clone`.
pub fn restrict_zygote() -> Result<(), FilterError> {
    let mut rules: Rules = [RUN, RUN_LEGACY, CONDITIONAL, ZYGOTE, &[SYS_clone3]]
        .into_iter()
        .flatten()
        .map(|&number| (number, Vec::new()))
        .collect();
    // Of streams only: one of datagrams can be sent to any socket of the host that has a name.
    let local = condition(0, Op::Eq, AF_UNIX as u64)?;
    let stream = condition(1, Op::MaskedEq(SOCKET_KIND), SOCK_STREAM as u64)?;
    rules.insert(SYS_socketpair, vec![SeccompRule::new(vec![local, stream])?]);
    let own = condition(0, Op::Eq, 0)?;
    rules.insert(SYS_prlimit64, vec![SeccompRule::new(vec![own])?]);
    let refused = SeccompAction::Errno(EPERM as u32);
    install(&compile(rules, refused, SeccompAction::Allow)?)?;
    let absent: Rules = [(SYS_clone3, Vec::new())].into();
    let unknown = SeccompAction::Errno(ENOSYS as u32);
    install(&compile(absent, SeccompAction::Allow, unknown)?)
}

/// C10: what the gate left open for the zygote, and arguments that a run has no use for.
#[derive(Clone, Debug)]
pub struct RunFilter(BpfProgram);

impl RunFilter {
    /// For the process of this number, the only one it may signal. Where Landlock alone guards
    /// files, none can be written, and their attributes must not be either: the environment may
    /// belong to the user that runs have.
    pub fn new(own: u32, layers: Layers) -> Result<Self, FilterError> {
        let mut rules: Rules = ZYGOTE.iter().map(|&number| (number, Vec::new())).collect();
        if layers.landlock && !layers.namespaces {
            let attributes = ATTRIBUTES.iter().chain(ATTRIBUTES_LEGACY);
            rules.extend(attributes.map(|&number| (number, Vec::new())));
        }
        rules.insert(
            SYS_tgkill,
            vec![SeccompRule::new(vec![condition(0, Op::Ne, own.into())?])?],
        );
        rules.insert(SYS_ioctl, vec![none_of(1, IOCTLS)?]);
        rules.insert(
            SYS_prctl,
            vec![none_of(0, PRCTLS.map(|option| option as u64))?],
        );
        rules.insert(SYS_fcntl, any_of(1, FCNTLS)?);
        rules.insert(SYS_clone, not_a_thread()?);
        let refused = SeccompAction::Errno(EPERM as u32);
        compile(rules, SeccompAction::Allow, refused).map(Self)
    }

    pub fn install(&self) -> Result<(), FilterError> {
        install(&self.0)
    }
}

/// Matches a clone that would make a process or a namespace.
fn not_a_thread() -> Result<Vec<SeccompRule>, FilterError> {
    let missing = THREAD_FLAGS.map(|flag| (flag, 0));
    let present = NAMESPACE_FLAGS.map(|flag| (flag, flag as u32 as u64));
    missing
        .into_iter()
        .chain(present)
        .map(|(flag, value)| {
            let masked = condition(0, Op::MaskedEq(flag as u32 as u64), value)?;
            Ok(SeccompRule::new(vec![masked])?)
        })
        .collect()
}

/// Matches when the argument is one of `values`; the kernel looks at its lower 32 bits.
fn any_of<const N: usize>(
    argument: u8,
    values: [c_int; N],
) -> Result<Vec<SeccompRule>, FilterError> {
    values
        .into_iter()
        .map(|value| {
            let equal = condition(argument, Op::Eq, value as u32 as u64)?;
            Ok(SeccompRule::new(vec![equal])?)
        })
        .collect()
}

/// Matches when the argument is none of `values`; the kernel looks at its lower 32 bits.
fn none_of<const N: usize>(argument: u8, values: [u64; N]) -> Result<SeccompRule, FilterError> {
    let differs = values
        .into_iter()
        .map(|value| condition(argument, Op::Ne, value))
        .collect::<Result<_, _>>()?;
    Ok(SeccompRule::new(differs)?)
}

fn condition(argument: u8, operator: Op, value: u64) -> Result<SeccompCondition, FilterError> {
    Ok(SeccompCondition::new(
        argument,
        Width::Dword,
        operator,
        value,
    )?)
}

fn compile(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, FilterError> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    Ok(SeccompFilter::new(rules, otherwise, matched, arch)?.try_into()?)
}

fn install(program: &BpfProgram) -> Result<(), FilterError> {
    let length = u16::try_from(program.len()).map_err(|_| io::Error::from_raw_os_error(E2BIG))?;
    let program = sock_fprog {
        len: length,
        filter: program.as_ptr().cast_mut().cast(),
    };
    // Not seccompiler's own face, which calls prctl first: a later filter may forbid that.
    // SAFETY: the program outlives the call, which copies it.
    check(unsafe { syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &raw const program) })?;
    Ok(())
}
