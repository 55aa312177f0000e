//! Promise: a run ends when its time is over, whatever it does about it.

use crate::harness::{Request, control, on_every_worker};
use std::time::Duration;

/// Longer than the limit that the run below it is given, seconds.
const BEYOND: Duration = Duration::from_millis(1500);

/// The control: without the limit, the same code goes on after it.
#[track_caller]
fn goes_on_without(code: &str) {
    assert!(control::goes_on(code, BEYOND));
}

/// Stopped within a moment of `seconds`, with these words.
#[track_caller]
fn stopped(request: Request, words: &str) {
    on_every_worker(&request, |run| {
        run.fails_as("timeout", words);
        assert!(run.finished.usage.wall_ms < 15_000.0, "{}", run.describe());
    });
}

#[test]
pub fn an_endless_loop_ends_at_its_processor_time() {
    let code =
        "def calculate(turns=None):\n    while turns is None: pass\n    return 'ended by itself'";
    stopped(
        Request::new(code).limit("cpu_s", 1),
        "Stopped after 1 s of processor time",
    );
    let control = Request::new(code)
        .limit("cpu_s", 1)
        .with("inputs", serde_json::json!({"turns": 1}));
    on_every_worker(&control, |run| assert_eq!(run.result(), "ended by itself"));
    goes_on_without(code);
}

#[test]
pub fn an_endless_sleep_ends_at_its_wall_time() {
    let code = "import time\ndef calculate():\n    time.sleep(1000)";
    stopped(
        Request::new(code).limit("wall_s", 1),
        "Stopped after 1 s, the limit of this run (wall time)",
    );
    let control = Request::new("import time\ndef calculate():\n    time.sleep(0.2)\n    return 1")
        .limit("wall_s", 5);
    on_every_worker(&control, |run| assert_eq!(run.result(), 1));
    goes_on_without(code);
}

#[test]
pub fn ignoring_every_signal_does_not_help() {
    let code = r#"
import signal
def calculate():
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True: pass
"#;
    stopped(Request::new(code).limit("wall_s", 1), "wall time");
    stopped(Request::new(code).limit("cpu_s", 1), "processor time");
    goes_on_without(code);
}

#[test]
pub fn a_single_endless_step_of_the_interpreter_ends() {
    let code = "def calculate():\n    return len(str(7 ** 10 ** 9)) + sum(iter(int, 1))";
    stopped(Request::new(code).limit("wall_s", 1), "wall time");
    goes_on_without(code);
}

#[test]
pub fn many_threads_share_one_processor_time() {
    let code = r#"
import threading, hashlib
def calculate():
    def burn():
        while True: hashlib.sha256(bytes(1 << 20))
    for _ in range(4): threading.Thread(target=burn).start()
    threading.Event().wait()
"#;
    stopped(
        Request::new(code).limit("cpu_s", 1).limit("wall_s", 30),
        "processor time",
    );
    goes_on_without(code);
}

/// No attack: the stories above are not cut by whoever waits for them.
#[test]
pub fn a_caller_hears_that_a_silent_run_is_alive() {
    let code = "import time\ndef calculate():\n    time.sleep(2.5)\n    return 1";
    on_every_worker(&Request::new(code), |run| {
        assert!(run.alive >= 2, "{} alive events", run.alive);
        assert!(run.took >= Duration::from_millis(2500));
    });
}
