//! Webhooks: addresses that are told when runs end.
//!
//! Architecture invariant: what is to be told is stored in the transaction that ends the run
//! ([`crate::db`]), so that no end goes untold; the [`Deliverer`] sends what is stored, at least
//! once.

mod address;
mod deliverer;
mod payload;
mod send;
mod signature;
mod target;

pub(crate) use deliverer::{Deliverer, Parts};

use crate::{
    Caller, Error, Services,
    auth::authorize::{Action, Thing, authorize, not_found},
    checks,
    db::{MakeWebhook, WebhookRecord},
    error::{problem, problem_at},
    paging::{self, PageQuery},
    tasks,
};
use address::Reach;
use domain::{
    DeliveryId, ProblemCode, TaskId, WebhookId,
    limits::MAX_WEBHOOKS,
    task::Page,
    webhook::{Delivery, NewWebhook, Webhook, WebhookEvent},
};
use secrecy::ExposeSecret;
use target::Target;
use uuid::Uuid;

#[derive(Clone, Debug, Default)]
pub struct CreateWebhook {
    pub url: String,
    /// Only the runs of this task; all of the caller's when absent.
    pub task: Option<TaskId>,
    /// Every way a run ends when absent.
    pub events: Option<Vec<WebhookEvent>>,
    pub description: String,
}

/// # Errors
/// No such task, a field is wrong, or the caller has [`MAX_WEBHOOKS`].
pub async fn create(s: &Services, c: &Caller, new: CreateWebhook) -> Result<NewWebhook, Error> {
    if let Some(task) = new.task {
        tasks::visible(s, c, Action::Share, task).await?;
    }
    let target = Target::parse(&new.url, reach(s))
        .map_err(|unfit| problem_at(ProblemCode::Invalid, "url", unfit.to_string()))?;
    let secret = signature::new_secret();
    let make = MakeWebhook {
        id: WebhookId(Uuid::now_v7()),
        owner: c.user,
        task: new.task,
        url: target.as_str().to_owned(),
        events: events(new.events)?,
        description: checks::description(&new.description)?,
        secret: secret.clone(),
    };
    match s.0.store.create_webhook(make, MAX_WEBHOOKS).await? {
        Some(webhook) => Ok(NewWebhook {
            webhook,
            secret: secret.expose_secret().to_owned(),
        }),
        None => {
            let detail = format!(
                "You have {MAX_WEBHOOKS} webhooks, which is the limit. Delete one of them first."
            );
            Err(problem(ProblemCode::Invalid, detail))
        }
    }
}

fn events(wanted: Option<Vec<WebhookEvent>>) -> Result<Vec<WebhookEvent>, Error> {
    let Some(wanted) = wanted else {
        return Ok(WebhookEvent::OF_RUNS.to_vec());
    };
    let invalid = |detail| Err(problem_at(ProblemCode::Invalid, "events", detail));
    if wanted.is_empty() {
        return invalid("The webhook is told of nothing. Name an event, or leave events out.");
    }
    if wanted.contains(&WebhookEvent::Ping) {
        return invalid("A ping is sent when it is asked for. Name events of runs only.");
    }
    let all = WebhookEvent::OF_RUNS.into_iter();
    Ok(all.filter(|event| wanted.contains(event)).collect())
}

fn reach(s: &Services) -> Reach {
    Reach {
        private: s.0.config.webhooks.private,
    }
}

/// The caller's webhooks, newest first.
///
/// # Errors
/// The database failed.
pub async fn list(s: &Services, c: &Caller) -> Result<Vec<Webhook>, Error> {
    Ok(s.0.store.webhooks(c.user).await?)
}

/// # Errors
/// No such webhook.
pub async fn get(s: &Services, c: &Caller, webhook: WebhookId) -> Result<Webhook, Error> {
    Ok(visible(s, c, Action::Read, webhook).await?.webhook)
}

/// Removes the webhook with its log; what it was still to be told is not sent.
///
/// # Errors
/// No such webhook.
pub async fn delete(s: &Services, c: &Caller, webhook: WebhookId) -> Result<(), Error> {
    visible(s, c, Action::Change, webhook).await?;
    s.0.store.delete_webhook(webhook).await?;
    Ok(())
}

/// What the webhook was told, and is still to be told; newest first.
///
/// # Errors
/// No such webhook, or the cursor is not one of ours.
pub async fn deliveries(
    s: &Services,
    c: &Caller,
    webhook: WebhookId,
    query: PageQuery,
) -> Result<Page<Delivery>, Error> {
    visible(s, c, Action::Read, webhook).await?;
    let limit = paging::limit(query.limit);
    let (rows, total) = s.0.store.deliveries(webhook, query.after()?, limit).await?;
    let cursor = |delivery: &Delivery| delivery.id.to_string();
    Ok(paging::page(rows, limit, total, cursor, |delivery| {
        delivery
    }))
}

/// Sends a test, which is tried once. One that waits already is the same test. A webhook that was
/// disabled is told of runs again when its receiver takes it.
///
/// # Errors
/// No such webhook.
pub async fn ping(s: &Services, c: &Caller, webhook: WebhookId) -> Result<Delivery, Error> {
    visible(s, c, Action::Change, webhook).await?;
    let new = DeliveryId(Uuid::now_v7());
    let ping = s.0.store.ping_webhook(webhook, new).await?;
    due(s, webhook, ping).await
}

/// Sends what is in the log once more, at once and with all its tries anew; what is being sent at
/// the moment is left alone.
///
/// # Errors
/// No such webhook or delivery.
pub async fn redeliver(
    s: &Services,
    c: &Caller,
    webhook: WebhookId,
    delivery: DeliveryId,
) -> Result<Delivery, Error> {
    visible(s, c, Action::Change, webhook).await?;
    s.0.store.redeliver(webhook, delivery).await?;
    due(s, webhook, delivery).await
}

/// Wakes the deliverer, and tells where the delivery stands.
async fn due(s: &Services, webhook: WebhookId, delivery: DeliveryId) -> Result<Delivery, Error> {
    let found = s.0.store.delivery(webhook, delivery).await?;
    s.0.notifier.announce_delivery();
    found.ok_or_else(|| not_found(Thing::Delivery))
}

/// The webhook, when its task is not hidden and the caller may do that to it.
async fn visible(
    s: &Services,
    c: &Caller,
    action: Action,
    webhook: WebhookId,
) -> Result<WebhookRecord, Error> {
    let record = s.0.store.webhook(webhook).await?;
    let record = record.ok_or_else(|| not_found(Thing::Webhook))?;
    authorize(c, action, Thing::Webhook, record.owner)?;
    if record.hidden {
        return Err(not_found(Thing::Webhook));
    }
    Ok(record)
}
