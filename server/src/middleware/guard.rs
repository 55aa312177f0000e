//! Who may talk to this server at all.
//!
//! A server without login trusts whoever reaches it, so a web page of somebody else must not reach
//! it through its visitor's browser. Three doors are closed: a foreign name that was made to resolve
//! to this machine (DNS rebinding: the `Host` is not ours), a WebSocket opened by a foreign page
//! (its `Origin` is not ours), and a form or fetch sent across sites (tower-http's CSRF layer).

use crate::{
    problem::ApiProblem,
    state::{Addresses, AppState},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::IpAddr;
use tower_http::csrf::ProtectionError;

/// Passes requests for a name of ours.
pub async fn known_host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match host_of(request.uri(), request.headers()) {
        Some(host) if is_ours(&host, &state.addresses) => next.run(request).await,
        Some(_) => ApiProblem::http(
            StatusCode::MISDIRECTED_REQUEST,
            "This server is not known by that host name. Use its address, or set MECAPY_PUBLIC_URL to the name it has.",
        )
        .into_response(),
        None => ApiProblem::http(
            StatusCode::BAD_REQUEST,
            "The request has no valid Host header. Send one.",
        )
        .into_response(),
    }
}

/// Passes WebSockets that a page of ours, or no page at all, opens.
pub async fn own_websockets(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let foreign = headers.contains_key(header::UPGRADE)
        && headers.get(header::ORIGIN).is_some_and(|origin| {
            let origin = origin.to_str().unwrap_or_default();
            !is_own(origin, headers, &state.addresses)
        });
    if foreign {
        return cross_site().into_response();
    }
    next.run(request).await
}

/// The answer to what another site sent.
#[must_use]
pub fn cross_site_answer<B: From<axum::body::Body>>(_: ProtectionError) -> axum::http::Response<B> {
    cross_site().into_response().map(B::from)
}

/// The origin is where the request goes, or where browsers know this server: a proxy may pass
/// requests on with another `Host`.
fn is_own(origin: &str, headers: &HeaderMap, addresses: &Addresses) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    origin == addresses.public_origin
        || host.is_some_and(|host| authority_of(origin).as_deref() == Some(host))
}

fn authority_of(origin: &str) -> Option<String> {
    let uri: Uri = origin.parse().ok()?;
    uri.authority().map(ToString::to_string)
}

fn cross_site() -> ApiProblem {
    ApiProblem::http(
        StatusCode::FORBIDDEN,
        "The request comes from a page of another site. Send it from this server's own pages or from a program.",
    )
}

/// The host a request asks for, lower case, without its port.
pub fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if let Some(host) = uri.host() {
        return Some(host.to_ascii_lowercase());
    }
    let authority: http::uri::Authority = headers.get(header::HOST)?.to_str().ok()?.parse().ok()?;
    let host = authority.host();
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// An address cannot be rebound to another machine, so any will do; of names only ours.
fn is_ours(host: &str, addresses: &Addresses) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok()
        || addresses.public_host.as_deref() == Some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(host: &str) -> bool {
        let addresses = Addresses {
            public_url: "https://mecapy.example.eu".to_owned(),
            public_origin: "https://mecapy.example.eu".to_owned(),
            public_host: Some("mecapy.example.eu".to_owned()),
            cors_origins: Vec::new(),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header value"));
        host_of(&Uri::from_static("/"), &headers).is_some_and(|host| is_ours(&host, &addresses))
    }

    #[test]
    fn addresses_and_our_own_name_pass() {
        for host in [
            "127.0.0.1:7979",
            "[::1]:7979",
            "localhost",
            "MecaPy.example.eu:443",
        ] {
            assert!(ours(host), "{host}");
        }
    }

    #[test]
    fn a_rebound_name_does_not_pass() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "",
            "a b",
        ] {
            assert!(!ours(host), "{host}");
        }
    }
}
