//! How things end: a caller that goes away, a full worker, a dead zygote, a stop.

use crate::harness::{
    Request, Started, TOKEN, User, descendants, execute, parent, rest, send, start, store, workers,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

/// What is promised: from the caller's going away to the end of its process.
const GONE_WITHIN: Duration = Duration::from_millis(200);
/// How much longer it may take here. Other suites share the processors, and each single time is
/// asserted; the promise itself is measured on a quiet machine, by `bench/worker.py`.
const LOADED: u32 = 5;

const BUSY: &str = "def calculate():\n    print('running')\n    while True: pass";

/// Begins a run and gives the connection once it has printed something.
fn begin(worker: &Started, code: &str) -> BufReader<TcpStream> {
    begin_request(worker, &Request::new(code))
}

fn begin_request(worker: &Started, request: &Request) -> BufReader<TcpStream> {
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/x-ndjson"),
    ];
    let body = request.body.to_string();
    let (mut reader, status, answer) =
        send(worker.addr, "POST", "/execute", &headers, body.as_bytes());
    assert_eq!(status, 200, "{answer}");
    let mut line = String::new();
    while !line.contains("running") {
        line.clear();
        assert!(reader.read_line(&mut line).expect("an event") > 0);
    }
    reader
}

fn running(worker: &Started) -> u64 {
    let health: serde_json::Value = serde_json::from_str(&worker.get("/healthz").1).expect("JSON");
    health["running"].as_u64().expect("a number")
}

/// The run of a worker that is the first to have used a fifth of a second more.
fn busy(worker: &Started) -> u32 {
    let began = Instant::now();
    let mut first = std::collections::BTreeMap::new();
    loop {
        for pid in worker.runs() {
            let ticks = ticks(pid);
            if ticks >= first.entry(pid).or_insert(ticks).saturating_add(20) {
                return pid;
            }
        }
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "no process works"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// Processor time of a process, in hundredths of a second.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    fields
        .split(' ')
        .nth(11)
        .and_then(|ticks| ticks.parse().ok())
        .unwrap_or(0)
}

#[test]
fn closing_the_connection_ends_the_process_at_once() {
    for user in users() {
        let worker = start(user, &[("MECAPY_WORKER_SLOTS", "1")]);
        for _ in 0..5 {
            let connection = begin(&worker, BUSY);
            let busy = busy(&worker);
            drop(connection);
            let began = Instant::now();
            while std::path::Path::new(&format!("/proc/{busy}")).exists() {
                assert!(
                    began.elapsed() < GONE_WITHIN * LOADED,
                    "as {user:?}: the process lives on"
                );
                thread::sleep(Duration::from_millis(1));
            }
            eprintln!("as {user:?}: closed to gone {:?}", began.elapsed());
            while running(&worker) > 0 {
                thread::sleep(Duration::from_millis(1));
            }
            worker.ready();
        }
    }
}

fn users() -> Vec<User> {
    workers().iter().map(|worker| worker.user).collect()
}

#[test]
fn a_full_worker_says_so_at_once() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "1")]);
    let held = begin(&worker, BUSY);
    let bearer = format!("Bearer {TOKEN}");
    let body = Request::new("def calculate():\n    return 1")
        .body
        .to_string();
    let began = Instant::now();
    let (reader, status, answer) = send(
        worker.addr,
        "POST",
        "/execute",
        &[("Authorization", &bearer)],
        body.as_bytes(),
    );
    assert_eq!(status, 503);
    assert!(answer.contains("retry-after: 1"), "{answer}");
    assert!(rest(reader, &answer).contains("All 1 slots of this worker are taken"));
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    // It stays in service, or what it runs would be cut; who looks for a free slot sees none.
    assert_eq!(slots_free(&worker), 0);
    drop(held);
    let began = Instant::now();
    while slots_free(&worker) == 0 {
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "the slot stays taken"
        );
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(
        worker
            .run(&Request::new("def calculate():\n    return 1"))
            .result(),
        1
    );
    assert!(
        worker
            .get("/metrics")
            .1
            .contains("mecapy_worker_refused_total 1\n")
    );
}

/// What `/readyz` says of a worker that is ready.
fn slots_free(worker: &Started) -> u64 {
    let (status, readiness) = worker.get("/readyz");
    assert_eq!(status, 200, "{readiness}");
    let readiness: serde_json::Value = serde_json::from_str(&readiness).expect("JSON");
    assert_eq!(
        (&readiness["status"], &readiness["slots"]),
        (&"ready".into(), &1.into())
    );
    readiness["slots_free"].as_u64().expect("a number")
}

#[test]
fn a_dead_zygote_fails_its_run_in_words_and_is_replaced() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "2")]);
    let connection = begin(&worker, BUSY);
    let zygote = parent(busy(&worker)).expect("a run has a zygote");
    signal(zygote, Signal::KILL);
    let story = rest_of(connection);
    assert!(
        story.contains(r#""kind":"infrastructure""#)
            && story.contains("lost the calculation's process"),
        "{story}"
    );
    worker.ready();
    assert_eq!(
        worker
            .run(&Request::new("def calculate():\n    return 1"))
            .result(),
        1
    );
}

/// Whether a process has not ended, be it reaped or not.
fn lives(pid: &u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| !rest.starts_with('Z'))
    })
}

fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("a process");
    kill_process(pid, signal).expect("it can be signalled");
}

#[test]
fn a_process_that_died_while_it_waited_gets_no_run() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "2")]);
    let honest = Request::new("def calculate():\n    return 1");
    for _ in 0..3 {
        worker.settled();
        let ready = worker.runs();
        for pid in &ready {
            signal(*pid, Signal::KILL);
        }
        while ready.iter().any(lives) {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(worker.run(&honest).result(), 1);
    }
}

#[test]
fn a_zygote_that_hangs_is_killed_and_replaced() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "1")]);
    worker.settled();
    let honest = Request::new("def calculate():\n    return 1");
    let zygote = worker
        .runs()
        .into_iter()
        .find_map(parent)
        .expect("a zygote");
    signal(zygote, Signal::STOP);
    // It uses up a process, and the next one is never made.
    assert_eq!(worker.run(&honest).result(), 1);
    let began = Instant::now();
    while std::path::Path::new(&format!("/proc/{zygote}")).exists() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it hangs for ever"
        );
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(worker.run(&honest).result(), 1);
}

#[test]
fn the_first_runs_need_not_wait_for_every_import() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "2")]);
    let drawn = Request::new(
        "import matplotlib.pyplot as plt\ndef calculate():\n    return plt.plot([1, 2])[0].figure",
    );
    assert_eq!(worker.run(&drawn).result()["format"], "svg");
    worker.settled();
    let early = Request::new(
        "import sys\nearly = 'matplotlib.pyplot' in sys.modules\ndef calculate():\n    return early",
    );
    assert_eq!(worker.run(&early).result(), true);
}

#[test]
fn a_plain_caller_that_goes_away_ends_its_run() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "1")]);
    let body = Request::new(BUSY).body.to_string();
    let mut connection = TcpStream::connect(worker.addr).expect("the worker listens");
    write!(
        connection,
        "POST /execute HTTP/1.1\r\nHost: worker\r\nAuthorization: Bearer {TOKEN}\r\n\
         Accept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("the worker reads");
    let busy = busy(&worker);
    assert_eq!(running(&worker), 1);
    drop(connection);
    let began = Instant::now();
    while running(&worker) > 0 || std::path::Path::new(&format!("/proc/{busy}")).exists() {
        assert!(began.elapsed() < Duration::from_secs(5), "the run goes on");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_caller_that_goes_away_does_not_wait_for_the_store() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "1")]);
    let slots = store::slots(&store::start().0, "/slow", 0);
    let code = "def calculate():\n    print('running')\n    return list(range(50_000))";
    let request = Request::new(code).with("upload_urls", slots);
    let mut connection = begin_request(&worker, &request);
    let mut line = String::new();
    // The first sign of life after the end of the calculation.
    while !line.contains("alive") {
        line.clear();
        assert!(connection.read_line(&mut line).expect("an event") > 0);
    }
    drop(connection);
    let began = Instant::now();
    while running(&worker) > 0 {
        assert!(
            began.elapsed() < store::SLOW / 2,
            "the run waits for the store"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_stop_that_cannot_wait_longer_reports_its_runs() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "2")]);
    let connection = begin(&worker, BUSY);
    stop(&worker);
    let story = rest_of(connection);
    assert!(
        story.contains(r#""kind":"infrastructure""#)
            && story.contains("The worker was stopped before the calculation ended")
            && story.contains(r#""given_back":true"#),
        "{story}"
    );
}

fn rest_of(mut connection: BufReader<TcpStream>) -> String {
    let mut story = String::new();
    while !story.contains(r#""event":"finished""#) {
        assert!(
            connection.read_line(&mut story).expect("an event") > 0,
            "{story}"
        );
    }
    story
}

fn stop(worker: &Started) {
    signal(worker.pid, Signal::TERM);
}

#[test]
fn a_stop_lets_running_work_finish_and_takes_no_more() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "2")]);
    let code = "import time\ndef calculate():\n    print('running')\n    time.sleep(2)\n    return 'to its end'";
    let connection = begin(&worker, code);
    stop(&worker);
    // It says so to whoever asks, instead of not being there.
    let began = Instant::now();
    while worker.get("/readyz").0 != 503 {
        assert!(began.elapsed() < Duration::from_secs(5), "it stays ready");
    }
    assert_eq!(worker.get("/healthz").0, 200, "it is alive");
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Authorization", bearer.as_str())];
    let body = Request::new("def calculate():\n    return 1")
        .body
        .to_string();
    let (reader, status, answer) = send(worker.addr, "POST", "/execute", &headers, body.as_bytes());
    assert_eq!(status, 503, "{answer}");
    assert!(rest(reader, &answer).contains("The worker is stopping"));
    let story = rest_of(connection);
    assert!(story.contains("to its end"), "{story}");
    let began = Instant::now();
    while std::path::Path::new(&format!("/proc/{}/fd/0", worker.pid)).exists() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "the worker does not end"
        );
        thread::sleep(Duration::from_millis(20));
    }
    assert!(
        TcpStream::connect(worker.addr).is_err(),
        "nobody listens any more"
    );
}

#[test]
fn a_killed_worker_leaves_no_process_behind() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "2")]);
    let _connection = begin(&worker, BUSY);
    let below = descendants(worker.pid);
    assert!(below.len() >= 3, "{below:?}");
    signal(worker.pid, Signal::KILL);
    let began = Instant::now();
    while below.iter().any(lives) {
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "processes live on"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn runs_at_the_same_time_do_not_mix() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "4")]);
    thread::scope(|scope| {
        for n in 0..4u64 {
            let worker = &worker;
            scope.spawn(move || {
                for _ in 0..10 {
                    let code = format!("def calculate():\n    print({n})\n    return {n}");
                    let run = execute(worker.addr, &Request::new(code));
                    assert_eq!(
                        (run.result(), run.stdout.as_str()),
                        (n.into(), format!("{n}\n").as_str())
                    );
                }
            });
        }
    });
}
