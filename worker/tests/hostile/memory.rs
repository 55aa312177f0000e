//! Promise: a run gets the memory it was given and not more, whichever way it asks for it.

use crate::harness::{Request, attack, control, on_every_worker, repeated};
use serde_json::json;

/// Fails with the limit in words under `limit_mb`, and works, as its control, with room enough.
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
}

#[test]
fn an_array_larger_than_the_limit() {
    stopped_at_its_limit(
        "import numpy\ndef calculate():\n    numpy.ones(40_000_000)\n    return 'room enough'",
        200,
    );
}

#[test]
fn fifty_gigabytes_at_once() {
    let code = "import numpy\ndef calculate():\n    return float(numpy.empty(6_500_000_000)[0])";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("out_of_memory", "more than 2048 MB")
    });
}

#[test]
fn a_little_at_a_time() {
    stopped_at_its_limit(
        "def calculate():\n    kept = [bytes(1_000_000) for _ in range(400)]\n    return 'room enough'",
        200,
    );
}

#[test]
fn touched_page_by_page() {
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
}

#[test]
fn shared_with_nobody() {
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
}

#[test]
fn in_files_that_are_memory() {
    let code = r#"
def attack():
    return [attempt(os.memfd_create, "x"), system_call(29, 0, 1 << 20, 0o1600), attempt(open, "/dev/shm/../../evil", "w")]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "EPERM");
        assert_eq!(seen[1], "EPERM");
        assert!(seen[2] == "EROFS" || seen[2] == "EACCES", "{seen}");
    });
    assert_eq!(control::unconfined(code)[0], "did");
}

#[test]
fn the_limit_cannot_be_raised() {
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
