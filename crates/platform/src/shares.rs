//! Read-only links to a run.

use crate::{Caller, Error, Services, error::Internal, runs::Figure};
use domain::{
    RunId, ShareId,
    share::{NewShare, ShareSummary, SharedRun},
    task::TaskDetail,
};
use std::time::Duration;

/// # Errors
/// No such run, or it has not ended.
pub async fn create(
    _s: &Services,
    _c: &Caller,
    _run: RunId,
    _expires_in: Option<Duration>,
) -> Result<NewShare, Error> {
    Err(Internal::WriterStopped.into())
}

/// The open shares of a run, newest first.
///
/// # Errors
/// No such run.
pub async fn list(_s: &Services, _c: &Caller, _run: RunId) -> Result<Vec<ShareSummary>, Error> {
    Err(Internal::WriterStopped.into())
}

/// # Errors
/// No such share.
pub async fn revoke(_s: &Services, _c: &Caller, _share: ShareId) -> Result<(), Error> {
    Err(Internal::WriterStopped.into())
}

/// What the holder of the link may see; who they are does not matter.
///
/// # Errors
/// Unknown, revoked and expired tokens get the same answer.
pub async fn open(_s: &Services, _token: &str) -> Result<SharedRun, Error> {
    Err(Internal::WriterStopped.into())
}

/// Figure `n` of the shared result.
///
/// # Errors
/// As [`open`], or no such figure.
pub async fn figure(_s: &Services, _token: &str, _n: u32) -> Result<Figure, Error> {
    Err(Internal::WriterStopped.into())
}

/// A task of the caller's own with the shared code and inputs.
///
/// # Errors
/// As [`open`].
pub async fn copy(_s: &Services, _c: &Caller, _token: &str) -> Result<TaskDetail, Error> {
    Err(Internal::WriterStopped.into())
}
