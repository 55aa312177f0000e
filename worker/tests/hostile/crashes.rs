//! Promise: a crash ends one run, in words, and nothing else.

use crate::harness::{Request, on_every_worker};

#[track_caller]
fn crashing(body: &str, kind: &str, words: &str) {
    let code = format!("import ctypes, os, sys\ndef calculate():\n    {body}");
    on_every_worker(&Request::new(code), |run| run.fails_as(kind, words));
}

#[test]
fn a_null_pointer() {
    crashing("ctypes.string_at(0)", "killed", "SIGSEGV");
    let control = "import ctypes\ndef calculate():\n    return ctypes.string_at(b'fine').decode()";
    on_every_worker(&Request::new(control), |run| {
        assert_eq!(run.result(), "fine")
    });
}

#[test]
fn abort() {
    // The first process of a namespace ignores SIGABRT, so libc ends it with an invalid instruction.
    crashing(
        "ctypes.CDLL(None).abort()",
        "killed",
        "crashed in native code",
    );
}

#[test]
fn an_endless_recursion_in_c() {
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
}

#[test]
fn an_endless_recursion_in_python() {
    let code = "def calculate():\n    return calculate()";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("python", "RecursionError")
    });
}

#[test]
fn a_recursion_limit_that_was_lifted() {
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
fn it_kills_itself() {
    let code = "import os, signal\ndef calculate():\n    os.kill(os.getpid(), signal.SIGKILL)";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("python", "PermissionError")
    });
}

#[test]
fn the_32_bit_way_into_the_kernel() {
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
    }
}
