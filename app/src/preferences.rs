//! What this browser prefers: theme and language, in cookies, so that the server writes the first
//! page in them already.

use crate::{i18n, shell::THEME_COOKIE};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

const ONE_YEAR_S: u32 = 365 * 24 * 3600;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The theme in force, for what is not drawn by style sheets.
#[derive(Clone, Copy, Debug)]
pub struct Preferences {
    pub theme: RwSignal<Theme>,
}

impl Preferences {
    pub fn provide() {
        let theme = RwSignal::new(Theme::System);
        provide_context(Self { theme });
        Effect::new(move || {
            let chosen = document()
                .document_element()
                .and_then(|html| html.get_attribute("data-theme"));
            let found = Theme::ALL
                .into_iter()
                .find(|theme| theme.attribute() == chosen.as_deref());
            theme.set(found.unwrap_or_default());
        });
    }

    /// Puts a theme in force here and for later pages.
    pub fn choose_theme(self, theme: Theme) {
        if let Some(html) = document().document_element() {
            let done = match theme.attribute() {
                Some(name) => html.set_attribute("data-theme", name),
                None => html.remove_attribute("data-theme"),
            };
            // Fails only for names that are no attribute names.
            drop(done);
        }
        match theme.attribute() {
            Some(name) => set_cookie(THEME_COOKIE, name),
            None => write_cookie(THEME_COOKIE, "", 0),
        }
        self.theme.set(theme);
    }

    /// Whether the page is dark now, by choice or by the system.
    #[must_use]
    pub fn is_dark(self) -> bool {
        match self.theme.get() {
            Theme::Light => false,
            Theme::Dark => true,
            Theme::System => system_is_dark(),
        }
    }
}

/// Speaks another language from now on: loads the page again in it.
pub fn choose_language(locale: i18n::Locale) {
    set_cookie(i18n::COOKIE, locale.as_str());
    // A page that cannot be loaded again keeps its language until it is.
    drop(window().location().reload());
}

fn system_is_dark() -> bool {
    window()
        .match_media("(prefers-color-scheme: dark)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

/// Remembers something for a year.
pub fn set_cookie(name: &str, value: &str) {
    write_cookie(name, value, ONE_YEAR_S);
}

fn write_cookie(name: &str, value: &str, max_age_s: u32) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax");
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        // A browser that refuses cookies shows its default next time.
        drop(document.set_cookie(&cookie));
    }
}

/// What this browser remembers under a name; the server reads it from the request.
#[must_use]
pub fn cookie(name: &str) -> Option<String> {
    #[cfg(feature = "ssr")]
    {
        let parts = use_context::<axum::http::request::Parts>()?;
        crate::shell::cookie(&parts.headers, name)
    }
    #[cfg(not(feature = "ssr"))]
    {
        let document = document().dyn_into::<web_sys::HtmlDocument>().ok()?;
        let cookies = document.cookie().ok()?;
        cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }
}
