//! What is to be told is stored with the end of a run, and sent by one server at a time.

use super::*;
use domain::{
    DeliveryId, WebhookId,
    webhook::{Delivery, DeliveryStatus, WebhookEvent},
};

impl Fixture {
    /// A webhook for every way in which that user's runs end.
    async fn webhook(&self, user: &str) -> WebhookId {
        let id = WebhookId(Uuid::now_v7());
        let new = MakeWebhook {
            id,
            owner: self.store.user(user, user).await.expect("a user"),
            task: None,
            url: "https://example.eu/".into(),
            events: WebhookEvent::OF_RUNS.to_vec(),
            description: String::new(),
            secret: "whsec_".to_owned().into(),
        };
        let made = self.store.create_webhook(new, 1).await.expect("written");
        made.expect("the first").id
    }

    async fn log(&self, webhook: WebhookId) -> Vec<Delivery> {
        let log = self.store.deliveries(webhook, None, 100).await;
        log.expect("readable").0
    }

    async fn claim_for(&self, lease: Duration, most: usize) -> Vec<ClaimedDelivery> {
        let none = HashMap::new();
        let claimed = self.store.claim_deliveries(lease, &none, most, most).await;
        claimed.expect("claimed")
    }

    async fn sql(&self, sql: &'static str) {
        let mut tx = self.store.begin().await.expect("a transaction");
        query(sql).execute(&mut tx).await.expect("changed");
        tx.commit().await.expect("committed");
    }
}

fn tried(next: Next) -> Tried {
    Tried {
        next,
        http_status: None,
        error: None,
        duration: Duration::ZERO,
    }
}

fn ids(claimed: &[ClaimedDelivery]) -> Vec<DeliveryId> {
    claimed.iter().map(|delivery| delivery.id).collect()
}

#[tokio::test]
async fn every_way_a_run_ends_is_stored_for_its_owners_webhook() {
    let f = Fixture::new().await;
    let (ada, bob) = (f.webhook("ada").await, f.webhook("bob").await);
    let runs = f.submit("ada", 4).await;
    let claimed = f.claim("d", Duration::ZERO, 3).await;
    f.write("d", &claimed[0], completed()).await;
    let failed = Outcome::without_result(RunStatus::Failed, None);
    // On behalf of a dispatcher that is gone, as when a run was lost too often.
    let given_up = Batch {
        run: claimed[1].id,
        attempt: claimed[1].attempt,
        events: Vec::new(),
        ending: Some(Ending::Outcome(Box::new(failed))),
    };
    f.store.recover("d", &[given_up]).await.expect("written");
    f.store.cancel_run(claimed[2].id).await.expect("asked");
    assert_eq!(f.log(ada).await.len(), 2, "it has not ended yet");
    f.write("d", &claimed[2], requeue()).await;
    f.store.cancel_run(runs[3]).await.expect("cancelled");
    let mut told: Vec<_> = f.log(ada).await;
    told.reverse();
    let told: Vec<_> = told.iter().map(|line| (line.run_id, line.event)).collect();
    let expected = [
        (Some(claimed[0].id), WebhookEvent::RunCompleted),
        (Some(claimed[1].id), WebhookEvent::RunFailed),
        (Some(claimed[2].id), WebhookEvent::RunCancelled),
        (Some(runs[3]), WebhookEvent::RunCancelled),
    ];
    assert_eq!(told, expected);
    assert!(f.log(bob).await.is_empty(), "they are not Bob's");
}

#[tokio::test]
async fn an_attempt_that_comes_too_late_stores_nothing() {
    let f = Fixture::new().await;
    let webhook = f.webhook("ada").await;
    f.submit("ada", 1).await;
    let run = f.claim("a", LEASE, 1).await.remove(0);
    f.write("b", &run, completed()).await;
    assert!(f.log(webhook).await.is_empty());
    f.write("a", &run, completed()).await;
    f.write("a", &run, completed()).await;
    assert_eq!(f.log(webhook).await.len(), 1, "control: once");
}

#[tokio::test]
async fn of_several_servers_one_sends() {
    let f = Fixture::new().await;
    let webhook = f.webhook("ada").await;
    for run in f.submit("ada", 3).await {
        f.store.cancel_run(run).await.expect("cancelled");
    }
    let due = f.store.next_delivery().await.expect("readable");
    assert_eq!(due, Some(Duration::ZERO));
    let (a, b) = tokio::join!(f.claim_for(LEASE, 2), f.claim_for(LEASE, 2));
    let mut both = [ids(&a), ids(&b)].concat();
    both.sort();
    both.dedup();
    assert_eq!(both.len(), 3);
    assert!(f.claim_for(LEASE, 3).await.is_empty());
    let line = &f.log(webhook).await[0];
    assert_eq!(
        (line.status, line.next_try_at),
        (DeliveryStatus::Pending, None)
    );
}

#[tokio::test]
async fn whoever_claims_last_has_the_say() {
    let f = Fixture::new().await;
    let webhook = f.webhook("ada").await;
    let run = f.submit("ada", 1).await[0];
    f.store.cancel_run(run).await.expect("cancelled");
    let slow = f.claim_for(Duration::ZERO, 1).await.remove(0);
    let next = f.claim_for(LEASE, 1).await.remove(0);
    assert_eq!(slow.id, next.id, "the lease was over");
    let end = |delivery, next| f.store.end_delivery(delivery, tried(next));
    end(&slow, Next::Disable).await.expect("nothing is written");
    assert_eq!(f.log(webhook).await[0].attempt, 0);
    end(&next, Next::Retry(LEASE)).await.expect("written");
    let line = &f.log(webhook).await[0];
    assert_eq!((line.status, line.attempt), (DeliveryStatus::Pending, 1));
    assert!(line.next_try_at.is_some());
    let due = f.store.next_delivery().await.expect("readable");
    assert!(due.is_some_and(|due| due > LEASE / 2), "{due:?}");
    let record = f.store.webhook(webhook).await.expect("readable");
    let webhook = record.expect("it is there").webhook;
    assert_eq!(webhook.disabled_at, None);
}

#[tokio::test]
async fn what_a_server_that_is_gone_had_claimed_is_due_again() {
    let f = Fixture::new().await;
    f.webhook("ada").await;
    let run = f.submit("ada", 1).await[0];
    f.store.cancel_run(run).await.expect("cancelled");
    let claimed = f.claim_for(LEASE, 1).await;
    assert_eq!(claimed.len(), 1);
    assert!(f.claim_for(LEASE, 1).await.is_empty(), "control");
    f.store.expire_all_leases().await.expect("written");
    assert_eq!(ids(&f.claim_for(LEASE, 1).await), ids(&claimed));
}

#[tokio::test]
async fn old_lines_are_forgotten() {
    let f = Fixture::new().await;
    let webhook = f.webhook("ada").await;
    for run in f.submit("ada", 2).await {
        f.store.cancel_run(run).await.expect("cancelled");
    }
    f.store
        .forget_old_deliveries()
        .await
        .expect("nothing is old");
    let newest = f.log(webhook).await[0].id;
    f.sql("UPDATE webhook_deliveries SET created_at = created_at - 2592000000 - 1 WHERE id = (SELECT MIN(id) FROM webhook_deliveries)").await;
    f.store.forget_old_deliveries().await.expect("written");
    let left = f.log(webhook).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id, newest);
}
