//! Identifiers. All are UUIDv7, made by the server, so that they sort by time of creation.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id! {
    /// A named calculation.
    TaskId
}
id! {
    /// One execution of one version of a task with one set of inputs.
    RunId
}
id! {
    /// Who owns tasks and runs.
    UserId
}
id! {
    /// An API token. The secret itself is not the id.
    TokenId
}
id! {
    /// A read-only link to a run. The link's secret token is not the id.
    ShareId
}
id! {
    /// An address that is told when runs end.
    WebhookId
}
id! {
    /// One event that a webhook is told.
    DeliveryId
}
