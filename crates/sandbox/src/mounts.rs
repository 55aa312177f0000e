//! The jail's root: an empty tmpfs, into which only what the interpreter needs is bound, read-only.
//!
//! What will be bound is opened before anything else ([`Source::open`]), as whoever starts the
//! worker: an interpreter below a directory that only root may enter works, and after that the
//! sequence is the same for root and for an ordinary user.

use crate::{
    Error,
    identity::INSIDE_ID,
    process::{c_path, check},
};
use serde::{Deserialize, Serialize};
use std::{
    ffi::CStr,
    fs, io,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
        unix::fs::symlink,
    },
    path::Path,
};

/// Where the new root is assembled: a directory every system has; what it held is out of sight then.
const STAGE: &str = "/tmp";
/// Bytes of `/tmp`, for a run and for the zygote's imports.
pub const TMP_BYTES: u64 = 64 * 1024 * 1024;
/// Files, directories and links in `/tmp`.
pub const TMP_INODES: u32 = 4096;
/// Devices that give or swallow bytes and reach no hardware.
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

/// Something of the host that the jail shows at `inside`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    pub host: String,
    pub inside: String,
    /// Left out when the host does not have it.
    pub optional: bool,
}

impl Bind {
    /// The same path on both sides.
    pub fn same(path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            host: path.clone(),
            inside: path,
            optional: false,
        }
    }

    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// A small file that the jail shows and the host does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub inside: String,
    pub text: String,
}

/// A detached, read-only copy of a mount tree, tied to nothing of the host, or a link that is made again inside.
pub enum Source {
    Tree {
        fd: OwnedFd,
        directory: bool,
        inside: String,
    },
    Link {
        target: String,
        inside: String,
    },
}

impl Source {
    /// J1: opens everything of `binds` that exists, and the devices.
    pub fn open(binds: &[Bind]) -> Result<Vec<Self>, Error> {
        let mut sources = Vec::with_capacity(binds.len() + DEVICES.len());
        for bind in binds {
            let failed = |source| Error::OpenSource {
                path: bind.host.clone(),
                source,
            };
            let metadata = match fs::symlink_metadata(&bind.host) {
                Err(error) if bind.optional && error.kind() == io::ErrorKind::NotFound => continue,
                found => found.map_err(failed)?,
            };
            if metadata.is_symlink() {
                let target = fs::read_link(&bind.host).map_err(failed)?;
                sources.push(Self::Link {
                    target: target.to_string_lossy().into_owned(),
                    inside: bind.inside.clone(),
                });
                continue;
            }
            let attributes =
                libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
            sources.push(Self::Tree {
                fd: clone_tree(&bind.host, attributes).map_err(failed)?,
                directory: metadata.is_dir(),
                inside: bind.inside.clone(),
            });
        }
        for device in DEVICES {
            let path = format!("/dev/{device}");
            let attributes =
                libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC;
            sources.push(Self::Tree {
                fd: clone_tree(&path, attributes).map_err(|source| Error::OpenSource {
                    path: path.clone(),
                    source,
                })?,
                directory: false,
                inside: path,
            });
        }
        Ok(sources)
    }

    /// J6, for one source; the working directory is the new root.
    fn place(&self) -> io::Result<()> {
        match self {
            Self::Link { target, inside } => {
                let path = relative(inside);
                make_parent(path)?;
                match symlink(target, path) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                    made => made,
                }
            }
            Self::Tree {
                fd,
                directory,
                inside,
            } => {
                let path = relative(inside);
                if Path::new(path).exists() {
                    // A parent was bound already, and shows it.
                    return Ok(());
                }
                if *directory {
                    fs::create_dir_all(path)?;
                } else {
                    make_parent(path)?;
                    fs::File::create(path)?;
                }
                attach(fd.as_raw_fd(), path)
            }
        }
    }

    fn inside(&self) -> &str {
        match self {
            Self::Tree { inside, .. } | Self::Link { inside, .. } => inside,
        }
    }
}

/// J6: assembles the root below [`STAGE`].
pub fn build_root(sources: &[Source], files: &[Written]) -> Result<(), Error> {
    let at = |path: &str| {
        let path = path.to_owned();
        move |source| Error::Root { path, source }
    };
    mount_flags(c"/", libc::MS_REC | libc::MS_PRIVATE).map_err(at("/"))?;
    let flags = libc::MS_NOSUID | libc::MS_NODEV;
    mount_tmpfs(STAGE, "mode=0755,size=4m,nr_inodes=4096", flags).map_err(at(STAGE))?;
    std::env::set_current_dir(STAGE).map_err(at(STAGE))?;
    for source in sources {
        source.place().map_err(at(source.inside()))?;
    }
    for file in files {
        let path = relative(&file.inside);
        make_parent(path)
            .and_then(|()| fs::write(path, &file.text))
            .map_err(at(&file.inside))?;
    }
    write_system_files().map_err(at("/etc"))
}

fn write_system_files() -> io::Result<()> {
    for directory in ["tmp", "etc", "dev"] {
        fs::create_dir_all(directory)?;
    }
    fs::write(
        "etc/passwd",
        format!("mecapy:x:{INSIDE_ID}:{INSIDE_ID}::/tmp:/nonexistent\n"),
    )?;
    fs::write("etc/group", format!("mecapy:x:{INSIDE_ID}:\n"))?;
    symlink("/tmp", "dev/shm")
}

/// J7: makes the stage the root and lets go of the host's; then the root itself becomes read-only.
pub fn pivot() -> io::Result<()> {
    // SAFETY: both paths are NUL-terminated literals.
    check(unsafe { libc::syscall(libc::SYS_pivot_root, c".".as_ptr(), c".".as_ptr()) })?;
    // The old root now lies on top of the new one.
    // SAFETY: as above.
    check(unsafe { libc::umount2(c".".as_ptr(), libc::MNT_DETACH) }.into())?;
    std::env::set_current_dir("/")?;
    mount_tmp(0)?;
    let read_only = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    set_attributes(libc::AT_FDCWD, c"/", 0, read_only)
}

/// C4: an empty, small `/tmp` from which nothing can be executed, and of which nothing is left
/// when the namespace ends.
pub fn mount_tmp(more_flags: libc::c_ulong) -> io::Result<()> {
    let options = format!("mode=0700,size={TMP_BYTES},nr_inodes={TMP_INODES}");
    mount_tmpfs(
        "/tmp",
        &options,
        libc::MS_NOSUID | libc::MS_NODEV | more_flags,
    )
}

fn mount_tmpfs(target: &str, options: &str, flags: libc::c_ulong) -> io::Result<()> {
    let (target, options) = (c_path(target)?, c_path(options)?);
    // SAFETY: all strings are NUL-terminated and outlive the call.
    check(
        unsafe {
            libc::mount(
                c"tmpfs".as_ptr(),
                target.as_ptr(),
                c"tmpfs".as_ptr(),
                flags,
                options.as_ptr().cast(),
            )
        }
        .into(),
    )
    .map(drop)
}

fn mount_flags(target: &CStr, flags: libc::c_ulong) -> io::Result<()> {
    // SAFETY: a change of flags reads the target only; the other pointers may be null.
    check(
        unsafe {
            libc::mount(
                std::ptr::null(),
                target.as_ptr(),
                std::ptr::null(),
                flags,
                std::ptr::null(),
            )
        }
        .into(),
    )
    .map(drop)
}

fn clone_tree(path: &str, attributes: u64) -> io::Result<OwnedFd> {
    let path = c_path(path)?;
    let flags =
        libc::OPEN_TREE_CLONE | libc::OPEN_TREE_CLOEXEC | libc::AT_RECURSIVE as libc::c_uint;
    // SAFETY: the path is NUL-terminated and outlives the call.
    let fd =
        check(unsafe { libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, path.as_ptr(), flags) })?;
    // SAFETY: open_tree just returned this descriptor and nothing else owns it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as RawFd) };
    let empty = libc::AT_EMPTY_PATH | libc::AT_RECURSIVE;
    set_attributes(fd.as_raw_fd(), c"", empty, attributes)?;
    Ok(fd)
}

/// Sets attributes, and cuts what ties a mount to the one it was copied from: otherwise a mount made
/// on either of them appears on the other.
fn set_attributes(dir: RawFd, path: &CStr, flags: libc::c_int, set: u64) -> io::Result<()> {
    let attributes = libc::mount_attr {
        attr_set: set,
        attr_clr: 0,
        propagation: libc::MS_PRIVATE,
        userns_fd: 0,
    };
    // SAFETY: path and attributes outlive the call, and the size is that of the structure.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            dir,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    })
    .map(drop)
}

fn attach(tree: RawFd, path: &str) -> io::Result<()> {
    let path = c_path(path)?;
    // SAFETY: both paths are NUL-terminated and outlive the call.
    check(unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            tree,
            c"".as_ptr(),
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::MOVE_MOUNT_F_EMPTY_PATH,
        )
    })
    .map(drop)
}

fn relative(inside: &str) -> &str {
    inside.trim_start_matches('/')
}

fn make_parent(path: &str) -> io::Result<()> {
    match Path::new(path).parent() {
        Some(parent) => fs::create_dir_all(parent),
        None => Ok(()),
    }
}
