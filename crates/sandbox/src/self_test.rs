//! A real jail, a real run in it, and attempts that must fail: whether the layers hold here is not
//! asked of the kernel's version but tried.

use crate::{
    Error, Jail, Layers,
    confine::{Confinement, Most},
    gate,
    jail::{self, PROC_FD, TMP_BYTES},
    process::{Proc, check},
    resources::THREADS,
};
use serde::{Deserialize, Serialize};
use std::{
    ffi::{CStr, CString},
    io::{self, Write},
    os::fd::RawFd,
};

/// One promise, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub promise: String,
    pub holds: bool,
}

/// The namespaces of a jail, and their links below `/proc/self/ns`.
const NAMESPACES: [(&str, &str); 7] = [
    ("user", "user"),
    ("mount", "mnt"),
    ("pid", "pid"),
    ("network", "net"),
    ("ipc", "ipc"),
    ("uts", "uts"),
    ("cgroup", "cgroup"),
];

/// Limits that no attempt comes near.
const MOST: Most = Most {
    cpu_s: 60,
    memory_mb: 512,
};

/// Builds the jail, confines a process in it and writes its [`Check`]s as JSON to standard output.
/// The calling process must be single-threaded and freshly executed; it has no use afterwards.
///
/// # Errors
/// The step that failed.
pub fn run(described: &Jail) -> Result<(), Error> {
    let layers = described.layers;
    let outside = Proc::open().and_then(|proc| namespaces(&proc));
    jail::prepare(described)?;
    let checks = if layers.namespaces {
        jail_checks(&outside.map_err(Error::SelfTest)?).map_err(Error::SelfTest)?
    } else {
        Vec::new()
    };
    gate::close(layers)?;
    if layers.namespaces {
        gate::open_pid_namespace().map_err(Error::PidNamespace)?;
    }
    // SAFETY: the process is single-threaded, so the child may use everything it inherits.
    match check(unsafe { libc::fork() }.into()).map_err(Error::PidNamespace)? {
        0 => {
            let status = match attempt(described, checks) {
                Ok(()) => 0,
                Err(error) => {
                    eprintln!("{error}");
                    1
                }
            };
            // SAFETY: ends the child without running what belongs to its parent.
            unsafe { libc::_exit(status) }
        }
        child => match jail::wait(child as libc::pid_t) {
            Ok(0) => Ok(()),
            Ok(status) => Err(Error::SelfTest(io::Error::other(format!(
                "status {status}"
            )))),
            Err(error) => Err(Error::SelfTest(error)),
        },
    }
}

/// The link of each of [`NAMESPACES`], which names the namespace.
fn namespaces(proc: &Proc) -> io::Result<Vec<String>> {
    NAMESPACES
        .iter()
        .map(|(_, link)| proc.link(&format!("self/ns/{link}")))
        .collect()
}

/// What only somebody outside a run can see of its jail, which still has the host's `/proc`.
fn jail_checks(outside: &[String]) -> io::Result<Vec<Check>> {
    // SAFETY: a descriptor and a flag.
    let fd = check(unsafe { libc::fcntl(PROC_FD, libc::F_DUPFD_CLOEXEC, PROC_FD) }.into())?;
    // SAFETY: fcntl just made this copy, and nothing else owns it.
    let proc = unsafe { Proc::adopt(fd as RawFd) };
    let inside = namespaces(&proc)?;
    let mut checks: Vec<_> = NAMESPACES
        .iter()
        .zip(outside.iter().zip(&inside))
        .map(|((name, _), (outside, inside))| Check {
            promise: format!("the jail has a {name} namespace of its own"),
            holds: outside != inside,
        })
        .collect();
    let mounts = proc.read("self/mountinfo")?;
    checks.push(Check {
        promise: "no mount of the jail is tied to one of the host".to_owned(),
        holds: !mounts.contains(" shared:") && !mounts.contains(" master:"),
    });
    Ok(checks)
}

fn attempt(described: &Jail, mut checks: Vec<Check>) -> Result<(), Error> {
    let readable = described.binds.iter().map(|bind| bind.host.clone());
    let confinement = Confinement::new(described.layers, readable.collect(), MOST)?;
    confinement.confine(&[0, 1, 2])?;
    checks.extend(run_checks(described.layers));
    let checks = serde_json::to_vec(&checks).map_err(|error| Error::SelfTest(error.into()))?;
    let mut stdout = io::stdout();
    stdout.write_all(&checks).map_err(Error::SelfTest)?;
    stdout.flush().map_err(Error::SelfTest)
}

fn run_checks(layers: Layers) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut add = |promise: &str, holds: bool| {
        checks.push(Check {
            promise: promise.to_owned(),
            holds,
        });
    };
    add("a run is not root", effective_user() != 0);
    add("a run has no capability", capabilities() == Some(0));
    // SAFETY: a question without pointers.
    let no_new = unsafe { libc::prctl(libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) };
    add("a run gains no privilege", no_new == 1);
    if layers.namespaces {
        add(
            "a run is alone in its pid namespace",
            std::process::id() == 1,
        );
        add(
            "a run sees no /proc",
            opens(c"/proc/self", libc::O_RDONLY) == Err(libc::ENOENT),
        );
        add(
            "a run sees no /sys",
            opens(c"/sys", libc::O_RDONLY) == Err(libc::ENOENT),
        );
        add("the root is read-only", creates(c"/self-test").is_err());
        add("/tmp can be written", creates(c"/tmp/self-test") == Ok(()));
        add("/tmp has its size", size_of_tmp() == Some(TMP_BYTES));
    }
    if layers.landlock {
        let written = opens(c"/dev/zero", libc::O_WRONLY);
        add("Landlock guards files", written == Err(libc::EACCES));
    }
    if !layers.namespaces {
        let zygote = format!("/proc/{}/mem", std::os::unix::process::parent_id());
        let zygote = CString::new(zygote).unwrap_or_default();
        add(
            "the zygote's memory is out of reach",
            opens(&zygote, libc::O_RDONLY) == Err(libc::EACCES),
        );
    }
    if layers.landlock && !layers.namespaces {
        let environment = opens(c"/proc/self/environ", libc::O_RDONLY);
        add(
            "no environment can be read",
            environment == Err(libc::EACCES),
        );
        add(
            "nothing can be written",
            creates(c"/tmp/self-test").is_err(),
        );
    }
    if layers.seccomp {
        add(
            "a run opens no socket",
            refused(|| unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) }),
        );
        add("a run starts no process", !forks());
        add(
            "a run makes no namespace",
            refused(|| unsafe { libc::unshare(libc::CLONE_NEWUSER) }),
        );
        add(
            "a run signals nobody",
            refused(|| unsafe { libc::kill(-1, 0) }),
        );
        add("a run executes nothing", refused(execute));
        add(
            "a run lets nobody signal in its name",
            refused(|| unsafe { libc::fcntl(0, libc::F_SETOWN, 1) }),
        );
        add("a run sends no datagram", refused(pair_of_datagrams));
    }
    if layers.resource_limits {
        add("a run dumps no core", limit(libc::RLIMIT_CORE) == Some(0));
        let space = limit(libc::RLIMIT_AS).is_some_and(|space| space != libc::RLIM_INFINITY);
        add("address space is limited", space);
        // Without a namespace of its own, above what the user has elsewhere.
        let most = if layers.namespaces {
            THREADS
        } else {
            libc::RLIM_INFINITY - 1
        };
        add(
            "threads are limited",
            limit(libc::RLIMIT_NPROC).is_some_and(|threads| threads <= most),
        );
    }
    checks
}

fn size_of_tmp() -> Option<u64> {
    // SAFETY: all fields of statfs are integers, for which zero is a value.
    let mut found: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path is NUL-terminated, and the structure outlives the call.
    check(unsafe { libc::statfs(c"/tmp".as_ptr(), &raw mut found) }.into()).ok()?;
    found.f_blocks.checked_mul(found.f_bsize.unsigned_abs())
}

fn pair_of_datagrams() -> libc::c_int {
    let mut ends = [0; 2];
    // SAFETY: there is room for the two descriptors.
    unsafe { libc::socketpair(libc::AF_UNIX, libc::SOCK_DGRAM, 0, ends.as_mut_ptr()) }
}

fn effective_user() -> u32 {
    // SAFETY: geteuid cannot fail and touches no memory.
    unsafe { libc::geteuid() }
}

fn execute() -> libc::c_int {
    let argv = [c"/".as_ptr(), std::ptr::null()];
    // SAFETY: path and list are NUL- and null-terminated and outlive the call.
    unsafe { libc::execv(argv[0], argv.as_ptr()) }
}

/// Whether the kernel answers EPERM.
fn refused(call: impl FnOnce() -> libc::c_int) -> bool {
    call() == -1 && io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

fn forks() -> bool {
    // SAFETY: the process is single-threaded, and its child ends at once.
    match unsafe { libc::fork() } {
        -1 => false,
        // SAFETY: as above.
        0 => unsafe { libc::_exit(0) },
        _ => true,
    }
}

fn opens(path: &CStr, flags: libc::c_int) -> Result<(), i32> {
    // SAFETY: the path is NUL-terminated; the descriptor is closed again.
    match unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, 0o600) } {
        -1 => Err(io::Error::last_os_error().raw_os_error().unwrap_or(0)),
        fd => {
            // SAFETY: open just returned it.
            unsafe { libc::close(fd) };
            Ok(())
        }
    }
}

fn creates(path: &CStr) -> Result<(), i32> {
    opens(path, libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL)
}

fn limit(resource: libc::__rlimit_resource_t) -> Option<u64> {
    let mut limits = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the structure outlives the call.
    check(unsafe { libc::getrlimit(resource, &raw mut limits) }.into()).ok()?;
    Some(limits.rlim_max)
}

/// The union of the effective and permitted sets.
fn capabilities() -> Option<u64> {
    let header: [u32; 2] = [0x2008_0522, 0];
    let mut sets = [0u32; 6];
    // SAFETY: version 3 reads an 8-byte header and writes two blocks of three u32.
    check(unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), sets.as_mut_ptr()) }).ok()?;
    Some(u64::from(sets[0] | sets[1]) | u64::from(sets[3] | sets[4]) << 32)
}
