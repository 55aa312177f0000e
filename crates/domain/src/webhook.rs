//! A webhook: an address that is told when runs end, and the log of what it was told.

use crate::{DeliveryId, RunId, TaskId, Timestamp, WebhookId, run::RunStatus};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a webhook is told; stable names, shown to programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WebhookEvent {
    #[serde(rename = "run.completed")]
    RunCompleted,
    #[serde(rename = "run.failed")]
    RunFailed,
    #[serde(rename = "run.cancelled")]
    RunCancelled,
    /// A test, sent when it is asked for.
    #[serde(rename = "ping")]
    Ping,
}

impl WebhookEvent {
    /// Those that a webhook can be made for.
    pub const OF_RUNS: [Self; 3] = [Self::RunCompleted, Self::RunFailed, Self::RunCancelled];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RunCompleted => "run.completed",
            Self::RunFailed => "run.failed",
            Self::RunCancelled => "run.cancelled",
            Self::Ping => "ping",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::OF_RUNS.into_iter().chain([Self::Ping]);
        all.find(|event| event.as_str() == text)
    }

    /// What is told of a run that ended so; `None` while it has not ended.
    #[must_use]
    pub const fn of(status: RunStatus) -> Option<Self> {
        match status {
            RunStatus::Completed => Some(Self::RunCompleted),
            RunStatus::Failed => Some(Self::RunFailed),
            RunStatus::Cancelled => Some(Self::RunCancelled),
            RunStatus::Queued | RunStatus::Running => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    pub id: WebhookId,
    pub url: String,
    /// Only the runs of this task; absent means all runs of the owner.
    pub task_id: Option<TaskId>,
    pub events: Vec<WebhookEvent>,
    pub description: String,
    pub created_at: Timestamp,
    /// Since its receiver answered that it is gone (410); absent while it is told of runs.
    pub disabled_at: Option<Timestamp>,
}

/// A new webhook. The secret is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewWebhook {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// `whsec_` and the signing key in base64.
    pub secret: String,
}

impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewWebhook")
            .field("webhook", &self.webhook)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It is sent now, or tried again later.
    Pending,
    /// The receiver has answered with success.
    Delivered,
    /// It is not tried again by itself.
    Failed,
}

impl DeliveryStatus {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One line of a webhook's log: one event, however often it was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Also the `webhook-id` that its receiver sees, the same at every try.
    pub id: DeliveryId,
    pub event: WebhookEvent,
    /// Absent for a ping.
    pub run_id: Option<RunId>,
    pub created_at: Timestamp,
    pub status: DeliveryStatus,
    /// Tries so far.
    pub attempt: u32,
    /// The end of the last try.
    pub tried_at: Option<Timestamp>,
    /// What the receiver answered at the last try, when it did.
    pub http_status: Option<u16>,
    /// Why the last try failed, in words.
    pub error: Option<String>,
    /// How long the last try took, milliseconds.
    pub duration_ms: Option<f64>,
    /// Absent while it is being sent, and once it is not tried again.
    pub next_try_at: Option<Timestamp>,
}
