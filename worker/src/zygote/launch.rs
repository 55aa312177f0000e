//! Starting a zygote: this very program, executed afresh with an argument of its own, builds the
//! jail around itself and becomes the interpreter.

use rustix::{
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    process::{Signal, pidfd_send_signal},
};
use sandbox::{Jail, gate, jail};
use std::{
    io::{self, Read, Write},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    process::{Child, Command, ExitCode, Stdio},
    sync::mpsc,
    thread,
};

/// The argument that makes this program a launcher.
pub const LAUNCH_ARGUMENT: &str = "launch-zygote";

/// The process that was started as a launcher. It is the zygote, or outlives it; dropping it kills it.
#[derive(Debug)]
pub struct Launcher(OwnedFd);

impl Launcher {
    pub fn kill(&self) {
        // The only failure is that it is gone already.
        let _ = pidfd_send_signal(&self.0, Signal::KILL);
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a launcher and gives our end of its control socket.
///
/// The thread that starts it lives until it has ended, for two reasons: it collects the exit
/// status, and the kernel ties the launcher's life to that thread's.
pub fn launch(jail: &Jail) -> io::Result<(OwnedFd, Launcher)> {
    let (ours, theirs) = socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?;
    rustix::io::ioctl_fionbio(&ours, true)?;
    let description = serde_json::to_vec(jail)?;
    let (sender, started) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("zygote".to_owned())
        .spawn(move || {
            let (mut child, launcher) = match start(&theirs, &description) {
                Ok(started) => started,
                Err(error) => return sender.send(Err(error)),
            };
            drop(theirs);
            let told = sender.send(Ok(launcher));
            match child.wait() {
                Ok(status) => tracing::debug!(%status, "zygote ended"),
                Err(error) => tracing::warn!(%error, "zygote cannot be waited for"),
            }
            told
        })?;
    let launcher = started
        .recv()
        .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))?;
    Ok((ours, launcher))
}

fn start(control: &OwnedFd, description: &[u8]) -> io::Result<(Child, Launcher)> {
    let control = control.as_raw_fd();
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(LAUNCH_ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    // SAFETY: the closure calls async-signal-safe functions only and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0) != 0
                || place(control) < 0
            {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
    let mut child = command.spawn()?;
    // Not reaped before this thread waits for it, so the number is still its own.
    let launcher = Launcher(gate::pidfd(child.id().cast_signed())?);
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(description)?;
    }
    Ok((child, launcher))
}

/// Puts the control socket where the launcher expects it, open across the exec.
fn place(control: libc::c_int) -> libc::c_int {
    // SAFETY: plain descriptors and flags.
    unsafe {
        if control == jail::CONTROL_FD {
            libc::fcntl(control, libc::F_SETFD, 0)
        } else {
            libc::dup2(control, jail::CONTROL_FD)
        }
    }
}

/// What this program does under [`LAUNCH_ARGUMENT`], before anything else and without a runtime:
/// namespaces want a process with one thread.
pub fn launcher_main() -> ExitCode {
    let failed = match read_jail() {
        Ok(jail) => match jail::enter(&jail) {
            Ok(never) => match never {},
            Err(error) => error.to_string(),
        },
        Err(error) => format!("the launcher does not know what to build: {error}"),
    };
    say_failed(failed);
    ExitCode::FAILURE
}

fn read_jail() -> io::Result<Jail> {
    let mut description = Vec::new();
    io::stdin().read_to_end(&mut description)?;
    let null = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    Ok(serde_json::from_slice(&description)?)
}

fn say_failed(message: String) {
    use std::os::fd::BorrowedFd;
    // SAFETY: whoever started the launcher put the control socket there; it stays open to the end.
    let control = unsafe { BorrowedFd::borrow_raw(jail::CONTROL_FD) };
    let message = protocol::zygote::FromZygote::Failed { message };
    // A worker that cannot be told is gone, and with it whoever would read about it.
    let _ = mecapy_jail::channel::send(control, &message, &[]);
}
