//! Redirects lead to paths of this server and nowhere else.
//!
//! A server function that a form calls without script answers by leading back to the `Referer`, which
//! is whatever the client says.

use crate::state::{Addresses, AppState};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    middleware::Next,
    response::Response,
};

/// Where a redirect leads that must not lead where it was meant to.
const HOME: HeaderValue = HeaderValue::from_static("/");

/// Keeps server functions from leading away.
pub async fn of_server_functions(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let asked = request.uri().path().starts_with("/fn/");
    let host = request.headers().get(header::HOST).cloned();
    let mut response = next.run(request).await;
    if asked && let Some(location) = response.headers().get(header::LOCATION) {
        let path = own_path(location, host.as_ref(), &state.addresses);
        set(response.headers_mut(), path);
    }
    response
}

/// Whether a browser that is sent there stays with this server. It reads a backslash as a slash and
/// skips control characters, and two slashes begin another host.
#[must_use]
pub fn is_own_path(path: &str) -> bool {
    let unclear = |c: char| c == '\\' || c.is_control();
    path.starts_with('/') && !path.starts_with("//") && !path.contains(unclear)
}

fn set(headers: &mut HeaderMap, path: Option<String>) {
    let path = path.and_then(|path| HeaderValue::try_from(path).ok());
    headers.insert(header::LOCATION, path.unwrap_or(HOME));
}

/// The path and query of a location of ours.
fn own_path(
    location: &HeaderValue,
    host: Option<&HeaderValue>,
    addresses: &Addresses,
) -> Option<String> {
    let location = location.to_str().ok()?;
    if is_own_path(location) {
        return Some(location.to_owned());
    }
    let uri: Uri = location.parse().ok()?;
    let authority = uri.authority()?.as_str();
    let origin = format!("{}://{authority}", uri.scheme_str()?);
    let ours = origin == addresses.public_origin
        || host.is_some_and(|host| host.as_bytes() == authority.as_bytes());
    let path = uri.path_and_query()?.as_str();
    (ours && is_own_path(path)).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led_to(location: &str) -> String {
        let addresses = Addresses {
            public_url: "https://mecapy.example.eu".to_owned(),
            public_origin: "https://mecapy.example.eu".to_owned(),
            public_host: Some("mecapy.example.eu".to_owned()),
            cors_origins: Vec::new(),
        };
        let host = HeaderValue::from_static("127.0.0.1:7979");
        let location = HeaderValue::from_str(location).expect("a header value");
        let mut headers = HeaderMap::new();
        set(&mut headers, own_path(&location, Some(&host), &addresses));
        let led = headers[header::LOCATION].to_str().expect("ASCII");
        led.to_owned()
    }

    #[test]
    fn paths_and_addresses_of_ours_stay() {
        assert_eq!(led_to("/tasks/1?run=2"), "/tasks/1?run=2");
        assert_eq!(led_to("https://mecapy.example.eu/runs?q=a"), "/runs?q=a");
        assert_eq!(led_to("http://127.0.0.1:7979/runs"), "/runs");
        assert_eq!(led_to("http://127.0.0.1:7979"), "/");
    }

    #[test]
    fn everything_else_leads_home() {
        for elsewhere in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\\\\evil.example",
            "https://mecapy.example.eu@evil.example/",
            "https://mecapy.example.eu.evil.example/",
            "http://mecapy.example.eu//evil.example",
            "https://mecapy.example.eu//evil.example",
            "javascript:alert(1)",
            "tasks",
            "",
        ] {
            assert_eq!(led_to(elsewhere), "/", "{elsewhere}");
        }
    }
}
