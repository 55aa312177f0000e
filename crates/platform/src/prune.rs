//! Removes for good what nobody can reach any more: tasks that were deleted long ago, and objects
//! that no committed run names.
//!
//! Safe beside running servers: an object is older than any attempt that could still commit it
//! before it is looked at, and the database says what it belongs to at that moment.

use crate::{Error, Services, clock, db::ObjectState, error::Internal, objects::Found};
use domain::{
    RunId, UserId,
    limits::{KEEP_DELETED_DAYS, PRUNE_OBJECTS_AFTER_S},
    run::RunStatus,
};
use futures::TryStreamExt;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Tasks removed in one round.
const BATCH: usize = 100;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub tasks: u64,
    pub runs: u64,
    pub objects: u64,
    /// Of the objects.
    pub bytes: u64,
}

/// Removes tasks deleted more than [`KEEP_DELETED_DAYS`] ago and objects that belong to nothing.
///
/// # Errors
/// The database or the object store failed; what was removed until then stays removed.
pub async fn prune(s: &Services) -> Result<Pruned, Error> {
    prune_after(
        s,
        KEEP_DELETED_DAYS * DAY,
        Duration::from_secs(PRUNE_OBJECTS_AFTER_S),
    )
    .await
}

/// The same with other times: how long deleted tasks are kept, and how old an object is before it
/// is looked at.
///
/// # Errors
/// As [`prune`].
pub async fn prune_after(
    s: &Services,
    keep_deleted: Duration,
    objects_after: Duration,
) -> Result<Pruned, Error> {
    let mut pruned = Pruned::default();
    loop {
        let tasks = s.0.store.long_hidden(keep_deleted, BATCH).await?;
        if tasks.is_empty() {
            break;
        }
        for task in tasks {
            pruned.runs += s.0.store.remove_task(task).await?.len() as u64;
            pruned.tasks += 1;
        }
    }
    let millis = i64::try_from(objects_after.as_millis()).unwrap_or(i64::MAX);
    let before = clock::now().millis().saturating_sub(millis);
    for prefix in ["runs", "files"] {
        let mut found = s.0.objects.list(prefix);
        while let Some(object) = found.try_next().await? {
            if object.written_at.millis() <= before && is_left_over(s, &object).await? {
                s.0.objects.delete(&object.key).await?;
                pruned.objects += 1;
                pruned.bytes += object.bytes;
            }
        }
    }
    Ok(pruned)
}

/// Whether nothing that is stored names the object. What has a key of another form is not ours.
async fn is_left_over(s: &Services, object: &Found) -> Result<bool, Internal> {
    let parts: Vec<_> = object.key.split('/').collect();
    match parts[..] {
        ["runs", run, "inputs"] => {
            let Ok(run) = run.parse::<RunId>() else {
                return Ok(false);
            };
            Ok(s.0.store.object_state(run).await? == ObjectState::Gone)
        }
        ["runs", run, attempt, _] => {
            let (Ok(run), Ok(of)) = (run.parse::<RunId>(), attempt.parse::<u32>()) else {
                return Ok(false);
            };
            Ok(match s.0.store.object_state(run).await? {
                ObjectState::Gone => true,
                ObjectState::Run { status, attempt } => {
                    of < attempt || (status.is_final() && status != RunStatus::Completed)
                }
            })
        }
        ["files", user, sha256] => {
            let Ok(user) = user.parse::<UserId>() else {
                return Ok(false);
            };
            Ok(!s.0.store.names_file(user, sha256).await?)
        }
        _ => Ok(false),
    }
}
