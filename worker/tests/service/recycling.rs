//! A zygote that has made enough processes is replaced, and nobody who asks for a run notices.

use crate::harness::{Request, Started, User, start};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Runs until shortly before the worker replaces its zygote, which has then made 2,000 processes.
const BEFORE: usize = 1_850;
/// Paced runs within which it must have done so.
const PACED: usize = 400;
/// Those that follow.
const AFTER: usize = 40;
const PACE: Duration = Duration::from_millis(50);
/// Who has to wait for a zygote waits for all of its imports, which take longer; who only shares the
/// processors with them does not wait as long.
const SLOW: Duration = Duration::from_millis(1000);

#[test]
fn a_recycled_zygote_leaves_no_gap() {
    let worker = start(User::Own, &[("MECAPY_WORKER_SLOTS", "4")]);
    worker.settled();
    let before = worker.counts();
    hurry(&worker, BEFORE);
    worker.all_ready();
    assert_eq!(worker.counts().zygotes, before.zygotes, "not yet replaced");
    let refused = worker.counts().refused;
    let mut left = PACED;
    while worker.counts().zygotes == before.zygotes {
        assert!(left > 0, "the zygote is not replaced");
        left -= 1;
        paced(&worker);
    }
    for _ in 0..AFTER {
        paced(&worker);
    }
    assert_eq!(worker.counts().refused, refused, "nobody is turned away");
}

/// One run at a steady pace, for which a warm process was there.
fn paced(worker: &Started) {
    let began = Instant::now();
    assert!(worker.counts().ready > 0, "no warm process is there");
    let run = worker.run(&trivial());
    assert_eq!(run.result(), 1);
    assert!(run.took < SLOW, "it waited {:?}", run.took);
    thread::sleep(PACE.saturating_sub(began.elapsed()));
}

/// So many runs, as fast as they go.
fn hurry(worker: &Started, runs: usize) {
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..runs / 2 {
                    assert_eq!(worker.run(&trivial()).result(), 1);
                }
            });
        }
    });
}

fn trivial() -> Request {
    Request::new("def calculate():\n    return 1")
}
