//! The count of one process.

use super::{Allowances, Counter, Sender, burst};
use futures::future::{self, BoxFuture};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};
use std::{
    fmt,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use domain::UserId;

/// After this many requests those are forgotten who have sent nothing for a while, so that the memory
/// holds no more senders than lately came.
const FORGET_EVERY: u64 = 4096;

/// Counts what this process receives.
pub struct InProcess {
    addresses: Option<Counts<IpAddr>>,
    users: Option<Counts<UserId>>,
}

impl InProcess {
    pub fn new(allowed: Allowances) -> Self {
        Self {
            addresses: allowed.per_address.map(Counts::new),
            users: allowed.per_user.map(Counts::new),
        }
    }

    fn count_now(&self, sender: Sender) -> Result<(), Duration> {
        match sender {
            Sender::Address(address) => passes(self.addresses.as_ref(), &address),
            Sender::User(user) => passes(self.users.as_ref(), &user),
        }
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl Counter for InProcess {
    fn count(&self, sender: Sender) -> BoxFuture<'_, Result<(), Duration>> {
        Box::pin(future::ready(self.count_now(sender)))
    }
}

struct Counts<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    counted: AtomicU64,
}

impl<K: Hash + Eq + Clone> Counts<K> {
    fn new(per_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(per_minute).allow_burst(burst(per_minute));
        Self {
            limiter: RateLimiter::keyed(quota),
            counted: AtomicU64::new(0),
        }
    }

    fn count(&self, sender: &K) -> Result<(), Duration> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter
            .check_key(sender)
            .map_err(|until| until.wait_time_from(self.limiter.clock().now()))
    }
}

fn passes<K: Hash + Eq + Clone>(counts: Option<&Counts<K>>, sender: &K) -> Result<(), Duration> {
    counts.map_or(Ok(()), |counts| counts.count(sender))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_nothing_any_more_is_forgotten() {
        // One request frees its place after 10 microseconds.
        let counts = Counts::new(NonZeroU32::new(6_000_000).expect("not zero"));
        for sender in 0..10 * FORGET_EVERY {
            assert_eq!(counts.count(&sender), Ok(()));
        }
        let held = u64::try_from(counts.limiter.len()).expect("it fits");
        assert!(held < 4 * FORGET_EVERY, "{held} senders are remembered");
    }
}
