//! A run's confinement: steps C1 to C10 in the process forked for it, before its code is known, and
//! C11 when its limits are.

use crate::{
    Error, capabilities, descriptors,
    error::FilterError,
    identity,
    jail::PROC_FD,
    landlocked::{self, Paths},
    level::Layers,
    mounts,
    process::{Proc, check, die_with_parent, prctl, unshare},
    resources,
    syscalls::RunFilter,
};
use std::{io, os::fd::RawFd};

/// The number of a run's process in its own pid namespace.
const FIRST_PROCESS: u32 = 1;

/// Longest time and most memory that a run can be given, for the steps before they are known.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub cpu_s: u64,
    pub memory_mb: u64,
}

/// How a run is confined: made once, before the forks that are confined by it.
#[derive(Clone, Debug)]
pub struct Confinement {
    layers: Layers,
    readable: Vec<String>,
    most: Most,
    /// The filter of step C10 for the first process of a pid namespace.
    filter: RunFilter,
}

/// What is left to know after the steps.
#[derive(Clone, Copy, Debug)]
pub struct Confined {
    /// Address space that came from the zygote, bytes; limits count from here.
    pub baseline_bytes: u64,
}

impl Confinement {
    /// `readable` is what Landlock lets a run read where it has no root of its own.
    ///
    /// # Errors
    /// The system call filter cannot be built for this machine.
    pub fn new(layers: Layers, readable: Vec<String>, most: Most) -> Result<Self, Error> {
        Ok(Self {
            layers,
            readable,
            most,
            filter: RunFilter::new(FIRST_PROCESS, layers).map_err(Error::Seccomp)?,
        })
    }

    #[must_use]
    pub const fn layers(&self) -> Layers {
        self.layers
    }

    /// C1–C10. `fds` become the process's only descriptors, in order.
    ///
    /// # Errors
    /// The step that failed. The process is then half confined and must end.
    pub fn confine(&self, fds: &[RawFd]) -> Result<Confined, Error> {
        let mut kept = fds.to_vec();
        kept.push(PROC_FD); // for the steps up to C5
        descriptors::keep_only(&kept).map_err(Error::Descriptors)?; // C1
        let last = fds.len() as RawFd;
        // SAFETY: step C1 has just put the handle there, and nothing else refers to it.
        let proc = unsafe { Proc::adopt(last) };
        new_session()?; // C2
        if self.layers.namespaces {
            enter_own_namespaces(&proc)?; // C3
            mounts::mount_tmp(libc::MS_NOEXEC).map_err(Error::PrivateTmp)?; // C4
            std::env::set_current_dir("/tmp").map_err(Error::PrivateTmp)?;
        }
        if self.layers.namespaces {
            offer_to_oom_killer(&proc).map_err(Error::OomScore)?; // C5
        }
        let baseline_bytes = address_space(&proc)?;
        let threads = self.threads(&proc);
        drop(proc);
        self.limit(baseline_bytes, threads)?; // C6
        capabilities::drop_all(self.layers.namespaces).map_err(Error::Capabilities)?; // C7
        prctl(libc::PR_SET_NO_NEW_PRIVS, 1).map_err(Error::NoNewPrivileges)?; // C8
        prctl(libc::PR_SET_DUMPABLE, 0).map_err(Error::NoNewPrivileges)?;
        if self.layers.landlock {
            landlocked::restrict(&self.paths())?; // C9
        }
        if self.layers.seccomp {
            self.filter().map_err(Error::Seccomp)?; // C10
        }
        Ok(Confined { baseline_bytes })
    }

    /// Without a user namespace the kernel counts all that the user has: this many on top of it, so
    /// that a run has its threads wherever it is, and no more.
    fn threads(&self, proc: &Proc) -> u64 {
        if self.layers.namespaces {
            return resources::THREADS;
        }
        // SAFETY: getuid cannot fail and touches no memory.
        let others = proc.threads_of(unsafe { libc::getuid() });
        others.saturating_add(resources::THREADS)
    }

    fn limit(&self, baseline_bytes: u64, threads: u64) -> Result<(), Error> {
        if !self.layers.resource_limits {
            return Ok(());
        }
        let space = resources::address_space(baseline_bytes, self.most.memory_mb);
        // The time before the payload counts too, hence one second more.
        resources::set(space, self.most.cpu_s + 1, threads).map_err(Error::ResourceLimits)
    }

    fn filter(&self) -> Result<(), FilterError> {
        match std::process::id() {
            FIRST_PROCESS => self.filter.install(),
            other => RunFilter::new(other, self.layers)?.install(),
        }
    }

    fn paths(&self) -> Paths {
        let mut write = vec!["/dev/null".to_owned()];
        let read = if self.layers.namespaces {
            write.push("/tmp".to_owned());
            vec!["/".to_owned()]
        } else {
            let mut read = self.readable.clone();
            read.extend(["/dev/urandom", "/dev/zero"].map(str::to_owned));
            read
        };
        Paths { read, write }
    }
}

/// C11: lowers memory and CPU time from the most possible to what this run was given.
///
/// # Errors
/// The kernel refused.
pub fn lower(confined: Confined, memory_mb: u64, cpu_s: u64) -> Result<(), Error> {
    resources::lower(confined.baseline_bytes, memory_mb, cpu_s).map_err(Error::Lower)
}

/// C5: memory that runs out is taken from here first.
pub(crate) fn offer_to_oom_killer(proc: &Proc) -> io::Result<()> {
    proc.write("self/oom_score_adj", "1000")
}

/// C2: no controlling terminal, and no life beyond the zygote's.
fn new_session() -> Result<(), Error> {
    // SAFETY: setsid takes nothing and touches no memory.
    check(unsafe { libc::setsid() }.into()).map_err(Error::Session)?;
    die_with_parent().map_err(Error::Session)
}

/// C3: a user namespace of its own counts the run's threads apart from all others', and makes every
/// mount of the jail one that cannot be undone.
fn enter_own_namespaces(proc: &Proc) -> Result<(), Error> {
    // SAFETY: neither call can fail nor touches memory.
    let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS).map_err(Error::RunNamespaces)?;
    identity::map_ids(proc, uid, gid).map_err(Error::RunNamespaces)
}

fn address_space(proc: &Proc) -> Result<u64, Error> {
    let statm = proc.read("self/statm").map_err(Error::ResourceLimits)?;
    let pages: u64 = statm
        .split(' ')
        .next()
        .and_then(|field| field.parse().ok())
        .ok_or_else(|| Error::ResourceLimits(io::ErrorKind::InvalidData.into()))?;
    // SAFETY: sysconf touches no memory.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Ok(pages.saturating_mul(page.unsigned_abs()))
}
