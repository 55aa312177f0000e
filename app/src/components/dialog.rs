//! A dialog: title, content, focus kept inside by the browser's own `<dialog>`.

use super::icon::{Glyph, Icon};
use crate::i18n::{td_string, use_locale};
use leptos::{html, prelude::*};

/// Shown while `open`; Escape, the cross and a click beside it set `open` to false. The content is
/// made anew each time it opens.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] wide: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let locale = use_locale();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            // Fails only when it is shown already or not in the page: nothing to do then.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let on_backdrop = move |event: leptos::ev::MouseEvent| {
        let on_dialog = event.target().is_some_and(|target| {
            dialog
                .get_untracked()
                .is_some_and(|dialog| *AsRef::<web_sys::EventTarget>::as_ref(&dialog) == target)
        });
        if on_dialog {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class="dialog"
            class:dialog-wide=wide
            aria-label=move || title.get()
            on:close=move |_| open.set(false)
            on:mousedown=on_backdrop
        >
            <div class="dialog-body">
                <header class="dialog-head">
                    <h2>{move || title.get()}</h2>
                    <button
                        r#type="button"
                        class="icon-btn"
                        aria-label=td_string!(locale, common.close)
                        on:click=move |_| open.set(false)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </header>
                <Show when=move || open.get()>{children()}</Show>
            </div>
        </dialog>
    }
    .into_any()
}
