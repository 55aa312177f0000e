//! Sends what webhooks are to be told.
//!
//! ```text
//! woken by a run's end, a ping, a finished send; or the next retry is due; or the slow tick
//!   → claim what is due, a few per webhook → one task each: read the run, send, write what came of it
//! ```
//!
//! A claim is a lease by the database's clock, so that of several servers one sends. What a server
//! that was killed had claimed is sent again: a receiver may be told twice, never not at all.

use super::{
    address::Reach,
    payload,
    send::{Answer, Message, Sender},
};
use crate::{
    auth,
    config::WebhookConfig,
    db::{ClaimedDelivery, Next, Store, Tried},
    error::Internal,
    events::Notifier,
};
use domain::{WebhookId, limits::WEBHOOK_TRIES, webhook::WebhookEvent};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Sent at the same time, in all and to one webhook: a slow receiver holds up no other.
const MOST: usize = 64;
const MOST_PER_WEBHOOK: usize = 2;
/// How long a claim lasts; longer than a try may take with what is written before and after it.
const LEASE: Duration = Duration::from_secs(30);
/// How many times as long each pause is as the one before it.
const RETRY_FACTOR: u32 = 4;
/// Pause after the database failed.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// What sends under way get when the server stops; the next start sends the others again.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// What the deliverer works with.
#[derive(Debug)]
pub(crate) struct Parts {
    pub store: Arc<dyn Store>,
    pub notifier: Arc<dyn Notifier>,
    pub config: WebhookConfig,
    /// Where browsers reach this server.
    pub public_url: String,
}

/// A deliverer at work.
#[derive(Debug)]
pub(crate) struct Deliverer {
    /// Ends claiming.
    stop: CancellationToken,
    /// Ends what is being sent.
    abort: CancellationToken,
    tasks: TaskTracker,
}

impl Deliverer {
    pub(crate) fn start(parts: Parts) -> reqwest::Result<Self> {
        let reach = Reach {
            private: parts.config.private,
        };
        let deliverer = Self {
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let shared = Arc::new(Shared {
            sender: Sender::new(reach)?,
            parts,
            under_way: Mutex::default(),
            sent: Notify::new(),
            abort: deliverer.abort.clone(),
            tasks: deliverer.tasks.clone(),
        });
        deliverer.tasks.spawn(run(shared, deliverer.stop.clone()));
        Ok(deliverer)
    }

    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        if timeout(STOP_WITHIN, self.tasks.wait()).await.is_err() {
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }
}

#[derive(Debug)]
struct Shared {
    parts: Parts,
    sender: Sender,
    /// How much is being sent to whom.
    under_way: Mutex<HashMap<WebhookId, usize>>,
    sent: Notify,
    abort: CancellationToken,
    tasks: TaskTracker,
}

async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let news = shared.parts.notifier.deliveries();
    loop {
        let pause = claim_all(&shared).await.unwrap_or_else(|error| {
            tracing::error!(%error, "deliveries to webhooks could not be claimed");
            FAILURE_PAUSE
        });
        tokio::select! {
            () = stop.cancelled() => return,
            () = news.notified() => {}
            () = shared.sent.notified() => {}
            () = sleep(pause) => {}
        }
    }
}

/// Claims and starts what is due; says when to look again unless woken before.
async fn claim_all(shared: &Arc<Shared>) -> Result<Duration, Internal> {
    let Parts { store, config, .. } = &shared.parts;
    loop {
        // A look costs no write, and mostly there is nothing.
        let due = store.next_delivery().await?;
        let pause = due.unwrap_or(config.look_again).min(config.look_again);
        if !pause.is_zero() {
            return Ok(pause);
        }
        let under_way = shared.under_way().clone();
        let room = MOST.saturating_sub(under_way.values().sum());
        if room == 0 {
            return Ok(config.look_again);
        }
        let claimed = store
            .claim_deliveries(LEASE, &under_way, MOST_PER_WEBHOOK, room)
            .await?;
        if claimed.is_empty() {
            // What is due waits for a send to end, which wakes.
            return Ok(config.look_again);
        }
        for delivery in claimed {
            *shared.under_way().entry(delivery.webhook).or_default() += 1;
            let own = Arc::clone(shared);
            shared.tasks.spawn(async move {
                let webhook = delivery.webhook;
                let aborted = own.abort.clone();
                tokio::select! {
                    () = aborted.cancelled() => {}
                    () = own.deliver(delivery) => {}
                }
                own.ended(webhook);
            });
        }
    }
}

impl Shared {
    fn under_way(&self) -> MutexGuard<'_, HashMap<WebhookId, usize>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, webhook: WebhookId) {
        let mut under_way = self.under_way();
        if let Some(count) = under_way.get_mut(&webhook) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&webhook);
            }
        }
        self.sent.notify_one();
    }

    /// From the claim to what is written about it. What cannot be written is sent again when the
    /// lease is over.
    async fn deliver(&self, delivery: ClaimedDelivery) {
        let begun = Instant::now();
        let answer = self.answer(&delivery).await;
        let (id, webhook) = (delivery.id, delivery.webhook);
        let tried = tried(&delivery, answer, begun.elapsed(), &self.parts.config);
        tracing::debug!(delivery = %id, %webhook, next = ?tried.next, http_status = tried.http_status, "tried");
        if let Err(error) = self.parts.store.end_delivery(&delivery, tried).await {
            tracing::error!(delivery = %id, %webhook, %error, "what came of a delivery was not written");
        }
    }

    async fn answer(&self, delivery: &ClaimedDelivery) -> Answer {
        match self.body(delivery).await {
            Ok(Some(body)) => {
                let message = Message {
                    id: delivery.id,
                    url: delivery.url.clone(),
                    secret: delivery.secret.clone(),
                    body,
                };
                self.sender.send(message).await
            }
            Ok(None) => {
                let why = "The task was deleted before this was sent. Send it again once the task is restored.";
                Answer::Refused(why.into())
            }
            Err(error) => {
                tracing::error!(delivery = %delivery.id, %error, "a run could not be read for its webhook");
                Answer::Failed(None, "The server could not read the run.".into())
            }
        }
    }

    /// `None` when it is about something hidden.
    async fn body(&self, delivery: &ClaimedDelivery) -> Result<Option<Vec<u8>>, Internal> {
        let ClaimedDelivery {
            id,
            webhook,
            event,
            created_at,
            ..
        } = *delivery;
        if delivery.hidden {
            return Ok(None);
        }
        let Some(run) = delivery.run else {
            return Ok(Some(payload::of_ping(id, created_at, webhook)));
        };
        let run = self.parts.store.run(run).await?;
        let run = run.filter(|run| !run.deleted).map(|run| run.detail.summary);
        let public = &self.parts.public_url;
        Ok(run.map(|run| payload::of_run(id, event, created_at, &run, public)))
    }
}

fn tried(
    delivery: &ClaimedDelivery,
    answer: Answer,
    took: Duration,
    config: &WebhookConfig,
) -> Tried {
    let tries = match delivery.event {
        WebhookEvent::Ping => 1,
        _ => WEBHOOK_TRIES,
    };
    let attempt = delivery.attempt + 1;
    let (next, http_status, error) = match answer {
        Answer::Taken(status) => (Next::Delivered, Some(status), None),
        Answer::Gone(status) => {
            let error = format!(
                "The receiver answered {status} Gone, so the webhook is disabled. A ping that the \
                 receiver takes enables it again."
            );
            (Next::Disable, Some(status), Some(error))
        }
        Answer::Refused(error) => (Next::GiveUp, None, Some(error)),
        Answer::Failed(status, error) if attempt >= tries => (Next::GiveUp, status, Some(error)),
        Answer::Failed(status, error) => {
            let jitter = f64::from(auth::random::<1>()[0]) / 255.0;
            let pause = retry_pause(config.first_retry, attempt, jitter);
            (Next::Retry(pause), status, Some(error))
        }
    };
    Tried {
        next,
        http_status,
        error,
        duration: took,
    }
}

/// Before the try after the given one, counted from 1: up to a quarter longer than planned, so that
/// not all of them come at once.
fn retry_pause(first: Duration, attempt: u32, jitter: f64) -> Duration {
    first
        .saturating_mul(RETRY_FACTOR.saturating_pow(attempt.saturating_sub(1)))
        .mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_some_hours_in_all() {
        let first = Duration::from_secs(5);
        assert_eq!(retry_pause(first, 1, 0.0), first);
        assert_eq!(retry_pause(first, 2, 0.0), Duration::from_secs(20));
        assert_eq!(retry_pause(first, 2, 1.0), Duration::from_secs(25));
        let all: Duration = (1..WEBHOOK_TRIES).map(|n| retry_pause(first, n, 0.0)).sum();
        let hours = all.as_secs_f64() / 3600.0;
        assert!((4.0..12.0).contains(&hours), "{hours} h");
    }
}
