//! The one authorisation function. Every use case passes it before it reads or writes for a caller.

use crate::{
    Caller,
    error::{Error, problem},
};
use domain::{ProblemCode, UserId};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Read,
    Change,
    Run,
    Share,
}

/// What it is to be done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Task,
    Run,
    Share,
    Webhook,
    Delivery,
}

impl Thing {
    const fn unknown(self) -> &'static str {
        match self {
            Self::Task => "There is no such task. It may have been deleted.",
            Self::Run => "There is no such run. Its task may have been deleted.",
            Self::Share => "There is no such share. It may have been revoked.",
            Self::Webhook => "There is no such webhook. It, or its task, may have been deleted.",
            Self::Delivery => "There is no such delivery in this webhook's log.",
        }
    }
}

/// Passes when the caller may do `action` to a thing of that owner: the owner may do everything,
/// nobody else anything.
///
/// # Errors
/// The same answer as for a thing that does not exist, so that nobody learns what others have.
pub fn authorize(
    caller: &Caller,
    action: Action,
    thing: Thing,
    owner: UserId,
) -> Result<(), Error> {
    if caller.user == owner {
        return Ok(());
    }
    tracing::warn!(user = %caller.user, ?action, ?thing, "refused");
    Err(not_found(thing))
}

/// The answer for a thing that does not exist.
pub(crate) fn not_found(thing: Thing) -> Error {
    problem(ProblemCode::NotFound, thing.unknown())
}
