//! The language of who asks: the one they chose, else the one their browser prefers.

use axum::http::HeaderMap;
use domain::Lang;

/// The language of a request.
#[must_use]
pub fn of(headers: &HeaderMap) -> Lang {
    Lang::parse(app::i18n::requested(headers).as_str()).unwrap_or_default()
}
