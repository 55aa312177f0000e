//! Promise: a crash ends one run, in words, and nothing else.

use crate::harness::{Request, control, on_every_worker};
use std::os::unix::process::ExitStatusExt;

/// Ends in these words, and as its control by `signal` whatever shares the process with it.
#[track_caller]
fn crashing(body: &str, signal: i32, words: &str) {
    let code = format!("import ctypes, os, sys\ndef calculate():\n    {body}");
    on_every_worker(&Request::new(&code), |run| run.fails_as("killed", words));
    assert_eq!(control::ending(&code).signal(), Some(signal));
}

#[test]
pub fn a_null_pointer() {
    crashing("ctypes.string_at(0)", libc::SIGSEGV, "SIGSEGV");
    let control = "import ctypes\ndef calculate():\n    return ctypes.string_at(b'fine').decode()";
    on_every_worker(&Request::new(control), |run| {
        assert_eq!(run.result(), "fine")
    });
}

#[test]
pub fn abort() {
    // The first process of a namespace ignores SIGABRT, so libc ends it with an invalid instruction.
    crashing(
        "ctypes.CDLL(None).abort()",
        libc::SIGABRT,
        "crashed in native code",
    );
}

#[test]
pub fn an_endless_recursion_in_c() {
    let code = r#"
import ctypes
def calculate():
    libc = ctypes.CDLL(None)
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    import sys; sys.setrecursionlimit(10 ** 9)
    def again(*_):
        numbers = (ctypes.c_int * 2)(2, 1)
        libc.qsort(numbers, 2, 4, kind(again))
        return 0
    again()
"#;
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("killed", "SIGSEGV");
    });
    assert_eq!(control::ending(code).signal(), Some(libc::SIGSEGV));
}

#[test]
pub fn an_endless_recursion_in_python() {
    let code = "def calculate():\n    return calculate()";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("python", "RecursionError")
    });
    // The limit is the interpreter's; without it the same goes fifty times as deep.
    let deep = "import sys\nsys.setrecursionlimit(10 ** 9)\ndef calculate(n=50_000):\n    return n and calculate(n - 1)";
    assert_eq!(control::calculated(deep), 0);
}

#[test]
pub fn a_recursion_limit_that_was_lifted() {
    let code = "import sys\ndef calculate():\n    sys.setrecursionlimit(10 ** 9)\n    def f(n): return max(f(n + 1), 0)\n    return f(0)";
    // Every call takes memory, and describing millions of them would take a minute.
    on_every_worker(&Request::new(code).limit("memory_mb", 64), |run| {
        let (kind, message) = run.error();
        // Where the interpreter itself meets the limit, it may lose the reason.
        let told = kind == "out_of_memory" || message.contains("SystemError");
        assert!(told, "{kind}: {message}");
    });
    let control = code.replace("f(n + 1)", "f(n + 1) if n < 5_000 else n");
    on_every_worker(&Request::new(control), |run| {
        assert!(run.finished.error.is_none(), "{}", run.describe())
    });
}

#[test]
pub fn it_kills_itself() {
    let code = "import os, signal\ndef calculate():\n    os.kill(os.getpid(), signal.SIGKILL)";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("python", "PermissionError")
    });
    assert_eq!(control::ending(code).signal(), Some(libc::SIGKILL));
}

#[test]
pub fn the_32_bit_way_into_the_kernel() {
    // mov eax, 20; int 0x80; ret: getpid of another table of system calls.
    let code = r#"
import ctypes, mmap
def calculate():
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"#;
    if cfg!(target_arch = "x86_64") {
        on_every_worker(&Request::new(code), |run| run.fails_as("killed", "SIGSYS"));
        let control = code.replace(
            r"\xb8\x14\x00\x00\x00\xcd\x80\xc3",
            r"\xb8\x14\x00\x00\x00\x90\x90\xc3",
        );
        on_every_worker(&Request::new(control), |run| assert_eq!(run.result(), 20));
        // Answered by the kernel, or, where it was built without that table, an invalid instruction.
        assert_ne!(control::ending(code).signal(), Some(libc::SIGSYS));
    }
}
