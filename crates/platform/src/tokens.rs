//! API tokens: made, listed, revoked, and recognised when a program shows one.

use crate::{
    Caller, Error, Services,
    auth::{
        Token,
        api_token::{self, ApiToken},
        authorize::{Action, Thing, authorize, not_found},
    },
    checks, clock,
    db::{ShownToken, Store, TokenRow},
    error::{problem, problem_at},
    services::UsedToken,
};
use domain::{
    ProblemCode, Timestamp, TokenId,
    limits::{DEFAULT_TOKEN_LIFE_S, MAX_TOKEN_LIFE_S, MAX_TOKENS},
    token::{NewToken, Scope, TokenSummary},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The last use of a token is written this often at most.
const USE_NOTED_EVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub struct CreateToken {
    /// What its owner calls it.
    pub name: String,
    pub scope: Scope,
    /// [`DEFAULT_TOKEN_LIFE_S`] when absent.
    pub expires_in: Option<Duration>,
}

/// Makes a token. One that is made with a token lives no longer than that one.
///
/// # Errors
/// The name or the life is wrong, or there are as many tokens as are allowed.
pub async fn create(s: &Services, c: &Caller, new: CreateToken) -> Result<NewToken, Error> {
    create_in(s.0.store.as_ref(), c, new).await
}

/// The caller's tokens that are not revoked, newest first.
///
/// # Errors
/// The database failed.
pub async fn list(s: &Services, c: &Caller) -> Result<Vec<TokenSummary>, Error> {
    list_in(s.0.store.as_ref(), c).await
}

/// # Errors
/// No such token.
pub async fn revoke(s: &Services, c: &Caller, token: TokenId) -> Result<(), Error> {
    revoke_in(s.0.store.as_ref(), c, token).await
}

/// Who shows that word; `None` when it is none of our tokens.
///
/// # Errors
/// It is one of ours, but not whole, unknown, revoked or over.
pub async fn identify(s: &Services, word: &str) -> Result<Option<Caller>, Error> {
    if !api_token::is_ours(word) {
        return Ok(None);
    }
    if !api_token::is_whole(word) {
        return Err(refused(
            "The token is not whole: a part of it is missing or changed. Copy it again.",
        ));
    }
    let shown = s.0.store.shown_token(&Token::hash(word)).await?;
    let shown = shown.ok_or_else(|| {
        refused("There is no such token on this server. Show one that was made here.")
    })?;
    let now = clock::now();
    check_open(&shown, now)?;
    let token = shown.summary;
    note_use(s, token.id, now);
    Ok(Some(Caller {
        user: shown.owner,
        name: shown.owner_name,
        token: Some(UsedToken {
            id: token.id,
            name: token.name,
            scope: token.scope,
            expires_at: token.expires_at,
        }),
    }))
}

fn check_open(shown: &ShownToken, now: Timestamp) -> Result<(), Error> {
    let TokenSummary {
        name, expires_at, ..
    } = &shown.summary;
    if let Some(at) = shown.revoked_at {
        let detail = format!("The token “{name}” was revoked at {at}. Show another one.");
        return Err(refused(&detail));
    }
    if *expires_at <= now {
        let detail = format!("The token “{name}” expired at {expires_at}. Make a new one.");
        return Err(refused(&detail));
    }
    Ok(())
}

fn refused(detail: &str) -> Error {
    problem(ProblemCode::Unauthenticated, detail)
}

pub(crate) async fn create_in(
    store: &dyn Store,
    c: &Caller,
    new: CreateToken,
) -> Result<NewToken, Error> {
    authorize(c, Action::Change, Thing::Token, c.user)?;
    let name = checks::token_name(&new.name)?;
    let now = clock::now();
    let expires_at = end_of_life(c, now, new.expires_in)?;
    let token = ApiToken::new();
    let summary = TokenSummary {
        id: TokenId(Uuid::now_v7()),
        name,
        scope: new.scope,
        start: token.start().to_owned(),
        created_at: now,
        expires_at,
        last_used_at: None,
    };
    let row = TokenRow {
        owner: c.user,
        token_sha256: &Token::hash(token.as_str()),
        summary: &summary,
        limit: MAX_TOKENS,
    };
    if !store.create_token(row).await? {
        let detail = format!(
            "You have {MAX_TOKENS} tokens, which is the limit. Revoke one that is not needed."
        );
        return Err(problem(ProblemCode::Conflict, detail));
    }
    Ok(NewToken {
        token: token.into_text(),
        summary,
    })
}

pub(crate) async fn list_in(store: &dyn Store, c: &Caller) -> Result<Vec<TokenSummary>, Error> {
    authorize(c, Action::Read, Thing::Token, c.user)?;
    Ok(store.tokens(c.user).await?)
}

pub(crate) async fn revoke_in(store: &dyn Store, c: &Caller, token: TokenId) -> Result<(), Error> {
    let owner = store.token_owner(token).await?;
    let owner = owner.ok_or_else(|| not_found(Thing::Token))?;
    authorize(c, Action::Change, Thing::Token, owner)?;
    Ok(store.revoke_token(token).await?)
}

/// When a new token expires. Otherwise a token could prolong itself for ever.
fn end_of_life(c: &Caller, now: Timestamp, life: Option<Duration>) -> Result<Timestamp, Error> {
    let after = |life: Duration| {
        let millis = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.millis().saturating_add(millis))
    };
    let own = c.token.as_ref().map(|token| token.expires_at);
    let Some(life) = life else {
        let wanted = after(Duration::from_secs(DEFAULT_TOKEN_LIFE_S));
        return Ok(own.map_or(wanted, |own| own.min(wanted)));
    };
    if life.is_zero() || life > Duration::from_secs(MAX_TOKEN_LIFE_S) {
        let detail = format!("A token lives from 1 to {MAX_TOKEN_LIFE_S} s. Choose within that.");
        return Err(problem_at(ProblemCode::Invalid, "expires_in_s", detail));
    }
    let wanted = after(life);
    match own {
        Some(own) if wanted > own => {
            let detail = format!(
                "A token that is made with a token lives no longer than that one, which expires \
                 at {own}. Give a shorter time, or none."
            );
            Err(problem_at(ProblemCode::Invalid, "expires_in_s", detail))
        }
        _ => Ok(wanted),
    }
}

/// Tokens whose use was written within [`USE_NOTED_EVERY`].
#[derive(Debug, Default)]
pub(crate) struct NotedUses(Mutex<HashMap<TokenId, Instant>>);

impl NotedUses {
    /// Whether a use is to be written now.
    fn is_due(&self, token: TokenId, now: Instant) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &Instant| now.saturating_duration_since(*at) < USE_NOTED_EVERY;
        if noted.get(&token).is_some_and(is_recent) {
            return false;
        }
        noted.retain(|_, at| is_recent(at));
        noted.insert(token, now);
        true
    }
}

/// Nobody waits for it: the request goes on meanwhile.
fn note_use(s: &Services, token: TokenId, at: Timestamp) {
    if !s.0.noted_uses.is_due(token, Instant::now()) {
        return;
    }
    let store = s.0.store.clone();
    tokio::spawn(async move {
        if let Err(error) = store.token_used(token, at).await {
            tracing::warn!(%error, %token, "the use of a token was not written");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_written_once_a_minute() {
        let noted = NotedUses::default();
        let (one, other) = (TokenId(Uuid::now_v7()), TokenId(Uuid::now_v7()));
        let begun = Instant::now();
        assert!(noted.is_due(one, begun));
        assert!(!noted.is_due(one, begun + USE_NOTED_EVERY / 2));
        assert!(noted.is_due(other, begun + USE_NOTED_EVERY / 2));
        assert!(noted.is_due(one, begun + USE_NOTED_EVERY));
    }
}
