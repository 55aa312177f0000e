//! The application: what every page shares, and which page a path means.

use crate::{
    components::{Toasts, clock::Clock, toast::ToastList},
    i18n,
    keys::SingleKeys,
    nav::RoutingBar,
    pages::{
        examples::ExamplesPage, not_found::NotFoundPage, reference::ReferencePage, runs::RunsPage,
        tasks::TasksPage, workbench::WorkbenchPage,
    },
    preferences,
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// Every page; the server writes it, the browser brings it to life.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(i18n::detect());
    preferences::Preferences::provide();
    Clock::provide();
    ToastList::provide();
    mark_hydrated();
    let (is_routing, set_is_routing) = signal(false);
    view! {
        <Title formatter=|title: String| if title.is_empty() { "MecaPy".to_owned() } else { format!("{title} · MecaPy") } />
        <Router set_is_routing>
            <RoutingBar is_routing />
            <SingleKeys />
            <FlatRoutes fallback=|| view! { <NotFoundPage /> }>
                <Route path=path!("/") view=TasksPage ssr=SsrMode::Async />
                <Route path=path!("/examples") view=ExamplesPage ssr=SsrMode::Async />
                <Route path=path!("/runs") view=RunsPage ssr=SsrMode::Async />
                <Route path=path!("/reference") view=ReferencePage />
                <Route path=path!("/tasks/:id") view={Lazy::<WorkbenchPage>::new()} ssr=SsrMode::Async />
            </FlatRoutes>
        </Router>
        <Toasts />
    }
}

/// Says on the document that the page answers now; what waits for it need not guess.
fn mark_hydrated() {
    Effect::new(|| {
        request_animation_frame(|| {
            if let Some(body) = document().body() {
                // Setting an attribute of a valid name cannot fail.
                let _ = body.set_attribute("data-hydrated", "1");
            }
        });
    });
}
