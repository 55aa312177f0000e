//! The library that the Python zygote loads: it waits for the worker's word, hands new processes
//! over, and confines them. The loop itself is `mecapy_runner/zygote.py`, because the fork has to
//! be Python's own.
//!
//! The functions here are called from one thread of one process at a time; the state behind them
//! is inherited by every fork and then belongs to the fork alone.

pub mod channel;
mod pages;
pub mod settings;
mod zygote;

use channel::ChannelError;
use std::{
    ffi::{CStr, c_char, c_int},
    sync::{Mutex, MutexGuard, PoisonError},
};
use zygote::{Wish, Zygote, ZygoteError};

static ZYGOTE: Mutex<Option<Zygote>> = Mutex::new(None);

fn zygote() -> MutexGuard<'static, Option<Zygote>> {
    ZYGOTE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that the imports failed.
///
/// # Safety
/// `message` must be null or a NUL-terminated string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mecapy_failed(message: *const c_char) {
    let message = if message.is_null() {
        "unknown".into()
    } else {
        // SAFETY: the caller's promise.
        unsafe { CStr::from_ptr(message) }.to_string_lossy()
    };
    zygote::say_failed(&message);
}

/// Closes the gate and says "ready" with what runs here, JSON as the settings are. 0 when it worked.
///
/// # Safety
/// `settings` and `ready` must each point to as many readable bytes as the length after it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mecapy_serve(
    settings: *const u8,
    settings_length: c_int,
    ready: *const u8,
    ready_length: c_int,
) -> c_int {
    let text = |at: *const u8, length: c_int| {
        let length = usize::try_from(length).unwrap_or(0);
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(at, length) }
    };
    match Zygote::start(text(settings, settings_length), text(ready, ready_length)) {
        Ok(started) => {
            *zygote() = Some(started);
            0
        }
        Err(error) => {
            zygote::say_failed(&error.to_string());
            1
        }
    }
}

/// Blocks until the worker wants a process: 1 for one that is prewarmed, 2 for one that a run waits
/// for already. The worker is gone: 0.
#[unsafe(no_mangle)]
pub extern "C" fn mecapy_wait() -> c_int {
    let mut zygote = zygote();
    let Some(zygote) = zygote.as_mut() else {
        return 0;
    };
    match zygote.wait() {
        Ok(Wish::Warm) => 1,
        Ok(Wish::AtOnce) => 2,
        // Nobody is there who wants a process: the ordinary end.
        Err(ZygoteError::Channel(ChannelError::Closed)) => 0,
        Err(error) => {
            eprintln!("zygote: {error}");
            0
        }
    }
}

/// In the parent, after the fork: `pid`, or a negative error number.
#[unsafe(no_mangle)]
pub extern "C" fn mecapy_forked(pid: c_int) {
    if let Some(zygote) = zygote().as_mut()
        && let Err(error) = zygote.forked(pid)
    {
        // It cannot return to its namespace, watch its child or be heard: the worker starts another,
        // and the kernel ends the child.
        eprintln!("zygote: {error}");
        std::process::exit(1);
    }
}

/// In the child: steps C1–C10. 0, or the number of the step that failed.
#[unsafe(no_mangle)]
pub extern "C" fn mecapy_confine() -> c_int {
    match zygote().as_mut().map(Zygote::confine) {
        Some(Ok(())) => 0,
        Some(Err(error)) => {
            eprintln!("zygote: {error}");
            error.step()
        }
        None => -1,
    }
}

/// In the child, when its limits are known: step C11. 0 when it worked.
#[unsafe(no_mangle)]
pub extern "C" fn mecapy_lower(memory_mb: c_int, cpu_s: c_int) -> c_int {
    match zygote()
        .as_ref()
        .map(|zygote| zygote.lower(memory_mb.unsigned_abs(), cpu_s.unsigned_abs()))
    {
        Some(Ok(())) => 0,
        Some(Err(error)) => {
            eprintln!("zygote: {error}");
            1
        }
        None => 1,
    }
}
