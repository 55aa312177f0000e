//! A share: an unguessable read-only link to one run.

use crate::{ShareId, Timestamp, run::RunDetail};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareSummary {
    pub id: ShareId,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// A new share. The token is shown once; only its hash is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewShare {
    pub id: ShareId,
    pub token: String,
    pub url: String,
    /// False while the server listens only on this machine, so that nobody else can open the link.
    pub reachable: bool,
    pub expires_at: Option<Timestamp>,
}

/// What a shared page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedRun {
    pub task_name: String,
    pub description: String,
    pub author: String,
    pub code: String,
    pub run: RunDetail,
    /// The result in the result encoding, as JSON text, when completed.
    pub result: Option<String>,
    pub shared_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}
