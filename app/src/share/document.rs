//! The HTML document around a shared page.

use super::{page::SharedDocument, preview::headline_text};
use crate::{i18n::Locale, plots::png::PREVIEW, result::Sources};
use domain::{Lang, share::SharedRun, signature::Parameter};
use leptos::prelude::*;

/// What a shared page may load and do: our own style sheet, faces and one small script. Columns are
/// as wide as their numbers by style attributes.
pub const SHARED_PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; \
    script-src-attr 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; font-src 'self'; \
    img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// What the server knows around a shared run.
#[derive(Clone, Debug)]
pub struct SharedPageContext<'a> {
    pub lang: Lang,
    /// Where the style sheet and the faces are: `/pkg/{hash}`.
    pub pkg: &'a str,
    /// The page's own path, `/r/{token}`.
    pub path: &'a str,
    /// Scheme and host under which others reach it, without a slash at the end.
    pub origin: &'a str,
    /// The parameters of the code, for the names and units of the inputs; empty when unknown.
    pub parameters: &'a [Parameter],
}

/// The whole page of a share, to be sent with [`SHARED_PAGE_POLICY`].
#[must_use]
pub fn render_shared_page(shared: &SharedRun, context: &SharedPageContext) -> String {
    let SharedPageContext {
        lang,
        pkg,
        path,
        origin,
        parameters,
    } = *context;
    let head = page_head(shared, lang, pkg, path, origin);
    let shared = shared.clone();
    let parameters = parameters.to_vec();
    let sources = Sources::still(&format!("{path}/"));
    let link = Some(format!("{origin}{path}"));
    let copy_to = Some(format!("{path}/copy"));
    let body = in_language(lang, move || {
        provide_context(sources);
        view! { <SharedDocument shared parameters link copy_to /> }.to_html()
    });
    document(lang, &head, &body)
}

/// Runs `write` with the language that its components ask for.
pub(super) fn in_language(lang: Lang, write: impl FnOnce() -> String) -> String {
    let owner = Owner::new();
    let text = owner.with(|| {
        provide_context(match lang {
            Lang::En => Locale::en,
            Lang::Fr => Locale::fr,
        });
        write()
    });
    owner.cleanup();
    text
}

/// A document of these parts.
pub(super) fn document(lang: Lang, head: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">{head}</head>\
         <body class=\"shared\">{body}</body></html>\n",
        lang.code()
    )
}

/// The style sheet and the faces of the first paint.
pub(super) fn styles(pkg: &str) -> String {
    let pkg = escaped(pkg);
    let mut head = String::new();
    for face in ["ibm-plex-sans-400-core", "ibm-plex-sans-600-core"] {
        head += &format!(
            "<link rel=\"preload\" href=\"{pkg}/fonts/{face}.woff2\" as=\"font\" type=\"font/woff2\" crossorigin>"
        );
    }
    head + &format!(
        "<link rel=\"stylesheet\" href=\"{pkg}/mecapy.css\">\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">"
    )
}

fn page_head(shared: &SharedRun, lang: Lang, pkg: &str, path: &str, origin: &str) -> String {
    let name = escaped(&shared.task_name);
    let told = described(shared, lang);
    let description = escaped(&told);
    let address = escaped(&format!("{origin}{path}"));
    let image = escaped(&format!("{origin}{path}/preview.png"));
    let (width, height) = PREVIEW;
    let locale = lang.pick("en_GB", "fr_FR");
    format!(
        "<title>{name} · MecaPy</title>\
         <meta name=\"description\" content=\"{description}\">\
         <meta name=\"robots\" content=\"noindex, nofollow\">\
         <meta property=\"og:type\" content=\"article\">\
         <meta property=\"og:site_name\" content=\"MecaPy\">\
         <meta property=\"og:locale\" content=\"{locale}\">\
         <meta property=\"og:title\" content=\"{name}\">\
         <meta property=\"og:description\" content=\"{description}\">\
         <meta property=\"og:url\" content=\"{address}\">\
         <meta property=\"og:image\" content=\"{image}\">\
         <meta property=\"og:image:type\" content=\"image/png\">\
         <meta property=\"og:image:width\" content=\"{width}\">\
         <meta property=\"og:image:height\" content=\"{height}\">\
         <meta property=\"og:image:alt\" content=\"{description}\">\
         <meta name=\"twitter:card\" content=\"summary_large_image\">\
         <meta name=\"twitter:title\" content=\"{name}\">\
         <meta name=\"twitter:description\" content=\"{description}\">\
         <meta name=\"twitter:image\" content=\"{image}\">\
         {}<script src=\"/share.js\" defer></script>",
        styles(pkg)
    )
}

/// The headline, and the author's description after it.
pub(super) fn described(shared: &SharedRun, lang: Lang) -> String {
    const MOST: usize = 300;
    let parts = [
        headline_text(shared, lang),
        Some(shared.description.clone()),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    let text = if parts.is_empty() {
        shared.task_name.clone()
    } else {
        parts.join(" · ")
    };
    text.chars().take(MOST).collect()
}

/// Text as it stands in a quoted attribute or between tags.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
