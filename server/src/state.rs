//! What every handler may use.

use crate::{
    metrics::ServerMetrics, middleware::rate::RateLimits, site::Site, worker_process::WorkerState,
};
use axum::{extract::FromRef, http::HeaderValue};
use leptos::config::LeptosOptions;
use platform::{Caller, Services};
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Cheap to clone.
#[derive(Clone, Debug, FromRef)]
pub struct AppState {
    pub services: Services,
    /// The one user of a server without logins.
    pub local_user: Caller,
    pub leptos: LeptosOptions,
    pub site: Arc<Site>,
    pub addresses: Arc<Addresses>,
    pub rate_limits: RateLimits,
    /// The server's own worker; absent when runs go elsewhere.
    pub worker: Option<watch::Receiver<WorkerState>>,
    pub metrics: Arc<ServerMetrics>,
    /// Cancelled when the server is asked to stop: requests are still answered for a while, and the
    /// load balancer is told.
    #[from_ref(skip)]
    pub draining: CancellationToken,
    /// Cancelled when the server stops: streams that could go on for ever end then.
    #[from_ref(skip)]
    pub stopping: CancellationToken,
}

impl AppState {
    /// Whether the server's own worker accepts runs, if it has one.
    #[must_use]
    pub fn worker_is_up(&self) -> Option<bool> {
        self.worker.as_ref().map(|worker| worker.borrow().is_up())
    }
}

/// How the server is reached.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// `MECAPY_PUBLIC_URL`, or the address that is listened on; without a slash at its end.
    pub public_url: String,
    /// `scheme://host[:port]` of `public_url` as browsers write it in `Origin`.
    pub public_origin: String,
    /// The host name of `MECAPY_PUBLIC_URL`, lower case, when it is set.
    pub public_host: Option<String>,
    /// `MECAPY_CORS_ORIGINS`.
    pub cors_origins: Vec<HeaderValue>,
}
