//! What the caller has used.

use crate::{
    Caller, Error, Services,
    auth::authorize::{Action, Thing, authorize},
    clock,
};
use domain::usage::{Usage, UsageLimits};

/// What the caller has used today and this month (UTC), what is stored and waits for them, and the
/// limits that apply.
///
/// # Errors
/// The database failed.
pub async fn of_caller(s: &Services, c: &Caller) -> Result<Usage, Error> {
    authorize(c, Action::Read, Thing::Usage, c.user)?;
    let (store, at) = (&s.0.store, clock::now());
    let holdings = store.holdings(c.user).await?;
    Ok(Usage {
        at,
        today: store.ended_since(c.user, at.day_start()).await?,
        this_month: store.ended_since(c.user, at.month_start()).await?,
        queue_length: holdings.queued,
        running: holdings.running,
        tasks: holdings.tasks,
        stored_bytes: holdings.stored_bytes,
        limits: UsageLimits::default(),
    })
}
