//! The versions of a task; choosing one puts its code into the editor.

use super::Bench;
use crate::{
    components::{Glyph, Icon, Menu, MenuItem, Moment, MomentStyle, use_toasts},
    failures::failure_text,
    i18n::{td_string, use_locale},
    server_fns::tasks::list_versions,
};
use leptos::prelude::*;

#[component]
pub fn VersionMenu(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let number = move || bench.task.with(|task| format!("v{}", task.version.number));
    view! {
        <span class="version-menu">
            <Menu
                label=Signal::derive(move || td_string!(locale, workbench.versions_of, version = number()).to_string())
                class="btn btn-quiet btn-s"
                left=true
                trigger=ViewFn::from(move || view! { {number}<Icon glyph=Glyph::ChevronDown /> })
            >
                <VersionItems bench />
            </Menu>
        </span>
    }
    .into_any()
}

#[component]
fn VersionItems(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let task = bench.task.with_untracked(|task| task.id);
    let versions = LocalResource::new(move || list_versions(task));
    view! {
        <div class="menu-title">{td_string!(locale, workbench.versions)}</div>
        <Suspense fallback=|| view! { <div class="menu-title skeleton-line"><div class="skeleton"></div></div> }>
            {move || Suspend::new(async move {
                let newest = bench.task.with_untracked(|task| task.version.number);
                let versions = match versions.await {
                    Ok(versions) => versions,
                    Err(failure) => {
                        let text = failure_text(&failure, locale);
                        return view! { <p class="menu-note" role="alert">{text}</p> }.into_any();
                    }
                };
                versions
                    .into_iter()
                    .map(|version| {
                        let number = version.number;
                        let choose = Callback::new(move |()| bench.open_version(number, toasts));
                        let chosen = Signal::derive(move || number == newest);
                        view! {
                            <div class="version-row">
                                <MenuItem label=format!("v{number}") chosen=chosen on_choose=choose />
                                <span class="version-when"><Moment at=version.created_at style=MomentStyle::Ago /></span>
                            </div>
                        }
                    })
                    .collect_view()
                    .into_any()
            })}
        </Suspense>
    }
    .into_any()
}
