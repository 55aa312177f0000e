//! Pages of lists: their query, their body, and the link to the next one (RFC 8288).

use axum::{
    Json,
    http::{HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use domain::task::Page;
use platform::PageQuery;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhichPage {
    /// `next_cursor` of the page before; none for the first page.
    cursor: Option<String>,
    /// Rows in the page: 50 when not given, at most 200.
    #[param(minimum = 0)]
    limit: Option<usize>,
}

impl From<WhichPage> for PageQuery {
    fn from(page: WhichPage) -> Self {
        Self {
            cursor: page.cursor,
            limit: page.limit,
        }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub struct PageBody<T> {
    pub items: Vec<T>,
    /// Send it as `cursor` to get what follows; null on the last page.
    pub next_cursor: Option<String>,
    /// All that match, on every page together.
    pub total: u64,
}

/// The page, with a `Link` to the next one beside its cursor.
pub fn answer<S, T>(uri: &Uri, page: Page<S>) -> Response
where
    T: From<S> + Serialize,
{
    let link = page.next_cursor.as_deref().and_then(|next| link(uri, next));
    let body = PageBody {
        items: page.items.into_iter().map(T::from).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
    };
    let mut response = Json(body).into_response();
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// The same address with another cursor. Cursors are of characters that need no escape.
fn link(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let mut query = String::new();
    for pair in uri.query().unwrap_or_default().split('&') {
        if !pair.is_empty() && pair != "cursor" && !pair.starts_with("cursor=") {
            query.push_str(pair);
            query.push('&');
        }
    }
    let path = uri.path();
    HeaderValue::from_str(&format!("<{path}?{query}cursor={cursor}>; rel=\"next\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_same_list_from_the_cursor_on() {
        for (uri, next) in [
            ("/api/runs", "</api/runs?cursor=7>; rel=\"next\""),
            (
                "/api/runs?cursor=9&q=a%20b&limit=2",
                "</api/runs?q=a%20b&limit=2&cursor=7>; rel=\"next\"",
            ),
            (
                "/api/runs?limit=2&cursor=9",
                "</api/runs?limit=2&cursor=7>; rel=\"next\"",
            ),
        ] {
            let link = link(&uri.parse().expect("a URI"), "7");
            assert_eq!(link.expect("a link"), next);
        }
    }
}
