//! The page for a path that means nothing.

use crate::{
    i18n::{td_string, use_locale},
    nav::NavBar,
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
#[must_use]
pub fn NotFoundPage() -> impl IntoView {
    let locale = use_locale();
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text=td_string!(locale, common.not_found_title) />
        <NavBar />
        <main class="page">
            <h1>{td_string!(locale, common.not_found_title)}</h1>
            <p class="lead">{td_string!(locale, common.not_found_text)}</p>
            <p><a class="link-btn" href="/">{td_string!(locale, common.to_tasks)}</a></p>
        </main>
    }
    .into_any()
}
