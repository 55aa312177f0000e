//! `GET /metrics`: what Prometheus reads. Names and meanings are told to operators in
//! `docs/operations/monitoring.md`, and drawn by `deploy/grafana/mecapy.json`.
//!
//! Nothing in it belongs to a user, but how much a server is used is nobody's business either: where
//! other machines reach the server, a token is asked for.

use crate::{config::ServerConfig, problem::ApiProblem, state::AppState};
use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
    response::IntoResponse,
};
use platform::{Services, metrics::Snapshot};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Bounds of the time to the head of an answer, seconds.
const ANSWER_BOUNDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];
/// Any other method, which a client makes up, shares one name.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A number that may be unknown: then it is `NaN`, which no alert takes for a value.
type Level = Gauge<f64, AtomicU64>;

/// Who may read the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only this machine reaches the server.
    Everybody,
    /// SHA-256 of the token to be shown.
    Token([u8; 32]),
    Nobody,
}

impl Access {
    #[must_use]
    pub fn new(config: &ServerConfig) -> Self {
        match &config.metrics_token {
            Some(token) => Self::Token(Sha256::digest(token.expose_secret()).into()),
            None if config.reachable() => Self::Nobody,
            None => Self::Everybody,
        }
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), ApiProblem> {
        match self {
            Self::Everybody => Ok(()),
            Self::Nobody => Err(ApiProblem::http(
                StatusCode::FORBIDDEN,
                "Other machines reach this server, so its metrics are closed. Set MECAPY_METRICS_TOKEN, and let Prometheus send it as a bearer token.",
            )),
            Self::Token(expected) => {
                let shown = headers
                    .get(header::AUTHORIZATION)
                    .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
                // Of digests, the time that comparing takes tells nothing about the token.
                match shown {
                    Some(shown) if Sha256::digest(shown)[..] == expected[..] => Ok(()),
                    _ => Err(ApiProblem::http(
                        StatusCode::UNAUTHORIZED,
                        "The metrics ask for the token of MECAPY_METRICS_TOKEN, sent as Authorization: Bearer.",
                    )),
                }
            }
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    /// `2xx`, `4xx`, …
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PoolLabels {
    pool: &'static str,
    state: &'static str,
}

/// Everything that is shown; cheap to add to.
pub struct ServerMetrics {
    access: Access,
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    answers: Family<RouteLabels, Histogram>,
    followers: Family<KindLabel, Gauge>,
    seen: Seen,
}

impl fmt::Debug for ServerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerMetrics").finish_non_exhaustive()
    }
}

/// Looked at when somebody asks.
#[derive(Default)]
struct Seen {
    database_up: Gauge,
    runs: Family<StateLabel, Level>,
    queue_depth: Level,
    queue_oldest: Level,
    window: Gauge,
    in_flight: Gauge,
    active: Gauge,
    pools: Family<PoolLabels, Gauge>,
    worker_up: Gauge,
}

impl ServerMetrics {
    #[must_use]
    pub fn new(access: Access, services: &Services) -> Self {
        let mut registry = Registry::default();
        services.register_metrics(&mut registry);
        let requests = Family::default();
        registry.register(
            "mecapy_http_requests",
            "Requests by route and class of the answer's status",
            requests.clone(),
        );
        let answers: Family<_, Histogram> =
            Family::new_with_constructor(|| Histogram::new(ANSWER_BOUNDS));
        registry.register(
            "mecapy_http_request_seconds",
            "From a request to the head of its answer",
            answers.clone(),
        );
        let followers = Family::default();
        registry.register(
            "mecapy_event_followers",
            "Streams of events of runs that are open, by how they are sent",
            followers.clone(),
        );
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        registry.register("mecapy_build", "The program", Info::new(version));
        let seen = Seen::default();
        seen.register(&mut registry);
        Self {
            access,
            registry,
            requests,
            answers,
            followers,
            seen,
        }
    }

    /// Counts an answered request. The route is the one that matched, never the path.
    pub fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = method_name(method);
        let labels = RequestLabels {
            method,
            route: route.to_owned(),
            status: status_class(status),
        };
        self.requests.get_or_create(&labels).inc();
        let RequestLabels { method, route, .. } = labels;
        let answers = self.answers.get_or_create(&RouteLabels { method, route });
        answers.observe(took.as_secs_f64());
    }

    /// Somebody follows a run for as long as the value lives; `kind` is how.
    #[must_use]
    pub fn follower(&self, kind: &'static str) -> Follower {
        let followers = self.followers.get_or_create(&KindLabel { kind }).clone();
        followers.inc();
        Follower(followers)
    }

    fn page(&self, snapshot: &Snapshot, worker_is_up: Option<bool>) -> Result<String, fmt::Error> {
        self.seen.set(snapshot, worker_is_up);
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }
}

/// One who follows a run.
#[derive(Debug)]
pub struct Follower(Gauge);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Seen {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "mecapy_database_up",
            "Whether the database answered in time",
            self.database_up.clone(),
        );
        registry.register(
            "mecapy_runs",
            "Runs in the database by state; those that have ended may be up to a minute old",
            self.runs.clone(),
        );
        registry.register(
            "mecapy_queue_depth",
            "Runs that wait",
            self.queue_depth.clone(),
        );
        registry.register(
            "mecapy_queue_oldest_seconds",
            "Age of the run that has waited longest, 0 when none waits",
            self.queue_oldest.clone(),
        );
        registry.register(
            "mecapy_dispatch_window",
            "Runs that the workers are known to take at the same time",
            self.window.clone(),
        );
        registry.register(
            "mecapy_dispatch_in_flight",
            "Runs that take one of those places",
            self.in_flight.clone(),
        );
        registry.register(
            "mecapy_attempts_active",
            "Attempts of this process that are not committed yet",
            self.active.clone(),
        );
        registry.register(
            "mecapy_database_connections",
            "Connections to the database by pool and state",
            self.pools.clone(),
        );
        registry.register(
            "mecapy_worker_up",
            "Whether the server's own worker accepts runs; 1 where it has none",
            self.worker_up.clone(),
        );
    }

    fn set(&self, snapshot: &Snapshot, worker_is_up: Option<bool>) {
        self.worker_up.set(worker_is_up.unwrap_or(true).into());
        self.database_up.set(snapshot.runs.is_some().into());
        let by_state = snapshot.runs.as_ref().map(|runs| &runs.by_state);
        for status in domain::run::RunStatus::ALL {
            let state = status.as_str();
            let runs = by_state
                .and_then(|by_state| by_state.iter().find(|(one, _)| *one == status))
                .map_or(f64::NAN, |(_, runs)| *runs as f64);
            self.runs.get_or_create(&StateLabel { state }).set(runs);
            if status == domain::run::RunStatus::Queued {
                self.queue_depth.set(runs);
            }
        }
        let oldest = snapshot.runs.as_ref().map_or(f64::NAN, |runs| {
            runs.oldest_waiting.unwrap_or_default().as_secs_f64()
        });
        self.queue_oldest.set(oldest);
        if let Some(load) = snapshot.dispatch {
            self.window.set(signed(load.window));
            self.in_flight.set(signed(load.in_flight));
            self.active.set(signed(load.attempts));
        }
        for pool in &snapshot.pools {
            for (state, connections) in [("used", pool.used), ("idle", pool.idle)] {
                let labels = PoolLabels {
                    pool: pool.name,
                    state,
                };
                self.pools.get_or_create(&labels).set(connections.into());
            }
        }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn method_name(method: &Method) -> &'static str {
    let known = METHODS.into_iter().find(|known| *known == method.as_str());
    known.unwrap_or("OTHER")
}

const fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// `GET /metrics`: the OpenMetrics text, for who may read it.
pub async fn show(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiProblem> {
    let metrics = Arc::clone(&state.metrics);
    metrics.access.check(&headers)?;
    let snapshot = state.services.snapshot().await;
    let page = metrics
        .page(&snapshot, state.worker_is_up())
        .map_err(|_| ApiProblem::defect())?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], page))
}
