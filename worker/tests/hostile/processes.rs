//! Promise: a run is one process, starts no other, reaches no other, and leaves none behind.

use crate::harness::{
    Request, attack, control, descendants, is_full, on_every_worker, repeated, workers,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::{
    thread,
    time::{Duration, Instant},
};

#[test]
pub fn it_cannot_fork() {
    let code = r#"
def attack():
    def fork():
        pid = os.fork()
        if pid == 0: os._exit(0)
        os.waitpid(pid, 0)
    return [attempt(fork), system_call(58), system_call(56, 17, 0, 0, 0, 0)]
"#;
    attack(code, |seen| {
        assert_eq!(seen, &json!(["EPERM", "EPERM", "EPERM"]))
    });
    // vfork and a raw clone would return into this very script; the ordinary fork is control enough.
    assert_eq!(
        control::unconfined(
            &code.replace(", system_call(58), system_call(56, 17, 0, 0, 0, 0)", "")
        ),
        json!(["did"])
    );
}

#[test]
pub fn a_fork_bomb_goes_off_at_zero() {
    let code = r#"
def attack():
    made = 0
    for _ in range(20):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            time.sleep(5); os._exit(0)
        made += 1
    return made
"#;
    attack(code, |seen| assert_eq!(seen, 0));
    assert_eq!(control::unconfined(code), 20);
}

#[test]
pub fn it_cannot_start_a_program() {
    let code = r#"
import subprocess
def attack():
    return [
        attempt(lambda: subprocess.run(["/usr/bin/true"], check=True)),
        attempt(lambda: os.posix_spawn("/usr/bin/true", ["true"], {})),
        "did" if os.system("true") == 0 else "denied",
    ]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "EPERM");
        assert_eq!(seen[1], "EPERM");
        assert_eq!(seen[2], "denied");
    });
    assert_eq!(control::unconfined(code), json!(["did", "did", "did"]));
}

#[test]
pub fn it_cannot_become_another_program() {
    let code = r#"
def attack():
    def make(): open("/tmp/mecapy-program", "w").write(chr(35) + "!/bin/true\n")
    attempt(make); attempt(os.chmod, "/tmp/mecapy-program", 0o700)
    outcomes = [attempt(os.execv, path, [path]) for path in ("/tmp/mecapy-program", sys.executable)]
    attempt(os.unlink, "/tmp/mecapy-program")
    return outcomes
"#;
    attack(code, |seen| assert_eq!(seen, &json!(["EPERM", "EPERM"])));
    let replaced = "def attack(): os.execv('/usr/bin/echo', ['echo', '\"replaced\"'])";
    assert_eq!(control::unconfined(replaced), "replaced");
}

#[test]
pub fn threads_stop_at_their_limit() {
    let code = r#"
import threading
def attack():
    stop, made = threading.Event(), []
    try:
        for _ in range(200):
            thread = threading.Thread(target=stop.wait, daemon=True)
            thread.start()
            made.append(thread)
    except RuntimeError:
        pass
    stop.set()
    return len(made)
"#;
    attack(code, |seen| {
        let made = seen.as_u64().expect("a number");
        // Without a namespace of its own it is given as many on top of what its user has, and what
        // of that ends meanwhile is room for more.
        let most = if is_full() { 64 } else { 100 };
        assert!((32..most).contains(&made), "{made} threads");
    });
    assert_eq!(control::unconfined(code), 200);
}

#[test]
pub fn it_is_alone_and_can_signal_nobody() {
    let code = r#"
def attack():
    own = os.getpid()
    victim = 2
    return [own, attempt(os.kill, -1, 0), attempt(os.kill, victim, 0), system_call(234, victim, victim, 0), attempt(os.killpg, 0, 0)]
"#;
    attack(code, |seen| {
        // Without a pid namespace it has a number of the host's, and still reaches no other.
        assert!(seen[0] == 1 || !is_full(), "{seen}");
        let outcomes = &seen.as_array().expect("outcomes")[1..];
        assert_eq!(
            outcomes,
            repeated("EPERM", 4).as_array().expect("four").as_slice()
        );
    });
    let fork = r#"
def attack():
    victim = os.fork()
    if victim == 0:
        time.sleep(60); os._exit(0)
    outcome = attempt(os.kill, victim, 9)
    return [outcome, os.waitstatus_to_exitcode(os.waitpid(victim, 0)[1])]
"#;
    assert_eq!(control::unconfined(fork), json!(["did", -9]));
}

#[test]
pub fn a_thread_left_behind_ends_with_the_run() {
    let code = r#"
import threading, time
def calculate():
    def forever():
        while True: time.sleep(0.01)
    threading.Thread(target=forever).start()
    return "returned"
"#;
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.result(), "returned");
        assert!(run.took < Duration::from_secs(10), "{:?}", run.took);
    });
    assert!(control::goes_on(code, Duration::from_secs(1)));
}

#[test]
pub fn nothing_is_left_of_a_run() {
    let code = r#"
import threading, signal, time, os
def calculate():
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    try:
        if os.fork() == 0:
            os.setsid()
            while True: time.sleep(1)
    except OSError: pass
    threading.Thread(target=lambda: [time.sleep(1) for _ in iter(int, 1)]).start()
    return 1
"#;
    for worker in workers() {
        let settled = settled(worker.pid);
        for _ in 0..3 {
            assert_eq!(worker.run(&Request::new(code)).result(), 1);
        }
        let began = Instant::now();
        // The pool fills up again; more than it keeps ready must never stay.
        while descendants(worker.pid).len() > settled {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "processes are left behind"
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
    // The control: there the process that it made outlives it.
    let left = "def attack():\n    child = os.fork()\n    if child == 0:\n        os.setsid(); os.closerange(0, 3); time.sleep(60); os._exit(0)\n    return child";
    let child = control::unconfined(left).as_i64().expect("a process");
    let child = Pid::from_raw(child.try_into().expect("a number")).expect("a process");
    kill_process(child, Signal::KILL).expect("it is still there");
}

/// Processes below a worker when its pool is full: the launcher, the zygote, and those ready.
fn settled(pid: u32) -> usize {
    let mut most = 0;
    for _ in 0..20 {
        most = most.max(descendants(pid).len());
        thread::sleep(Duration::from_millis(50));
    }
    // Tests beside this one may have runs going.
    most + 2
}
