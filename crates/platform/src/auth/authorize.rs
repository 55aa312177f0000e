//! The one authorisation function. Every use case passes it before it reads or writes for a caller.

use crate::{
    Caller, UsedToken,
    error::{Error, problem},
};
use domain::{ProblemCode, UserId, token::Scope};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Read,
    Change,
    Run,
    Share,
}

impl Action {
    /// What a token must allow.
    const fn scope(self) -> Scope {
        match self {
            Self::Read => Scope::Read,
            Self::Run => Scope::Run,
            Self::Change | Self::Share => Scope::Write,
        }
    }
}

/// What it is to be done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Task,
    Run,
    Share,
    Token,
    /// What a user has used.
    Usage,
    Webhook,
    Delivery,
}

impl Thing {
    const fn unknown(self) -> &'static str {
        match self {
            Self::Task => "There is no such task. It may have been deleted.",
            Self::Run => "There is no such run. Its task may have been deleted.",
            Self::Share => "There is no such share. It may have been revoked.",
            Self::Token => "There is no such token. It may have been revoked.",
            Self::Usage => "There is no such user.",
            Self::Webhook => "There is no such webhook. It, or its task, may have been deleted.",
            Self::Delivery => "There is no such delivery in this webhook's log.",
        }
    }
}

/// Passes when the caller may do `action` to a thing of that owner: the owner may do everything,
/// with a token what its scope allows, nobody else anything. What is to be made, and a list, is
/// the caller's own.
///
/// # Errors
/// For the things of others the same answer as for a thing that does not exist, so that nobody
/// learns what others have; for a token that allows too little, the scope that is missing.
pub fn authorize(
    caller: &Caller,
    action: Action,
    thing: Thing,
    owner: UserId,
) -> Result<(), Error> {
    if caller.user != owner {
        tracing::warn!(user = %caller.user, ?action, ?thing, "refused");
        return Err(not_found(thing));
    }
    match &caller.token {
        Some(token) if token.scope < action.scope() => {
            Err(allows_too_little(token, action.scope()))
        }
        _ => Ok(()),
    }
}

fn allows_too_little(token: &UsedToken, needed: Scope) -> Error {
    let UsedToken { name, scope, .. } = token;
    let detail = format!(
        "This needs a token with the scope {needed}; the token “{name}” has the scope {scope}. \
         Show one that has it."
    );
    problem(ProblemCode::Forbidden, detail)
}

/// The answer for a thing that does not exist.
pub(crate) fn not_found(thing: Thing) -> Error {
    problem(ProblemCode::NotFound, thing.unknown())
}
