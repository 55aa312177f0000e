//! The database is the truth. [`Store`] is what the rest of the platform knows of it; all SQL is in
//! this folder, one file per noun, as constants in types and syntax that SQLite and Postgres share.
//!
//! Architecture invariant: a run exists once its row is committed, and only the attempt that holds
//! its lease writes to it.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* const $name: &str = $sql;)+
        /// All of them, so that a test can have the database check each.
        #[cfg(test)]
        pub(super) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}

mod attempts;
mod census;
mod claims;
mod deliveries;
mod events;
mod housekeeping;
mod pruning;
mod row;
mod runs;
mod shares;
mod sql;
mod store;
mod submit;
mod task_keys;
mod task_lists;
mod tasks;
mod tokens;
mod transfer;
mod usage;
mod users;
mod webhooks;

pub(crate) use attempts::{
    Attempts, Batch, BatchResult, Ending, Outcome, StoredFigure, StoredValue,
};
pub use census::PoolUse;
pub(crate) use census::{Census, Unfinished};
pub(crate) use claims::{ClaimedRun, Claims};
pub(crate) use deliveries::{ClaimedDelivery, Deliveries, Next, Tried};
pub(crate) use events::Events;
pub(crate) use housekeeping::Housekeeping;
pub(crate) use pruning::{ObjectState, Pruning};
pub(crate) use runs::{CancelStep, RunFilter, RunRecord, Runs};
pub(crate) use shares::{OpenShare, Shares};
use sql::{query, query_as, query_scalar};
pub(crate) use store::SqlStore;
use store::Tx;
pub(crate) use submit::{Fingerprint, Idempotency, NewRun, Previous, Submissions, Submitted};
pub(crate) use task_keys::{Created, TaskKeys};
pub(crate) use task_lists::{TaskFilter, TaskLists};
pub(crate) use tasks::{
    DeleteStep, EditStep, TaskContent, TaskEdit, TaskRecord, Tasks, Unexpected,
};
pub(crate) use tokens::{ShownToken, TokenRow, Tokens};
pub(crate) use transfer::TABLES;
pub(crate) use usage::UsageCounts;
pub(crate) use users::Users;
pub(crate) use webhooks::{MakeWebhook, WebhookRecord, Webhooks};

/// Everything that is stored, whatever database stores it.
pub(crate) trait Store:
    Users
    + Tasks
    + TaskKeys
    + TaskLists
    + Submissions
    + Runs
    + Claims
    + Attempts
    + Events
    + Census
    + Shares
    + Tokens
    + UsageCounts
    + Webhooks
    + Deliveries
    + Housekeeping
    + Pruning
    + std::fmt::Debug
    + Send
    + Sync
{
}

impl Store for SqlStore {}

/// Where a value is: small ones in the row, large ones in the object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    Inline(String),
    /// The object's key.
    Object(String),
}

impl Placed {
    fn columns(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Inline(text) => (Some(text), None),
            Self::Object(key) => (None, Some(key)),
        }
    }

    fn from_columns(inline: Option<String>, key: Option<String>) -> Option<Self> {
        inline.map(Self::Inline).or(key.map(Self::Object))
    }
}

#[cfg(test)]
mod tests;
