//! Event loops, threads, callbacks from C; and the refusal of processes in words.

use crate::harness::{Request, on_every_worker};

#[track_caller]
fn gives(code: &str, expected: serde_json::Value) {
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), expected)
    });
}

#[test]
fn asyncio_runs() {
    let code = r#"
import asyncio
async def double(x):
    await asyncio.sleep(0.01)
    return 2 * x
def calculate():
    async def all_of_them(): return await asyncio.gather(*[double(n) for n in range(5)])
    return asyncio.run(all_of_them())
"#;
    gives(code, serde_json::json!([0, 2, 4, 6, 8]));
}

#[test]
fn calculate_may_be_a_coroutine() {
    let code =
        "import asyncio\nasync def calculate():\n    await asyncio.sleep(0.01)\n    return 3";
    gives(code, 3.into());
}

#[test]
fn asyncio_reaches_threads() {
    let code = r#"
import asyncio, time
async def calculate():
    await asyncio.to_thread(time.sleep, 0.01)
    return "awake"
"#;
    gives(code, "awake".into());
}

#[test]
fn threads_run() {
    let code = r#"
from concurrent.futures import ThreadPoolExecutor
import numpy as np
def calculate():
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(lambda n: int(np.ones((100, 100)).sum()) * n, range(8)))
"#;
    gives(code, 280_000.into());
}

#[test]
fn callbacks_from_c_run() {
    let code = r#"
import ctypes
def calculate():
    numbers = (ctypes.c_int * 4)(3, 1, 4, 1)
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
    ctypes.CDLL(None).qsort(numbers, 4, 4, kind(lambda a, b: a[0] - b[0]))
    return list(numbers)
"#;
    gives(code, serde_json::json!([1, 1, 3, 4]));
}

#[test]
fn low_level_callables_of_scipy_run() {
    let code = r#"
import ctypes
from scipy import LowLevelCallable, integrate
def calculate():
    square = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(lambda x: x * x)
    return round(integrate.quad(LowLevelCallable(square), 0, 3)[0], 9)
"#;
    gives(code, serde_json::json!(9.0));
}

#[test]
fn multiprocessing_is_refused_in_words() {
    let code = r#"
from multiprocessing import Pool
def calculate():
    with Pool(2) as pool: return pool.map(abs, [-1])
"#;
    on_every_worker(&Request::new(code), |run| {
        let (kind, message) = run.error();
        assert_eq!(kind, "python");
        assert!(
            message.contains("process") && !message.contains("SystemError"),
            "{message}"
        );
    });
}

#[test]
fn timers_and_own_signal_handlers_work() {
    let code = r#"
import signal, time
def calculate():
    heard = []
    signal.signal(signal.SIGALRM, lambda *_: heard.append("alarm"))
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    until = time.monotonic() + 5
    while not heard and time.monotonic() < until: time.sleep(0.01)
    return heard
"#;
    gives(code, serde_json::json!(["alarm"]));
}
