//! Promise: what a run prints and returns is bounded, and the worker with it.

use crate::harness::{Request, control, on_every_worker, workers};

const LOG: usize = 1024 * 1024;
/// After so many bytes a run is ended.
const PRINTED: usize = 256 * 1024 * 1024;

/// The control: who only reads has to read so much.
#[track_caller]
fn all_of_it_is_read(code: &str, bytes: usize) {
    assert_eq!(control::printed(code, bytes), bytes);
}

#[test]
pub fn an_endless_print_is_cut_and_ended() {
    let code = "def calculate():\n    line = 'x' * 100_000\n    while True: print(line)";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("output_limit", "Printed more than 256 MB");
        assert_eq!(run.stdout.len(), LOG);
        assert!(run.notes.contains("The log ends here"), "{}", run.notes);
    });
    all_of_it_is_read(code, PRINTED + 1);
}

#[test]
pub fn a_long_log_is_cut_and_the_run_goes_on() {
    let code = "def calculate():\n    for _ in range(30): print('x' * 100_000)\n    return 'done'";
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), "done");
        assert_eq!(run.stdout.len(), LOG);
        assert!(
            run.notes.contains("The calculation goes on"),
            "{}",
            run.notes
        );
    });
    let control = "def calculate():\n    print('x' * 100_000)\n    return 'done'";
    on_every_worker(&Request::new(control), |run| {
        assert_eq!(run.stdout.len(), 100_001);
        assert!(!run.notes.contains("The log"), "{}", run.notes);
    });
    all_of_it_is_read(code, 30 * 100_001);
}

#[test]
pub fn standard_error_from_c_counts_too() {
    let code = r#"
import os
def calculate():
    while True: os.write(2, b"y" * 65536)
"#;
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("output_limit", "Printed more than 256 MB");
        assert_eq!(run.stderr.len(), LOG);
    });
    all_of_it_is_read(code, PRINTED + 1);
}

#[test]
pub fn a_million_short_lines() {
    let code = "def calculate():\n    for n in range(1_000_000): print(n)\n    return 'done'";
    on_every_worker(&Request::new(code).limit("wall_s", 60), |run| {
        assert_eq!(run.result(), "done");
        assert!(run.stdout.starts_with("0\n1\n2\n"));
        assert_eq!(run.stdout.len(), LOG);
    });
    all_of_it_is_read(code, 6_888_890);
}

#[test]
pub fn bytes_that_are_no_text_do_no_harm() {
    let code =
        "import os\ndef calculate():\n    os.write(1, bytes(range(256)) * 100)\n    return 'done'";
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), "done");
        assert!(run.stdout.contains('\u{fffd}') && run.stdout.contains("ABC"));
    });
    all_of_it_is_read(code, 25_600);
}

#[test]
pub fn a_result_over_its_limit() {
    let code = "def calculate(n=100_000):\n    return 'x' * n";
    let request = Request::new(code).limit("output_bytes", 50_000);
    on_every_worker(&request, |run| run.fails_as("result_too_large", "limit"));
    let control = request.with("inputs", serde_json::json!({"n": 40_000}));
    on_every_worker(&control, |run| {
        assert_eq!(run.finished.result_bytes, Some(40_002))
    });
}

#[test]
pub fn a_thread_that_prints_beyond_the_result_holds_nobody_up() {
    let code = r#"
import os, threading, time
def calculate():
    def forever():
        while True: os.write(1, b"x" * 4096)
    threading.Thread(target=forever, daemon=True).start()
    time.sleep(0.02)
    return "returned"
"#;
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), "returned");
    });
    // Whoever waits for the end of the output waits for the thread.
    all_of_it_is_read(&code.replace(", daemon=True", ""), PRINTED);
}

/// No attack: what the case above is spared for.
#[test]
pub fn what_is_printed_last_is_not_lost() {
    let code = r#"
import mecapy
def calculate():
    mecapy.progress(1.0, "done")
    print("answer")
    return 1
"#;
    for worker in workers() {
        for _ in 0..30 {
            assert_eq!(worker.run(&Request::new(code)).stdout, "answer\n");
        }
    }
}
