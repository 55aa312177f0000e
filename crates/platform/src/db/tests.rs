//! What the store itself promises: fair turns, and one outcome whoever writes.

mod deliveries;
mod schema;

use super::*;
use domain::{
    RunId, TaskId, UserId,
    event::RunEventKind,
    limits::Limits,
    run::{RunChange, RunStatus},
};
use std::{collections::HashMap, time::Duration};
use tempfile::TempDir;
use testbed::Postgres;
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

struct Fixture {
    store: SqlStore,
    _database: Database,
}

/// What the store is over, for as long as it is used.
enum Database {
    File(#[allow(dead_code, reason = "held")] TempDir),
    Postgres(#[allow(dead_code, reason = "held")] Postgres),
}

impl Fixture {
    async fn new() -> Self {
        if std::env::var("TEST_PROFILE").is_ok_and(|profile| profile == "production") {
            return Self::over_postgres().await;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SqlStore::open_file(&folder.path().join("test.db")).await;
        Self {
            store: store.expect("a new database opens"),
            _database: Database::File(folder),
        }
    }

    async fn over_postgres() -> Self {
        let postgres = Postgres::start();
        let store = SqlStore::connect(&postgres.url().into()).await;
        Self {
            store: store.expect("a new database opens"),
            _database: Database::Postgres(postgres),
        }
    }

    /// Runs of one user, in the order they were submitted.
    async fn submit(&self, user: &str, count: usize) -> Vec<RunId> {
        let owner = self.store.user(user, user).await.expect("a user");
        let task = TaskId(Uuid::now_v7());
        let mut new_task = Some(TaskContent {
            owner,
            name: user.into(),
            description: String::new(),
            code: "code".into(),
            inputs: "{}".into(),
        });
        let mut runs = Vec::new();
        for _ in 0..count {
            let run = new_run(owner, task, new_task.take());
            runs.push(run.id);
            let submitted = self.store.submit(run).await.expect("written");
            assert!(matches!(submitted, Submitted::Stored(_)), "{submitted:?}");
        }
        runs
    }

    async fn claim(&self, dispatcher: &str, lease: Duration, most: usize) -> Vec<ClaimedRun> {
        let claimed = self.store.claim(dispatcher, lease, most).await;
        claimed.expect("claimed").runs
    }

    async fn write(&self, dispatcher: &str, run: &ClaimedRun, ending: Ending) -> BatchResult {
        let batch = Batch {
            run: run.id,
            attempt: run.attempt,
            events: vec![(domain::Timestamp::from_millis(1), RunEventKind::Attempt)],
            ending: Some(ending),
        };
        let results = self.store.write(dispatcher, &[batch]).await;
        results.expect("written")[0]
    }

    async fn status(&self, run: RunId) -> RunStatus {
        let record = self.store.run(run).await.expect("readable");
        record.expect("it is there").detail.summary.status
    }
}

fn new_run(user: UserId, task: TaskId, new_task: Option<TaskContent>) -> NewRun {
    NewRun {
        id: RunId(Uuid::now_v7()),
        task,
        new_task,
        user,
        version: 1,
        limits: Limits::default(),
        inputs: Placed::Inline("{}".into()),
        files: Vec::new(),
        inputs_bytes: 2,
        inputs_sha256: String::new(),
        code_sha256: String::new(),
        change: Box::new(|_| RunChange::First),
        queue_limit: 100,
        idempotency: None,
        trace: telemetry::trace::new(),
    }
}

fn completed() -> Ending {
    Ending::Outcome(Box::new(Outcome::without_result(
        RunStatus::Completed,
        None,
    )))
}

fn requeue() -> Ending {
    Ending::Requeue {
        reason: "lost".into(),
        pause: Duration::ZERO,
        counts: true,
    }
}

#[tokio::test]
async fn users_take_turns_however_many_runs_one_has() {
    let f = Fixture::new().await;
    let ada = f.submit("ada", 5).await;
    let bob = f.submit("bob", 2).await;
    let eve = f.submit("eve", 1).await;
    let claimed = f.claim("d", LEASE, 8).await;
    let order: Vec<_> = claimed.iter().map(|run| run.id).collect();
    let fair = [
        ada[0], bob[0], eve[0], ada[1], bob[1], ada[2], ada[3], ada[4],
    ];
    assert_eq!(order, fair);
}

#[tokio::test]
async fn with_one_slot_they_take_turns_too() {
    let f = Fixture::new().await;
    f.submit("ada", 4).await;
    f.submit("bob", 2).await;
    let mut turns = HashMap::<UserId, usize>::new();
    for place in 1..=4 {
        let run = f.claim("d", LEASE, 1).await.remove(0);
        *turns.entry(run.user).or_default() += 1;
        f.write("d", &run, completed()).await;
        // Turns are told apart by the millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(turns.values().all(|&n| n <= place / 2 + 1), "{turns:?}");
    }
    assert!(turns.values().all(|&n| n == 2), "{turns:?}");
}

#[tokio::test]
async fn a_run_is_claimed_by_one_dispatcher_only() {
    let f = Fixture::new().await;
    f.submit("ada", 3).await;
    let (a, b) = tokio::join!(f.claim("a", LEASE, 3), f.claim("b", LEASE, 3));
    assert_eq!(a.len() + b.len(), 3);
    assert!(f.claim("c", LEASE, 3).await.is_empty());
}

#[tokio::test]
async fn runs_that_another_dispatcher_is_taking_are_left_to_it_but_not_forgotten() {
    let f = Fixture::over_postgres().await;
    let run = f.submit("ada", 1).await[0];
    let mut other = f.store.begin().await.expect("a transaction");
    let taking: Option<String> = query_scalar("SELECT id FROM runs r WHERE id = $1")
        .bind(run.to_string())
        .skipping_locked()
        .fetch_optional(&mut other)
        .await
        .expect("locked");
    assert!(taking.is_some());
    let claimed = f.store.claim("d", LEASE, 1).await.expect("claimed");
    assert!(claimed.runs.is_empty() && !claimed.all, "{claimed:?}");
    other.rollback().await.expect("given back");
    assert_eq!(f.claim("d", LEASE, 1).await[0].id, run);
}

#[tokio::test]
async fn a_run_that_cannot_be_read_stops_no_other() {
    let f = Fixture::new().await;
    let ada = f.submit("ada", 2).await;
    let bob = f.submit("bob", 1).await;
    let mut tx = f.store.begin().await.expect("a transaction");
    let damaged = query("UPDATE runs SET limits = 'no JSON' WHERE id = $1");
    let damaged = damaged.bind(ada[0].to_string()).execute(&mut tx).await;
    assert_eq!(damaged.expect("damaged"), 1);
    tx.commit().await.expect("committed");
    let claimed = f.claim("d", Duration::ZERO, 8).await;
    let order: Vec<_> = claimed.iter().map(|run| run.id).collect();
    assert_eq!(order, [bob[0], ada[1]]);
    let expired = f.store.expired(10).await.expect("readable");
    assert!(
        expired.iter().any(|lost| lost.run == ada[0]),
        "it is recovered, and given up in the end"
    );
}

#[tokio::test]
async fn only_the_attempt_that_holds_the_run_writes() {
    let f = Fixture::new().await;
    let run = f.submit("ada", 1).await[0];
    let first = f.claim("a", Duration::ZERO, 1).await.remove(0);
    let expired = f.store.expired(10).await.expect("readable");
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0].run, run);
    let recovered = f.write("a", &first, requeue()).await;
    assert!(matches!(
        recovered,
        BatchResult::Written {
            status: RunStatus::Queued,
            ..
        }
    ));
    let second = f.claim("a", LEASE, 1).await.remove(0);
    assert_eq!((second.attempt, second.failures), (2, 1));
    // The first attempt was only slow, and comes back with an outcome.
    assert_eq!(f.write("a", &first, completed()).await, BatchResult::Lost);
    assert_eq!(f.write("b", &second, completed()).await, BatchResult::Lost);
    assert_eq!(f.status(run).await, RunStatus::Running);
    let story = f.store.events(run, 0, 100).await.expect("readable");
    assert_eq!(story.len(), 3, "nothing of the late attempt: {story:?}");
    let written = f.write("a", &second, completed()).await;
    assert!(matches!(
        written,
        BatchResult::Written {
            status: RunStatus::Completed,
            ..
        }
    ));
    assert_eq!(f.write("a", &second, completed()).await, BatchResult::Lost);
}

#[tokio::test]
async fn no_outcome_is_written_once_the_user_cancelled() {
    for ending in [completed(), requeue(), Ending::Release] {
        let f = Fixture::new().await;
        let run = f.submit("ada", 1).await[0];
        let claimed = f.claim("a", LEASE, 1).await.remove(0);
        let step = f.store.cancel_run(run).await.expect("asked");
        assert_eq!(step, CancelStep::Asked);
        f.write("a", &claimed, ending).await;
        assert_eq!(f.status(run).await, RunStatus::Cancelled);
        let story = f.store.events(run, 0, 100).await.expect("readable");
        let last = story.last().expect("a final event");
        assert!(last.kind.is_final(), "{last:?}");
    }
}

#[tokio::test]
async fn renewed_leases_do_not_expire() {
    let f = Fixture::new().await;
    f.submit("ada", 2).await;
    let a = f.claim("a", Duration::ZERO, 1).await.remove(0);
    let b = f.claim("b", Duration::ZERO, 1).await.remove(0);
    let both = [(a.id, a.attempt), (b.id, b.attempt)];
    let held = f.store.renew("a", &both, LEASE).await.expect("renewed");
    assert_eq!(held.len(), 1);
    let expired = f.store.expired(10).await.expect("readable");
    assert_eq!(expired.len(), 1, "control: the other's has");
    assert_eq!(expired[0].dispatcher, "b");
}

#[tokio::test]
async fn the_lease_of_an_attempt_that_gave_up_expires_while_others_are_renewed() {
    let f = Fixture::new().await;
    f.submit("ada", 2).await;
    let claimed = f.claim("a", Duration::ZERO, 2).await;
    let going_on = [(claimed[0].id, claimed[0].attempt)];
    let held = f.store.renew("a", &going_on, LEASE).await.expect("renewed");
    assert_eq!(held.len(), 1);
    let expired = f.store.expired(10).await.expect("readable");
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0].run, claimed[1].id);
}

#[tokio::test]
async fn a_lease_that_was_renewed_in_time_is_not_recovered() {
    for renewed in [false, true] {
        let f = Fixture::new().await;
        let run = f.submit("ada", 1).await[0];
        let held = f.claim("a", Duration::ZERO, 1).await.remove(0);
        assert_eq!(f.store.expired(10).await.expect("readable").len(), 1);
        if renewed {
            let own = [(held.id, held.attempt)];
            f.store.renew("a", &own, LEASE).await.expect("renewed");
        }
        let batch = Batch {
            run,
            attempt: held.attempt,
            events: Vec::new(),
            ending: Some(requeue()),
        };
        f.store.recover("a", &[batch]).await.expect("written");
        let expected = if renewed {
            RunStatus::Running
        } else {
            RunStatus::Queued
        };
        assert_eq!(f.status(run).await, expected);
    }
}
