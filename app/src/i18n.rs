//! Texts in English and French, and which of the two a page speaks.
//!
//! Read the language once per component, `let locale = use_locale();`, and a text by its typed key:
//! `td_string!(locale, common.tasks)`, `td_string!(locale, runs.number, number = 27)`. A page speaks
//! one language for its whole life; the switch sets the cookie and loads the page again, so that
//! texts need no reactivity.

mod generated {
    // Written by build.rs from app/locales.
    #![allow(
        clippy::all,
        clippy::pedantic,
        dead_code,
        missing_debug_implementations,
        unused_imports
    )]
    include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
}

pub use generated::i18n::{Locale, td_display, td_string};
use leptos::prelude::*;

/// The cookie that remembers a chosen language.
pub const COOKIE: &str = "mecapy_lang";

impl Locale {
    /// As in `<html lang>`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::en => "en",
            Self::fr => "fr",
        }
    }
}

/// The language of this page.
#[must_use]
pub fn use_locale() -> Locale {
    use_context::<Locale>().unwrap_or_default()
}

/// Which form of a text a number asks for: French counts 0 among the singular.
#[must_use]
pub const fn is_one(locale: Locale, count: u64) -> bool {
    match locale {
        Locale::en => count == 1,
        Locale::fr => count < 2,
    }
}

/// Finds out the language of this page: on the server from cookie and `Accept-Language`, in the
/// browser from what the server wrote on `<html lang>`.
#[must_use]
pub fn detect() -> Locale {
    #[cfg(feature = "ssr")]
    {
        use_context::<axum::http::request::Parts>()
            .map(|parts| requested(&parts.headers))
            .unwrap_or_default()
    }
    #[cfg(not(feature = "ssr"))]
    {
        document()
            .document_element()
            .and_then(|html| html.get_attribute("lang"))
            .and_then(|lang| named(&lang))
            .unwrap_or_default()
    }
}

/// The language a request asks for.
#[cfg(feature = "ssr")]
#[must_use]
pub fn requested(headers: &axum::http::HeaderMap) -> Locale {
    crate::shell::cookie(headers, COOKIE)
        .and_then(|value| named(&value))
        .or_else(|| {
            headers
                .get(axum::http::header::ACCEPT_LANGUAGE)
                .and_then(|value| value.to_str().ok())
                .and_then(accepted)
        })
        .unwrap_or_default()
}

/// The locale a language tag such as `fr-CH` means.
fn named(tag: &str) -> Option<Locale> {
    match tag.trim().split('-').next()? {
        primary if primary.eq_ignore_ascii_case("fr") => Some(Locale::fr),
        primary if primary.eq_ignore_ascii_case("en") => Some(Locale::en),
        _ => None,
    }
}

/// The best known language of an `Accept-Language` value.
#[cfg(any(feature = "ssr", test))]
fn accepted(header: &str) -> Option<Locale> {
    let mut best: Option<(f32, Locale)> = None;
    for entry in header.split(',') {
        let mut parts = entry.split(';');
        let Some(locale) = parts.next().and_then(named) else {
            continue;
        };
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q=")?.parse().ok())
            .unwrap_or(1.0);
        if best.is_none_or(|(heaviest, _)| weight > heaviest) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(accepted("de, en;q=0.6, fr-CH;q=0.8"), Some(Locale::fr));
        assert_eq!(accepted("en-GB,fr;q=0.9"), Some(Locale::en));
        assert_eq!(accepted("ja"), None);
    }

    #[test]
    fn french_counts_zero_as_singular() {
        assert!(is_one(Locale::fr, 0) && !is_one(Locale::en, 0));
        assert!(!is_one(Locale::fr, 2) && is_one(Locale::en, 1));
    }
}
