//! A count that several servers share, in Redis. Where Redis does not answer, each counts by itself.

use super::{Allowances, Counter, InProcess, Sender, burst};
use futures::future::BoxFuture;
use redis::{
    Client, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    num::NonZeroU32,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::time::timeout;

/// A request waits no longer than this for Redis, and is counted here then.
const ANSWER_WITHIN: Duration = Duration::from_millis(200);
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
const PREFIX: &str = "{mecapy}:rate:";
const MINUTE_US: u64 = 60_000_000;

/// The generic cell rate algorithm: a key holds the time at which all that was sent would have been
/// allowed, µs by the clock of Redis, and goes when that is over. Answers 0, or the wait in µs.
const COUNT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = due - tolerance - now
if wait > 0 then return wait end
due = due + each
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1)
return 0
";

pub struct Shared {
    connection: ConnectionManager,
    allowed: Allowances,
    /// While Redis is away.
    alone: InProcess,
    is_away: AtomicBool,
}

impl Shared {
    /// Connects when it is first used: a server starts without Redis too.
    ///
    /// # Errors
    /// The address is none of Redis.
    pub fn open(url: &SecretString, allowed: Allowances) -> Result<Self, RedisError> {
        let client = Client::open(url.expose_secret())?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_number_of_retries(1);
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config)?,
            allowed,
            alone: InProcess::new(allowed),
            is_away: AtomicBool::new(false),
        })
    }

    async fn ask(&self, sender: Sender) -> Result<u64, Option<RedisError>> {
        let (limit, key) = match sender {
            Sender::Address(address) => (self.allowed.per_address, address.to_string()),
            Sender::User(user) => (self.allowed.per_user, user.to_string()),
        };
        let Some(limit) = limit else { return Ok(0) };
        let (each, tolerance) = spacing(limit);
        let mut connection = self.connection.clone();
        let mut call = redis::cmd("EVAL");
        call.arg(COUNT)
            .arg(1)
            .arg(format!("{PREFIX}{key}"))
            .arg(each)
            .arg(tolerance);
        match timeout(ANSWER_WITHIN, call.query_async(&mut connection)).await {
            Ok(answer) => answer.map_err(Some),
            Err(_) => Err(None),
        }
    }

    /// Says once that Redis is away, and once that it is back.
    fn note(&self, error: Option<&RedisError>, is_away: bool) {
        if self.is_away.swap(is_away, Ordering::Relaxed) == is_away {
            return;
        }
        if is_away {
            let error = error.map_or_else(|| "no answer in time".to_owned(), ToString::to_string);
            tracing::warn!(error, "requests are counted by this server alone");
        } else {
            tracing::info!("requests are counted with the other servers again");
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl Counter for Shared {
    fn count(&self, sender: Sender) -> BoxFuture<'_, Result<(), Duration>> {
        Box::pin(async move {
            match self.ask(sender).await {
                Ok(wait) => {
                    self.note(None, false);
                    if wait == 0 {
                        return Ok(());
                    }
                    Err(Duration::from_micros(wait))
                }
                Err(error) => {
                    self.note(error.as_ref(), true);
                    self.alone.count(sender).await
                }
            }
        })
    }
}

/// Time between two requests, and how far before their time a burst may come, µs.
fn spacing(per_minute: NonZeroU32) -> (u64, u64) {
    let each = (MINUTE_US / u64::from(per_minute.get())).max(1);
    (each, each * u64::from(burst(per_minute).get() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_fills_ten_seconds() {
        let of = |count| spacing(NonZeroU32::new(count).expect("not zero"));
        assert_eq!(of(60), (1_000_000, 9_000_000));
        assert_eq!(of(12), (5_000_000, 5_000_000));
        assert_eq!(of(1), (60_000_000, 0));
    }
}
