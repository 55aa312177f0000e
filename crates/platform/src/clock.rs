//! The time of day, in the one unit the database stores.

use domain::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, to the millisecond.
#[must_use]
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since_epoch.map_or(0, |elapsed| elapsed.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
