//! A heap that is cheap to fork. The imports leave tens of megabytes full of small holes; every fork
//! copies its page tables, and every run copies each page it touches. Huge pages make the tables a
//! few hundred times shorter; without holes a run touches a third fewer pages.

use sandbox::jail::PROC_FD;
use std::{
    fs::File,
    io::Read,
    os::fd::{FromRawFd, OwnedFd},
};

const HUGE: usize = 2 * 1024 * 1024;
/// `MADV_COLLAPSE`, since Linux 6.1: at once, and whatever the system's policy is.
const COLLAPSE: libc::c_int = 25;

/// Largest size of block whose holes are plugged, bytes.
const PLUGGED: usize = 4096;
/// Blocks in a row from fresh memory after which a size has no holes left.
const FRESH: usize = 4;

/// Plugs the holes that the imports left in the heap. A run would fill them one by one, each on
/// another page, and copy all those pages; without holes its blocks lie side by side at the end.
pub fn plug_holes() {
    // SAFETY: asks for the end of the heap and moves nothing.
    let end = unsafe { libc::sbrk(0) } as usize;
    for size in (1..=PLUGGED / 16).rev().map(|n| n * 16) {
        let mut fresh = 0;
        while fresh < FRESH {
            // SAFETY: the block is never used nor given back: that is what plugs the hole.
            let block = unsafe { libc::malloc(size) } as usize;
            fresh = if block == 0 || block >= end {
                fresh + 1
            } else {
                0
            };
        }
    }
}

/// Moves all private anonymous memory into huge pages, as far as the kernel likes to. Only speed
/// depends on it, so every failure is silent.
pub fn make_huge() {
    let Some(maps) = own_maps() else { return };
    for (start, end) in maps.lines().filter_map(anonymous) {
        let (start, end) = (start.next_multiple_of(HUGE), end - end % HUGE);
        if start < end {
            // SAFETY: collapsing keeps the contents of this process's own mapping as they are.
            unsafe { libc::madvise(start as *mut libc::c_void, end - start, COLLAPSE) };
        }
    }
}

fn own_maps() -> Option<String> {
    // SAFETY: the path is a NUL-terminated literal.
    let fd = unsafe {
        libc::openat(
            PROC_FD,
            c"self/maps".as_ptr(),
            libc::O_RDONLY | libc::O_CLOEXEC,
        )
    };
    if fd < 0 {
        return None;
    }
    // SAFETY: openat just returned this descriptor and nothing else owns it.
    let mut file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    Some(text)
}

/// The bounds of a writable private mapping without a file.
fn anonymous(line: &str) -> Option<(usize, usize)> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let writable = fields.next()? == "rw-p";
    let inode = fields.nth(2)?;
    let stack = fields.next().is_some_and(|name| name.starts_with("[stack"));
    if !writable || inode != "0" || stack {
        return None;
    }
    Some((
        usize::from_str_radix(start, 16).ok()?,
        usize::from_str_radix(end, 16).ok()?,
    ))
}
