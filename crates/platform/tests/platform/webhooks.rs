//! A webhook is told at once; it belongs to its maker, and to its task while that is there.

use crate::harness::*;
use axum::{Router, routing::post};
use domain::{
    Problem, ProblemCode, TaskId, UserId, WebhookId,
    webhook::{Delivery, DeliveryStatus},
};
use platform::{
    Caller, Error, PageQuery, tasks,
    webhooks::{self, CreateWebhook},
};
use std::time::Duration;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{sleep, timeout},
};
use uuid::Uuid;

fn at(task: Option<TaskId>) -> CreateWebhook {
    CreateWebhook {
        url: "https://example.eu/".into(),
        task,
        ..CreateWebhook::default()
    }
}

fn unknown<T: std::fmt::Debug>(answer: Result<T, Error>) -> bool {
    let problem = answer.map_err(Problem::from);
    problem.is_err_and(|problem| problem.code == ProblemCode::NotFound)
}

#[tokio::test]
async fn nobody_gets_at_the_webhooks_of_others() {
    let platform = Platform::open().await;
    let (s, ada) = (&platform.services, &platform.caller);
    let eve = &Caller {
        user: UserId(Uuid::now_v7()),
        name: "Eve".into(),
        token: None,
    };
    let task = platform.task(CODE).await;
    assert!(unknown(webhooks::create(s, eve, at(Some(task))).await));
    let made = webhooks::create(s, ada, at(Some(task))).await;
    let id = made.expect("a webhook").webhook.id;
    let Delivery { id: ping, .. } = webhooks::ping(s, ada, id).await.expect("a ping");
    assert!(unknown(webhooks::get(s, eve, id).await));
    assert!(unknown(
        webhooks::deliveries(s, eve, id, PageQuery::default()).await
    ));
    assert!(unknown(webhooks::ping(s, eve, id).await));
    assert!(unknown(webhooks::redeliver(s, eve, id, ping).await));
    assert!(unknown(webhooks::delete(s, eve, id).await));
    assert!(webhooks::list(s, eve).await.expect("a list").is_empty());
    assert_eq!(
        webhooks::list(s, ada).await.expect("a list").len(),
        1,
        "control"
    );
    let log = webhooks::deliveries(s, ada, id, PageQuery::default()).await;
    assert_eq!(log.expect("a log").items.len(), 1, "control");
}

#[tokio::test]
async fn a_task_hides_its_webhooks_with_itself_and_brings_them_back() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let made = webhooks::create(s, c, at(Some(task))).await;
    let id = made.expect("a webhook").webhook.id;
    tasks::delete(s, c, task).await.expect("deleted");
    assert!(unknown(webhooks::get(s, c, id).await));
    assert!(webhooks::list(s, c).await.expect("a list").is_empty());
    assert!(unknown(webhooks::create(s, c, at(Some(task))).await));
    tasks::restore(s, c, task).await.expect("restored");
    webhooks::get(s, c, id).await.expect("back");
}

async fn newest(platform: &Platform, webhook: WebhookId) -> Delivery {
    let (s, c) = (&platform.services, &platform.caller);
    let log = webhooks::deliveries(
        s,
        c,
        webhook,
        PageQuery {
            cursor: None,
            limit: Some(1),
        },
    )
    .await;
    log.expect("a log").items.remove(0)
}

/// The address of a receiver, and the bodies that arrive there.
async fn receiver() -> (String, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let (sender, arrived) = unbounded_channel();
    let take = |body: String| async move {
        // The test may be over.
        let _ = sender.send(body);
    };
    let app = Router::new().route("/", post(take));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, arrived)
}

#[tokio::test]
async fn whatever_is_to_be_told_is_told_without_waiting_for_a_look() {
    let platform = Platform::open_with(|config| {
        config.webhooks.private = true;
        config.webhooks.look_again = NEVER;
    })
    .await;
    let (s, c) = (&platform.services, &platform.caller);
    platform
        .dispatch_to(&FakeWorker::always(success()).await)
        .await;
    let (url, mut arrived) = receiver().await;
    let new = CreateWebhook {
        url,
        ..CreateWebhook::default()
    };
    let id = webhooks::create(s, c, new).await.expect("made").webhook.id;
    let mut next = async || {
        let body = timeout(SOON, arrived.recv()).await.expect("it is told");
        body.expect("the receiver listens")
    };
    let run = platform.run().await;
    platform.ended(run).await;
    let told = next().await;
    assert!(told.contains("run.completed") && told.contains(&run.to_string()));

    let ping = webhooks::ping(s, c, id).await.expect("a ping").id;
    assert!(next().await.contains(&ping.to_string()));
    // What is being sent is left alone, so the test waits for what came of it.
    while newest(&platform, id).await.status == DeliveryStatus::Pending {
        sleep(Duration::from_millis(5)).await;
    }
    webhooks::redeliver(s, c, id, ping).await.expect("again");
    assert!(next().await.contains(&ping.to_string()));

    // Without a worker it waits.
    platform.worker.send_replace(None);
    let run = platform.run().await;
    platform.cancel(run).await;
    assert!(next().await.contains("run.cancelled"));
}
