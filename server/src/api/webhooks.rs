//! `/api/webhooks…`: addresses that are told when runs end, and what they were told.

use super::body::PageBody;
use crate::{
    extract::{Authenticated, JsonBody, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::{
    DeliveryId, TaskId, WebhookId,
    webhook::{Delivery, NewWebhook, Webhook, WebhookEvent},
};
use platform::webhooks;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    url: String,
    task_id: Option<TaskId>,
    events: Option<Vec<WebhookEvent>>,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
pub struct ListDeliveries {
    cursor: Option<String>,
    limit: Option<usize>,
}

/// `GET /api/webhooks`
pub async fn list_webhooks(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Vec<Webhook>>, ApiProblem> {
    Ok(Json(webhooks::list(&state.services, &caller).await?))
}

/// `POST /api/webhooks`
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

/// `GET /api/webhooks/{id}`
pub async fn get_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
) -> Result<Json<Webhook>, ApiProblem> {
    let found = webhooks::get(&state.services, &caller, webhook).await?;
    Ok(Json(found))
}

/// `DELETE /api/webhooks/{id}`
pub async fn delete_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
) -> Result<StatusCode, ApiProblem> {
    webhooks::delete(&state.services, &caller, webhook).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/webhooks/{id}/deliveries?cursor&limit`
pub async fn list_deliveries(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
    Query(query): Query<ListDeliveries>,
) -> Result<Json<PageBody<Delivery>>, ApiProblem> {
    let cursor = query.cursor.as_deref();
    let page = webhooks::deliveries(&state.services, &caller, webhook, cursor, query.limit).await?;
    Ok(Json(PageBody::of(page)))
}

/// `POST /api/webhooks/{id}/ping`
pub async fn ping_webhook(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(webhook): Path<WebhookId>,
) -> Result<(StatusCode, Json<Delivery>), ApiProblem> {
    let ping = webhooks::ping(&state.services, &caller, webhook).await?;
    Ok((StatusCode::ACCEPTED, Json(ping)))
}

/// `POST /api/webhooks/{id}/deliveries/{delivery}/redeliver`
pub async fn redeliver(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((webhook, delivery)): Path<(WebhookId, DeliveryId)>,
) -> Result<(StatusCode, Json<Delivery>), ApiProblem> {
    let again = webhooks::redeliver(&state.services, &caller, webhook, delivery).await?;
    Ok((StatusCode::ACCEPTED, Json(again)))
}
