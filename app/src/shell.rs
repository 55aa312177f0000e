//! The HTML document around every page, and what a request's cookies say about it.

use crate::{App, i18n, server_fns};
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// The cookie that remembers a chosen theme, `light` or `dark`; without it the system decides.
pub const THEME_COOKIE: &str = "mecapy_theme";

/// Faces that every page shows at once; the rest is fetched when it is needed.
const FIRST_FONTS: [&str; 3] = [
    "ibm-plex-sans-400-core",
    "ibm-plex-sans-500-core",
    "ibm-plex-sans-600-core",
];

/// The part of the browser half that only the workbench needs. xtask names it after its function.
const WORKBENCH: &str = "workbench_page_view.wasm";

/// The document of a page.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let pkg = format!("/{}", options.site_pkg_dir.trim_matches('/'));
    let name = options.output_name.to_string();
    let locale = i18n::detect();
    let theme = chosen_theme();
    let user = server_fns::caller_name();
    let fonts = FIRST_FONTS
        .map(|face| {
            let href = format!("{pkg}/fonts/{face}.woff2");
            view! { <link rel="preload" href=href r#as="font" r#type="font/woff2" crossorigin="anonymous" /> }
        })
        .collect_view();
    view! {
        <!DOCTYPE html>
        <html lang=locale.as_str() data-theme=theme data-pkg=pkg.clone() data-user=user>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                <link rel="stylesheet" href=format!("{pkg}/{name}.css") />
                {fonts}
                {hydration(&pkg, &name)}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Loads the browser half and hands it the page.
fn hydration(pkg: &str, name: &str) -> impl IntoView + use<> {
    let (script, wasm) = (format!("{pkg}/{name}.js"), format!("{pkg}/{name}.wasm"));
    let workbench = is_workbench().then(|| {
        let wasm = format!("{pkg}/{WORKBENCH}");
        view! { <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" /> }
    });
    let start = format!(
        "import(\"{script}\").then(m=>m.default({{module_or_path:\"{wasm}\"}}).then(()=>m.hydrate()))"
    );
    let nonce = leptos::nonce::use_nonce();
    view! {
        <link rel="modulepreload" href=script crossorigin="anonymous" />
        <link rel="modulepreload" href=format!("{pkg}/lazy.js") crossorigin="anonymous" />
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        {workbench}
        <script r#type="module" nonce=nonce inner_html=start></script>
    }
}

/// Whether this request is for a task's workbench.
#[cfg(feature = "ssr")]
fn is_workbench() -> bool {
    use_context::<axum::http::request::Parts>()
        .is_some_and(|parts| parts.uri.path().starts_with("/tasks/"))
}

#[cfg(not(feature = "ssr"))]
const fn is_workbench() -> bool {
    false
}

/// `light` or `dark` when this browser asked for one.
#[cfg(feature = "ssr")]
fn chosen_theme() -> Option<&'static str> {
    let parts = use_context::<axum::http::request::Parts>()?;
    let chosen = cookie(&parts.headers, THEME_COOKIE)?;
    ["light", "dark"].into_iter().find(|theme| *theme == chosen)
}

#[cfg(not(feature = "ssr"))]
const fn chosen_theme() -> Option<&'static str> {
    None
}

/// The value of one cookie of a request.
#[cfg(feature = "ssr")]
pub(crate) fn cookie(headers: &axum::http::HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(axum::http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
