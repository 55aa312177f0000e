//! Promise: a run gets the memory it was given and not more, whichever way it asks for it.

use crate::harness::{Request, attack, control, on_every_worker, repeated, workers};
use serde_json::json;
use std::thread;

/// Fails with the limit in words under `limit_mb`, and works, as its controls, with room enough and
/// where nothing limits it.
#[track_caller]
fn stopped_at_its_limit(code: &str, limit_mb: u64) {
    on_every_worker(&Request::new(code).limit("memory_mb", limit_mb), |run| {
        run.fails_as("out_of_memory", &format!("more than {limit_mb} MB"));
        assert!(
            run.finished.usage.memory_peak_mb < limit_mb as f64 + 64.0,
            "{}",
            run.describe()
        );
    });
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), "room enough")
    });
    assert_eq!(control::calculated(code), "room enough");
}

#[test]
pub fn an_array_larger_than_the_limit() {
    stopped_at_its_limit(
        "import numpy\ndef calculate():\n    numpy.ones(40_000_000)\n    return 'room enough'",
        200,
    );
}

#[test]
pub fn fifty_gigabytes_at_once() {
    let code = "import numpy\ndef calculate():\n    return float(numpy.empty(6_500_000_000)[0])";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("out_of_memory", "more than 2048 MB")
    });
    // As much, where a machine with less gives it too: promised, and never touched.
    let promised =
        "def attack(): return attempt(__import__('mmap').mmap, -1, 52 * 10 ** 9, 0x4022)";
    attack(promised, |seen| assert_eq!(seen, "ENOMEM"));
    assert_eq!(control::unconfined(promised), "did");
}

#[test]
pub fn six_gigabytes_that_are_touched() {
    let code = "import numpy\ndef calculate(mb=6_000):\n    kept = [numpy.ones(125_000) for _ in range(mb)]\n    return len(kept)";
    let neighbour = Request::new(
        "import time\ndef calculate():\n    kept = bytearray(50_000_000)\n    for n in range(200): kept[n] = 1; time.sleep(0.01)\n    return sum(kept)",
    );
    for worker in workers() {
        thread::scope(|scope| {
            // At the lower levels it comes after, because runs come one by one there.
            let beside = scope.spawn(|| worker.run(&neighbour));
            let run = worker.run(&Request::new(code));
            run.fails_as("out_of_memory", "more than 2048 MB");
            assert!(run.finished.usage.memory_peak_mb > 1024.0, "it was touched");
            let beside = beside.join().expect("the neighbour's caller");
            assert_eq!(beside.result(), 200, "the neighbour goes on");
        });
        assert_eq!(worker.run(&neighbour).result(), 200, "the worker goes on");
    }
    // More than the limit; six gigabytes may be all that a machine has.
    assert_eq!(control::calculated(&code.replace("6_000", "2_500")), 2_500);
}

#[test]
pub fn a_little_at_a_time() {
    stopped_at_its_limit(
        "def calculate():\n    kept = [bytes(1_000_000) for _ in range(400)]\n    return 'room enough'",
        200,
    );
}

#[test]
pub fn touched_page_by_page() {
    let code = r#"
import mmap
def calculate():
    kept = []
    for _ in range(100):
        one = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for page in range(0, 4 << 20, 4096): one[page] = 1
        kept.append(one)
    return 'room enough'
"#;
    // mmap reports ENOMEM as an OSError of its own.
    on_every_worker(&Request::new(code).limit("memory_mb", 200), |run| {
        let (kind, message) = run.error();
        assert!(
            kind == "out_of_memory" || message.contains("Cannot allocate memory"),
            "{kind}: {message}"
        );
        assert!(
            run.finished.usage.memory_peak_mb < 264.0,
            "{}",
            run.describe()
        );
    });
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), "room enough")
    });
    assert_eq!(control::calculated(code), "room enough");
}

#[test]
pub fn shared_with_nobody() {
    let code = r#"
import mmap
def calculate():
    kept = [mmap.mmap(-1, 100 << 20) for _ in range(4)]
    return 'room enough'
"#;
    on_every_worker(&Request::new(code).limit("memory_mb", 200), |run| {
        assert!(
            run.error().1.contains("Cannot allocate memory"),
            "{}",
            run.describe()
        );
    });
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), "room enough")
    });
    assert_eq!(control::calculated(code), "room enough");
}

#[test]
pub fn in_files_that_are_memory() {
    let code = r#"
def attack():
    segment = libc.shmget(0, 1 << 20, 0o1600)
    shared = errno.errorcode[ctypes.get_errno()] if segment < 0 else "did"
    libc.shmctl(segment, 0, None)
    return [attempt(os.memfd_create, "x"), shared, attempt(open, "/dev/shm/../../evil", "w")]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "EPERM");
        assert_eq!(seen[1], "EPERM");
        assert!(seen[2] == "EROFS" || seen[2] == "EACCES", "{seen}");
    });
    let seen = control::unconfined(code);
    assert_eq!((&seen[0], &seen[1]), (&json!("did"), &json!("did")));
    if seen[2] == "did" {
        let _ = std::fs::remove_file("/evil");
    }
}

#[test]
pub fn the_limit_cannot_be_raised() {
    let code = r#"
import resource
def attack():
    limits = [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE]
    outcomes = []
    for limit in limits:
        soft, hard = resource.getrlimit(limit)
        try:
            resource.setrlimit(limit, (soft + 1, hard + 1) if hard >= 0 else (-1, -1))
            outcomes.append("did")
        except (ValueError, OSError):
            outcomes.append("denied")
    return outcomes
"#;
    attack(code, |seen| assert_eq!(seen, &repeated("denied", 5)));
    let seen = control::unconfined(code);
    assert!(
        seen.as_array()
            .is_some_and(|all| all.contains(&json!("did"))),
        "{seen}"
    );
}
