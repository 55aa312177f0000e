//! How many requests one address, and one user, may send: who sends more is told when to come back.
//!
//! The count is behind [`Counter`]: in this process, or in a place that several servers share.

mod memory;
mod redis;

use self::redis::Shared;
use super::client;
use crate::{problem::ApiProblem, state::AppState};
use app::server_fns::Failure;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Problem, ProblemCode, UserId};
use futures::future::BoxFuture;
use leptos::server_fn::error::FromServerFnError;
use memory::InProcess;
use platform::Caller;
use secrecy::SecretString;
use std::{fmt, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

/// Nobody is slowed down who sends at once what the limit allows in this time, seconds.
const BURST_S: u32 = 10;
/// What is asked about the server itself, by the machine it runs on, and what a signature allows.
const NOT_COUNTED: [&str; 3] = ["/healthz", "/readyz", "/objects/"];

/// Requests a minute; `None` sets no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowances {
    pub per_address: Option<NonZeroU32>,
    pub per_user: Option<NonZeroU32>,
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    Address(IpAddr),
    User(UserId),
}

/// Counts requests.
pub trait Counter: fmt::Debug + Send + Sync {
    /// Counts one request, or says after which time there is room for it.
    fn count(&self, sender: Sender) -> BoxFuture<'_, Result<(), Duration>>;
}

/// The limits and the count; cheap to clone.
#[derive(Clone, Debug)]
pub struct RateLimits {
    allowed: Allowances,
    trusted_proxies: usize,
    counter: Arc<dyn Counter>,
}

impl RateLimits {
    /// Limits that this process counts by itself.
    #[must_use]
    pub fn in_process(allowed: Allowances, trusted_proxies: usize) -> Self {
        Self {
            allowed,
            trusted_proxies,
            counter: Arc::new(InProcess::new(allowed)),
        }
    }

    /// Counts a request of a user, from wherever and with whatever token it comes.
    ///
    /// # Errors
    /// The user sends more than is allowed.
    pub async fn user(&self, caller: &Caller) -> Result<(), ApiProblem> {
        let refused = self.refusal(Sender::User(caller.user)).await;
        refused.map_or(Ok(()), |refusal| Err(refusal.into()))
    }

    /// Limits that the servers of this Redis count together.
    ///
    /// # Errors
    /// The address is none of Redis.
    pub fn shared(
        url: &SecretString,
        allowed: Allowances,
        trusted_proxies: usize,
    ) -> Result<Self, ::redis::RedisError> {
        Ok(Self {
            allowed,
            trusted_proxies,
            counter: Arc::new(Shared::open(url, allowed)?),
        })
    }

    async fn refusal(&self, sender: Sender) -> Option<Refusal> {
        let limit = match sender {
            Sender::Address(_) => self.allowed.per_address?,
            Sender::User(_) => self.allowed.per_user?,
        };
        let wait = self.counter.count(sender).await.err()?;
        Some(Refusal {
            sender,
            limit,
            seconds: whole_seconds(wait),
        })
    }
}

/// Why a request is not answered now.
struct Refusal {
    sender: Sender,
    limit: NonZeroU32,
    seconds: u64,
}

impl Refusal {
    fn detail(&self) -> String {
        let Self { limit, seconds, .. } = self;
        let who = match self.sender {
            Sender::Address(_) => "This address sends",
            Sender::User(_) => "You send",
        };
        format!("{who} more requests than {limit} a minute. Wait {seconds} s, then send it again.")
    }
}

impl From<Refusal> for ApiProblem {
    fn from(refusal: Refusal) -> Self {
        let seconds = refusal.seconds;
        Self::http(StatusCode::TOO_MANY_REQUESTS, refusal.detail()).after(seconds)
    }
}

/// Passes what an address may send.
pub async fn per_address(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if NOT_COUNTED.iter().any(|start| path.starts_with(start)) {
        return next.run(request).await;
    }
    let limits = &state.rate_limits;
    let address = client::address(
        request.extensions(),
        request.headers(),
        limits.trusted_proxies,
    );
    let sender = Sender::Address(client::customer(address));
    match limits.refusal(sender).await {
        None => next.run(request).await,
        Some(refusal) if path.starts_with("/fn/") => for_a_page(&refusal),
        Some(refusal) => ApiProblem::from(refusal).into_response(),
    }
}

/// Server functions have their own form of error, which the pages read.
fn for_a_page(refusal: &Refusal) -> Response {
    let problem = Problem::new(ProblemCode::Unavailable, refusal.detail());
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::RETRY_AFTER, refusal.seconds.into()),
    ];
    let failure = Failure::Problem(problem).ser();
    (StatusCode::TOO_MANY_REQUESTS, headers, failure).into_response()
}

/// Requests that may come at once.
fn burst(per_minute: NonZeroU32) -> NonZeroU32 {
    let burst = u64::from(per_minute.get()) * u64::from(BURST_S) / 60;
    u32::try_from(burst)
        .ok()
        .and_then(NonZeroU32::new)
        .unwrap_or(NonZeroU32::MIN)
}

/// A client that waits as long as it is told is not refused again.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn per_minute(count: u32) -> Option<NonZeroU32> {
        NonZeroU32::new(count)
    }

    #[tokio::test]
    async fn addresses_and_users_are_counted_apart() {
        let allowed = Allowances {
            per_address: per_minute(6),
            per_user: None,
        };
        let limits = RateLimits::in_process(allowed, 0);
        let address = |last| Sender::Address(Ipv4Addr::new(203, 0, 113, last).into());
        assert!(limits.refusal(address(1)).await.is_none());
        let refusal = limits.refusal(address(1)).await.expect("one at once");
        assert_eq!(refusal.seconds, 10);
        assert!(refusal.detail().contains("than 6 a minute"));
        assert!(limits.refusal(address(2)).await.is_none());
        let user = "0197f000-0000-7000-8000-000000000000".parse();
        let user = Sender::User(user.expect("an id"));
        for _ in 0..3 {
            assert!(limits.refusal(user).await.is_none(), "no limit is set");
        }
    }

    #[test]
    fn what_ten_seconds_allow_may_come_at_once() {
        let burst = |count| burst(per_minute(count).expect("not zero")).get();
        assert_eq!(
            (burst(600), burst(1), burst(u32::MAX)),
            (100, 1, u32::MAX / 6)
        );
    }

    #[test]
    fn a_wait_is_never_told_too_short() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (9999, 10)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }
}
