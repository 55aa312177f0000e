//! API tokens: what a program shows instead of signing in.

use crate::{Timestamp, TokenId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a token allows. Each scope includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See tasks, runs, results, and what was used.
    Read,
    /// Also execute the tasks that are there, and cancel runs.
    Run,
    /// Also make, change and delete tasks, share runs, and manage tokens.
    Write,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Run, Self::Write];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Run => "run",
            Self::Write => "write",
        }
    }

    /// This one and those it includes, the smallest first.
    #[must_use]
    pub fn included(self) -> Vec<Self> {
        Self::ALL.into_iter().filter(|one| *one <= self).collect()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownScope;

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is none of read, run, write")
    }
}

impl std::error::Error for UnknownScope {}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or(UnknownScope)
    }
}

/// A token without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenSummary {
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    pub scope: Scope,
    /// Its first characters, to recognise it by.
    pub start: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// To the minute; `None` before it was used.
    pub last_used_at: Option<Timestamp>,
}

/// A new token. The secret is shown once; only its hash is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    pub token: String,
    #[serde(flatten)]
    pub summary: TokenSummary,
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken")
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_includes_those_before_it() {
        assert_eq!(Scope::Read.included(), [Scope::Read]);
        assert_eq!(Scope::Run.included(), [Scope::Read, Scope::Run]);
        assert_eq!(Scope::Write.included(), Scope::ALL);
    }

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            let json = serde_json::to_string(&scope).expect("a word");
            assert_eq!(json, format!("\"{scope}\""));
        }
        assert_eq!("admin".parse::<Scope>(), Err(UnknownScope));
    }
}
