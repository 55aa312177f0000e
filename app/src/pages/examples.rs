//! The gallery of examples on its own page.

use crate::{
    gallery::Gallery,
    i18n::{td_string, use_locale},
    lists::ListProblem,
    nav::NavBar,
    server_fns::examples::list_examples,
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn ExamplesPage() -> impl IntoView {
    let locale = use_locale();
    let examples = Resource::new(|| (), move |()| list_examples(locale.into()));
    view! {
        <Title text=td_string!(locale, common.examples) />
        <NavBar />
        <main class="page">
            <h1 class="sr-only">{td_string!(locale, common.examples)}</h1>
            <Suspense>
                {move || Suspend::new(async move {
                    match examples.await {
                        Ok(examples) => view! { <Gallery examples /> }.into_any(),
                        Err(failure) => view! { <ListProblem failure /> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
}
