//! The zygote's jail: steps J1 to J9, ending in the interpreter as first process of a world that
//! holds only what it needs.

use crate::{
    Error, capabilities,
    confine::offer_to_oom_killer,
    descriptors, identity,
    level::Layers,
    mounts::{self, Source},
    process::{Proc, check, die_with_parent, prctl, unshare},
};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, ffi::CString, io, os::fd::RawFd};

pub use crate::mounts::{Bind, TMP_BYTES, TMP_INODES, Written};

/// The zygote finds its control socket here; so does the interpreter after the exec.
pub const CONTROL_FD: RawFd = 3;
/// A handle of the host's `/proc`, for the id maps of runs; every run closes it in step C5.
pub const PROC_FD: RawFd = 4;
/// Exit status of a launcher whose zygote was ended by a signal: this plus the signal.
const SIGNALLED: i32 = 128;

/// What the jail holds and what runs in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jail {
    pub layers: Layers,
    /// Who to become when started as root.
    pub job_uid: u32,
    pub binds: Vec<Bind>,
    /// Where the jail has a root of its own.
    pub files: Vec<Written>,
    /// The interpreter's own file, no link.
    pub program: String,
    /// The whole argument list; its first element may name another path than `program`.
    pub arguments: Vec<String>,
    /// The whole environment, `NAME=value`.
    pub environment: Vec<String>,
}

/// Builds the jail and executes `jail.program` in it. The calling process must be single-threaded,
/// freshly executed, and have its control socket on [`CONTROL_FD`].
///
/// # Errors
/// The step that failed. The process is then half confined and must end.
pub fn enter(jail: &Jail) -> Result<Infallible, Error> {
    prepare(jail)?;
    exec(jail)
}

/// J1–J8 without the exec, for programs that are already where they should be.
///
/// # Errors
/// The step that failed.
pub fn prepare(jail: &Jail) -> Result<(), Error> {
    let proc = Proc::open().map_err(Error::IdMap)?;
    if jail.layers.namespaces {
        in_namespaces(jail, &proc)?;
    } else {
        if identity::is_root() {
            identity::drop_root(jail.job_uid)?; // J2
        }
        // C5 for every run: after step G1 nobody but root could write it.
        offer_to_oom_killer(&proc).map_err(Error::OomScore)?;
    }
    prctl(libc::PR_SET_NO_NEW_PRIVS, 1).map_err(Error::ZygoteCapabilities)?;
    descriptors::place(proc.into_raw(), PROC_FD).map_err(Error::IdMap)?;
    descriptors::close_from(PROC_FD + 1).map_err(Error::ZygoteCapabilities)?;
    Ok(())
}

fn in_namespaces(jail: &Jail, proc: &Proc) -> Result<(), Error> {
    let mut opened = None;
    if identity::is_root() {
        opened = open_as_root(&jail.binds)?; // J1, as root
        identity::drop_root(jail.job_uid)?; // J2
    }
    identity::enter_user_namespace(proc)?; // J3
    enter_namespaces().map_err(Error::Namespaces)?; // J4
    let sources = match opened {
        Some(sources) => sources,
        None => Source::open(&jail.binds)?, // J1, as an ordinary user
    };
    become_first_process().map_err(Error::PidNamespace)?; // J5
    mounts::build_root(&sources, &jail.files)?; // J6
    mounts::pivot().map_err(Error::Pivot)?; // J7
    capabilities::keep_admin_of_own_namespace().map_err(Error::ZygoteCapabilities) // J8
}

/// Nothing, where root is one without the right to mount: then it opens like anybody else, later.
fn open_as_root(binds: &[Bind]) -> Result<Option<Vec<Source>>, Error> {
    match Source::open(binds) {
        Ok(sources) => Ok(Some(sources)),
        Err(Error::OpenSource { source, .. }) if source.raw_os_error() == Some(libc::EPERM) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// J4: the network namespace has no interface that is up, not even loopback.
fn enter_namespaces() -> io::Result<()> {
    unshare(
        libc::CLONE_NEWNS
            | libc::CLONE_NEWNET
            | libc::CLONE_NEWIPC
            | libc::CLONE_NEWUTS
            | libc::CLONE_NEWCGROUP
            | libc::CLONE_NEWPID,
    )?;
    let name = "mecapy";
    // SAFETY: pointer and length are those of a literal.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }.into()).map(drop)
}

/// J5: the caller goes on as pid 1 of the new namespace; the process that called stays outside,
/// waits, and repeats its end. Either one's death ends the other, and with pid 1 everything in it.
fn become_first_process() -> io::Result<()> {
    // SAFETY: the process is single-threaded, so the child may use everything it inherits.
    match check(unsafe { libc::fork() }.into())? {
        0 => die_with_parent(),
        child => {
            let status = descriptors::close_from(CONTROL_FD)
                .and_then(|()| wait(child as libc::pid_t))
                .unwrap_or(1);
            // SAFETY: ends the process without running destructors of what the child now uses.
            unsafe { libc::_exit(status) }
        }
    }
}

/// The exit status of a child, or of a signal's victim as shells write it.
pub(crate) fn wait(pid: libc::pid_t) -> io::Result<i32> {
    let mut status = 0;
    loop {
        // SAFETY: the status outlives the call.
        match check(unsafe { libc::waitpid(pid, &raw mut status, 0) }.into()) {
            Ok(_) if libc::WIFSIGNALED(status) => return Ok(SIGNALLED + libc::WTERMSIG(status)),
            Ok(_) => return Ok(libc::WEXITSTATUS(status)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// J9: replaces this process by the interpreter.
fn exec(jail: &Jail) -> Result<Infallible, Error> {
    let failed = |source| Error::Exec {
        program: jail.program.clone(),
        source,
    };
    let invalid = |_| io::Error::from_raw_os_error(libc::EINVAL);
    let program = CString::new(jail.program.as_str()).map_err(|e| failed(invalid(e)))?;
    let strings = |list: &[String]| -> io::Result<Vec<CString>> {
        list.iter()
            .map(|text| CString::new(text.as_str()).map_err(invalid))
            .collect()
    };
    let arguments = strings(&jail.arguments).map_err(failed)?;
    let environment = strings(&jail.environment).map_err(failed)?;
    let argv = null_terminated(&arguments);
    let envp = null_terminated(&environment);
    // SAFETY: both arrays end in null and point to strings that outlive the call.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    Err(failed(io::Error::last_os_error()))
}

fn null_terminated(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings
        .iter()
        .map(|text| text.as_ptr())
        .chain([std::ptr::null()])
        .collect()
}
