//! What browsers may do with what we send: the content security policies, each with its reasons.
//!
//! | answers | policy |
//! | --- | --- |
//! | pages of the app | [`of_page`] |
//! | shared pages, exported files | `app::share` |
//! | figures and charts | `api::results` |
//! | scripts that become workers | [`ASSET`] |
//! | all others | [`NOTHING_ALLOWED`] |

use axum::http::HeaderValue;

/// For what is not a page: nothing in it may load or run anything.
pub const NOTHING_ALLOWED: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For files of the site. A script's own policy counts where it becomes a worker, as the editor's does:
/// that one may import files of ours and ask nobody for anything.
pub const ASSET: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self'; frame-ancestors 'none'");

/// What a page of the app may load and do. The nonce is that of its one answer.
///
/// - `script-src`: files of the site, and the inline scripts that the server itself wrote into this
///   answer. Nothing else that this server sends has the type of a script, and `nosniff` keeps
///   browsers from guessing. `wasm-unsafe-eval` compiles WebAssembly and evaluates no text.
/// - `style-src`: files of the site, and the style elements that bear the nonce: the editor makes some
///   and is bundled so that they do (`frontend/editor/build.mjs`).
/// - `style-src-attr`: the editor places its lines, and our pages their columns and bars, by style
///   attributes in HTML, which a nonce cannot be put on. They can neither select nor load
///   anything that `img-src` and `font-src` do not allow.
/// - `img-src`: our own, small pictures inside the style sheets (`data:`), and the drawing that a chart's
///   PNG is made of (`blob:`).
#[must_use]
pub fn of_page(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; script-src-attr 'none'; \
         style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}
