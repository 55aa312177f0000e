//! Read-only links to a run.

use crate::{
    Caller, Error, Services,
    auth::{
        Token,
        authorize::{Action, Thing, authorize, not_found},
    },
    db::OpenShare,
    error::{problem, problem_at},
    paging::{self, PageQuery},
    runs::{self, Figure},
    tasks::{self, NewTask},
};
use domain::{
    ProblemCode, RunId, ShareId,
    run::RunStatus,
    share::{NewShare, ShareSummary, SharedRun},
    task::{Page, TaskDetail},
};
use std::time::Duration;
use uuid::Uuid;

/// Longest life of a share that expires: ten years.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// # Errors
/// No such run, or it has not ended.
pub async fn create(
    s: &Services,
    c: &Caller,
    run: RunId,
    expires_in: Option<Duration>,
) -> Result<NewShare, Error> {
    let record = runs::visible(s, c, Action::Share, run).await?;
    if !record.detail.summary.status.is_final() {
        return Err(problem(
            ProblemCode::NotCompleted,
            "The run has not ended yet. Share it when it has.",
        ));
    }
    if expires_in.is_some_and(|life| life.is_zero() || life > LONGEST_LIFE) {
        let most = LONGEST_LIFE.as_secs();
        let detail = format!("A share lives from 1 to {most} s, or without end.");
        return Err(problem_at(ProblemCode::Invalid, "expires_in_s", detail));
    }
    let (id, token) = (ShareId(Uuid::now_v7()), Token::new());
    let hash = Token::hash(token.as_str());
    let expires_at =
        s.0.store
            .create_share(id, run, c.user, &hash, expires_in)
            .await?;
    let public = &s.0.config.public;
    Ok(NewShare {
        id,
        url: format!("{}/r/{}", public.url, token.as_str()),
        token: token.into_text(),
        reachable: public.reachable,
        expires_at,
    })
}

/// The open shares of a run, newest first.
///
/// # Errors
/// No such run.
pub async fn list(s: &Services, c: &Caller, run: RunId) -> Result<Vec<ShareSummary>, Error> {
    runs::visible(s, c, Action::Read, run).await?;
    Ok(s.0.store.shares(run, None, usize::MAX).await?.0)
}

/// One page of them.
///
/// # Errors
/// No such run, or the cursor is not one of ours.
pub async fn page(
    s: &Services,
    c: &Caller,
    run: RunId,
    query: PageQuery,
) -> Result<Page<ShareSummary>, Error> {
    runs::visible(s, c, Action::Read, run).await?;
    let limit = paging::limit(query.limit);
    let (rows, total) = s.0.store.shares(run, query.after()?, limit + 1).await?;
    let cursor = |share: &ShareSummary| share.id.to_string();
    Ok(paging::page(rows, limit, total, cursor, |share| share))
}

/// # Errors
/// No such share.
pub async fn revoke(s: &Services, c: &Caller, share: ShareId) -> Result<(), Error> {
    let found = s.0.store.share(share).await?;
    let found = found.ok_or_else(|| not_found(Thing::Share))?;
    authorize(c, Action::Share, Thing::Share, found.owner)?;
    s.0.store.revoke_share(share).await?;
    Ok(())
}

/// What the holder of the link may see; who they are does not matter.
///
/// # Errors
/// Unknown, revoked and expired tokens get the same answer.
pub async fn open(s: &Services, token: &str) -> Result<SharedRun, Error> {
    let share = by_token(s, token).await?;
    let record = runs::shared(s, share.run).await?;
    let inputs = runs::inputs_of(s, &record).await?;
    let result = match record.detail.summary.status {
        RunStatus::Completed => Some(runs::result_of(s, &record).await?.json),
        _ => None,
    };
    let mut run = record.detail;
    run.inputs = inputs;
    Ok(SharedRun {
        task_name: run.summary.task_name.clone(),
        description: share.description,
        author: share.author,
        code: share.code,
        run,
        result,
        shared_at: share.created_at,
        expires_at: share.expires_at,
    })
}

/// Figure `n` of the shared result.
///
/// # Errors
/// As [`open`], or no such figure.
pub async fn figure(s: &Services, token: &str, n: u32) -> Result<Figure, Error> {
    let share = by_token(s, token).await?;
    let record = runs::shared(s, share.run).await?;
    runs::figure_of(s, &record, n).await
}

/// A task of the caller's own with the shared code and inputs.
///
/// # Errors
/// As [`open`].
pub async fn copy(s: &Services, c: &Caller, token: &str) -> Result<TaskDetail, Error> {
    let shared = open(s, token).await?;
    let copy = NewTask {
        name: shared.task_name,
        description: shared.description,
        code: shared.code,
        inputs: shared.run.inputs,
    };
    tasks::create(s, c, copy).await
}

async fn by_token(s: &Services, token: &str) -> Result<OpenShare, Error> {
    let found = s.0.store.open_share(&Token::hash(token)).await?;
    found.ok_or_else(|| {
        problem(
            ProblemCode::NotFound,
            "This link opens nothing: it is not complete, its time is over, or its owner has \
             closed it. Ask who sent it for a new one.",
        )
    })
}
