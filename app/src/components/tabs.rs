//! Tabs with a roving focus: one stop for Tab, arrows, Home and End between them.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// One tab. Its panel has the id `panel-{id}` and is labelled by `tab-{id}`.
#[derive(Clone, Debug)]
pub struct Tab {
    pub id: &'static str,
    pub label: String,
    /// A number after the word, lighter.
    pub count: Option<Signal<String>>,
}

#[component]
pub fn Tabs(
    #[prop(into)] label: String,
    tabs: Vec<Tab>,
    selected: RwSignal<&'static str>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let ids: Vec<&'static str> = tabs.iter().map(|tab| tab.id).collect();
    let on_key = move |event: ev::KeyboardEvent| {
        let now = selected.get_untracked();
        let at = ids.iter().position(|id| *id == now).unwrap_or(0);
        let last = ids.len().saturating_sub(1);
        let to = match event.key().as_str() {
            "ArrowRight" => {
                if at == last {
                    0
                } else {
                    at + 1
                }
            }
            "ArrowLeft" => at.checked_sub(1).unwrap_or(last),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        selected.set(ids[to]);
        let tab = list
            .get_untracked()
            .and_then(|list| list.children().item(to as u32))
            .and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(tab) = tab {
            let _ = tab.focus();
        }
    };
    view! {
        <div node_ref=list class="tabs" role="tablist" aria-label=label on:keydown=on_key>
            {tabs
                .into_iter()
                .map(|tab| view! { <TabButton tab selected /> })
                .collect_view()}
        </div>
    }
    .into_any()
}

#[component]
fn TabButton(tab: Tab, selected: RwSignal<&'static str>) -> impl IntoView {
    let Tab { id, label, count } = tab;
    let is_selected = move || selected.get() == id;
    view! {
        <button
            r#type="button"
            role="tab"
            id=format!("tab-{id}")
            class="tab"
            aria-controls=format!("panel-{id}")
            aria-selected=move || is_selected().to_string()
            tabindex=move || if is_selected() { "0" } else { "-1" }
            on:click=move |_| selected.set(id)
        >
            {label}
            {count.map(|count| view! { <span class="tab-count">{move || count.get()}</span> })}
        </button>
    }
}
