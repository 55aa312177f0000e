//! What a person or program is told when a request cannot be served: what happened, what to do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Stable names; the REST face makes `type` URIs of them, the pages look up their sentence by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProblemCode {
    /// No such task, run, version or share, or not yours.
    NotFound,
    /// Somebody saved another version since you opened this one.
    Conflict,
    /// A value in the request is wrong; `field` names it.
    Invalid,
    /// A named limit was passed.
    TooLarge,
    /// Too many runs wait already.
    QueueFull,
    /// The run has no result: it has not completed.
    NotCompleted,
    /// The run has ended and cannot be cancelled.
    AlreadyFinished,
    /// The thing was changed since the caller read it.
    PreconditionFailed,
    /// The same idempotency key came with another request.
    IdempotencyMismatch,
    /// What was shown as a token is none, or not any more.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// A dependency does not answer; trying again later may help.
    Unavailable,
    /// A defect on our side.
    Internal,
}

impl ProblemCode {
    pub const ALL: [Self; 13] = [
        Self::NotFound,
        Self::Conflict,
        Self::Invalid,
        Self::TooLarge,
        Self::QueueFull,
        Self::NotCompleted,
        Self::AlreadyFinished,
        Self::PreconditionFailed,
        Self::IdempotencyMismatch,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Unavailable,
        Self::Internal,
    ];
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: ProblemCode,
    /// One or two English sentences: what happened, what to do.
    pub detail: String,
    /// The input or request field at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            field: None,
        }
    }

    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}
