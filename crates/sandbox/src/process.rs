//! Small faces over system calls: a return value of -1 becomes an [`io::Error`].

use std::{
    ffi::CString,
    io,
    os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd},
};

/// Turns the return value of a system call into a result.
pub fn check(value: libc::c_long) -> io::Result<libc::c_long> {
    if value < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(value)
    }
}

/// A path for the kernel.
pub fn c_path(path: &str) -> io::Result<CString> {
    CString::new(path).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}

/// `prctl` with its unused arguments zero.
pub fn prctl(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    // SAFETY: every option used in this crate takes integers only.
    check(unsafe { libc::prctl(option, value, 0, 0, 0) }.into()).map(drop)
}

pub fn unshare(flags: libc::c_int) -> io::Result<()> {
    // SAFETY: unshare takes no pointer; the callers are single-threaded.
    check(unsafe { libc::unshare(flags) }.into()).map(drop)
}

/// The end of the parent ends this process, whatever it is doing.
pub fn die_with_parent() -> io::Result<()> {
    prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong)
}

/// The host's `/proc`, as a handle that outlives a change of root.
#[derive(Debug)]
pub struct Proc(OwnedFd);

impl Proc {
    pub fn open() -> io::Result<Self> {
        let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC;
        // SAFETY: the path is a NUL-terminated literal; the descriptor returned is ours alone.
        let fd = check(unsafe { libc::open(c"/proc".as_ptr(), flags) }.into())?;
        // SAFETY: open just returned this descriptor and nothing else owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as RawFd) }))
    }

    /// Adopts a handle that was inherited across an exec.
    ///
    /// # Safety
    /// `fd` must be an open descriptor of a procfs root that nothing else owns.
    pub unsafe fn adopt(fd: RawFd) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    pub fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Gives up ownership: whoever asks decides what becomes of the descriptor.
    pub fn into_raw(self) -> RawFd {
        self.0.into_raw_fd()
    }

    pub fn write(&self, path: &str, text: &str) -> io::Result<()> {
        let fd = self.open_at(path, libc::O_WRONLY)?;
        // SAFETY: the pointer and length are those of a live string.
        let written =
            check(unsafe { libc::write(fd.as_raw_fd(), text.as_ptr().cast(), text.len()) } as i64)?;
        if written as usize == text.len() {
            Ok(())
        } else {
            Err(io::ErrorKind::WriteZero.into())
        }
    }

    pub fn read(&self, path: &str) -> io::Result<String> {
        use std::io::Read;
        let mut text = String::new();
        std::fs::File::from(self.open_at(path, libc::O_RDONLY)?).read_to_string(&mut text)?;
        Ok(text)
    }

    /// Threads of all processes that a user has and this process can see, as the kernel counts them
    /// for its limit.
    pub fn threads_of(&self, uid: u32) -> u64 {
        let Ok(entries) = std::fs::read_dir("/proc") else {
            return 0;
        };
        let of_process = |status: String| -> Option<u64> {
            let field = |name| status.lines().find_map(|line| line.strip_prefix(name));
            let real: u32 = field("Uid:")?.split_whitespace().next()?.parse().ok()?;
            let threads = field("Threads:")?.trim().parse().ok()?;
            (real == uid).then_some(threads)
        };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            // A process may end while it is asked for.
            .filter_map(|pid| self.read(&format!("{pid}/status")).ok())
            .filter_map(of_process)
            .sum()
    }

    /// Where a link points.
    pub fn link(&self, path: &str) -> io::Result<String> {
        let path = c_path(path)?;
        let mut target = [0u8; 256];
        // SAFETY: the path is NUL-terminated; pointer and length are those of a live buffer.
        let length = check(unsafe {
            libc::readlinkat(
                self.raw(),
                path.as_ptr(),
                target.as_mut_ptr().cast(),
                target.len(),
            ) as libc::c_long
        })?;
        Ok(String::from_utf8_lossy(&target[..length as usize]).into_owned())
    }

    fn open_at(&self, path: &str, flags: libc::c_int) -> io::Result<OwnedFd> {
        let path = c_path(path)?;
        // SAFETY: the path is NUL-terminated and outlives the call.
        let fd = check(
            unsafe { libc::openat(self.raw(), path.as_ptr(), flags | libc::O_CLOEXEC) }.into(),
        )?;
        // SAFETY: openat just returned this descriptor and nothing else owns it.
        Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
    }
}
