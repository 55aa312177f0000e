//! `/api/webhooks…`: addresses that are told when runs end, and what they were told.

use super::page::{self, PageBody, WhichPage};
use crate::{
    extract::{Authenticated, JsonBody, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use domain::{
    DeliveryId, TaskId, WebhookId,
    webhook::{Delivery, NewWebhook, Webhook, WebhookEvent},
};
use platform::webhooks;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    /// Where deliveries are posted to: `http` or `https`, without credentials.
    url: String,
    /// Only the runs of this task; all runs of the owner when absent.
    task_id: Option<TaskId>,
    /// All ends of runs when absent.
    events: Option<Vec<WebhookEvent>>,
    #[serde(default)]
    description: String,
}

/// Lists the webhooks.
#[utoipa::path(
    get,
    path = "/api/webhooks",
    tag = "webhooks",
    responses(
        (status = 200, description = "Without their secrets.", body = Vec<Webhook>),
    )
)]
pub async fn list_webhooks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vec<Webhook>>, ApiProblem> {
    Ok(Json(webhooks::list(&state.services, &caller).await?))
}

/// Makes a webhook.
///
/// This is the only answer that has the secret, by which deliveries are signed.
#[utoipa::path(
    post,
    path = "/api/webhooks",
    tag = "webhooks",
    request_body = CreateWebhook,
    responses(
        (status = 201, description = "The webhook.", body = NewWebhook),
        (status = 404, description = "No such task."),
        (status = 422, description = "A field is wrong, or the address must not be told anything (`invalid`)."),
    )
)]
pub async fn create_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody<CreateWebhook>,
) -> Result<(StatusCode, Json<NewWebhook>), ApiProblem> {
    let new = webhooks::CreateWebhook {
        url: body.url,
        task: body.task_id,
        events: body.events,
        description: body.description,
    };
    let made = webhooks::create(&state.services, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Reads a webhook.
#[utoipa::path(
    get,
    path = "/api/webhooks/{id}",
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook.")),
    responses(
        (status = 200, description = "Without its secret.", body = Webhook),
    )
)]
pub async fn get_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
) -> Result<Json<Webhook>, ApiProblem> {
    let found = webhooks::get(&state.services, &caller, webhook).await?;
    Ok(Json(found))
}

/// Deletes a webhook, with what it has not been told yet.
#[utoipa::path(
    delete,
    path = "/api/webhooks/{id}",
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook.")),
    responses(
        (status = 204, description = "It is gone."),
    )
)]
pub async fn delete_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
) -> Result<StatusCode, ApiProblem> {
    webhooks::delete(&state.services, &caller, webhook).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists what a webhook was told, the newest first.
#[utoipa::path(
    get,
    path = "/api/webhooks/{id}/deliveries",
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook."), WhichPage),
    responses(
        (status = 200, description = "Its log.", body = PageBody<Delivery>,
            headers(("Link" = Option<String>, description = "The next page, while there is one."))),
    )
)]
pub async fn list_deliveries(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
    uri: Uri,
    Query(which): Query<WhichPage>,
) -> Result<Response, ApiProblem> {
    let page = webhooks::deliveries(&state.services, &caller, webhook, which.into()).await?;
    Ok(page::answer::<_, Delivery>(&uri, page))
}

/// Sends a test delivery.
#[utoipa::path(
    post,
    path = "/api/webhooks/{id}/ping",
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook.")),
    responses(
        (status = 202, description = "It is on its way; the log says what became of it.", body = Delivery),
    )
)]
pub async fn ping_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
) -> Result<(StatusCode, Json<Delivery>), ApiProblem> {
    let ping = webhooks::ping(&state.services, &caller, webhook).await?;
    Ok((StatusCode::ACCEPTED, Json(ping)))
}

/// Sends a delivery again.
#[utoipa::path(
    post,
    path = "/api/webhooks/{id}/deliveries/{delivery}/redeliver",
    tag = "webhooks",
    params(
        ("id" = WebhookId, Path, description = "The webhook."),
        ("delivery" = DeliveryId, Path, description = "The delivery."),
    ),
    responses(
        (status = 202, description = "It is on its way; the log says what became of it.", body = Delivery),
    )
)]
pub async fn redeliver(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((webhook, delivery)): Path<(WebhookId, DeliveryId)>,
) -> Result<(StatusCode, Json<Delivery>), ApiProblem> {
    let again = webhooks::redeliver(&state.services, &caller, webhook, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json(again)))
}
