//! The one page for every link that opens nothing: revoked, expired, mistyped. It does not say
//! which, because that would tell a stranger which links ever existed.

use super::document::{document, in_language, styles};
use crate::{
    i18n::{td_string, use_locale},
    nav::Mark,
};
use domain::Lang;
use leptos::prelude::*;

/// The page, to be sent with status 404 and the policy of shared pages; `pkg` is `/pkg/{hash}`.
#[must_use]
pub fn render_gone(lang: Lang, pkg: &str) -> String {
    let title = in_language(lang, || {
        td_string!(use_locale(), share.gone_title).to_owned()
    });
    let head = format!(
        "<title>{title} · MecaPy</title><meta name=\"robots\" content=\"noindex\">{}",
        styles(pkg)
    );
    document(
        lang,
        &head,
        &in_language(lang, || view! { <Gone /> }.to_html()),
    )
}

#[component]
fn Gone() -> impl IntoView {
    let locale = use_locale();
    view! {
        <header class="doc-bar">
            <a class="brand" href="/"><Mark /><span>"MecaPy"</span></a>
        </header>
        <main class="gone">
            <h1>{td_string!(locale, share.gone_title)}</h1>
            <p class="doc-lead">{td_string!(locale, share.gone_why)}</p>
            <p class="doc-lead">{td_string!(locale, share.gone_what)}</p>
        </main>
    }
}
