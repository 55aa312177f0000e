//! Keys of a page. A single letter acts only outside of fields, and can be switched off.

use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;

/// Where this browser remembers that single letters do nothing.
const SINGLE_KEYS_OFF: &str = "mecapy_single_keys_off";

/// Lets a single key press the element that carries it as `data-key`.
#[component]
pub fn SingleKeys() -> impl IntoView {
    let navigate = use_navigate();
    Effect::new(move || {
        let navigate = navigate.clone();
        let listener = window_event_listener(ev::keydown, move |event| {
            let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
            if modified || event.default_prevented() || is_writing(&event) || single_keys_off() {
                return;
            }
            let key = event.key().to_lowercase();
            if key == "?" {
                event.prevent_default();
                navigate("/reference#keys", NavigateOptions::default());
            } else if key.chars().count() == 1 && press(&key) {
                event.prevent_default();
            }
        });
        on_cleanup(move || listener.remove());
    });
}

/// Presses or focuses what is marked with the key; whether there was such an element.
fn press(key: &str) -> bool {
    let selector = format!("[data-key=\"{}\"]", if key == "\"" { "\\\"" } else { key });
    let Some(element) = document()
        .query_selector(&selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return false;
    };
    if element.has_type::<web_sys::HtmlInputElement>() {
        // Nothing depends on a field that left the page meanwhile.
        drop(element.focus());
    } else {
        element.click();
    }
    true
}

fn is_writing(event: &ev::KeyboardEvent) -> bool {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return false;
    };
    let writable = "input, textarea, select, [contenteditable], [role=textbox], dialog";
    target.closest(writable).ok().flatten().is_some()
}

/// Whether this browser wants single letters to do nothing.
#[must_use]
pub fn single_keys_off() -> bool {
    storage().is_some_and(|storage| storage.get_item(SINGLE_KEYS_OFF).ok().flatten().is_some())
}

/// Remembers that. A browser that stores nothing forgets it with the page.
pub fn set_single_keys_off(off: bool) {
    if let Some(storage) = storage() {
        drop(if off {
            storage.set_item(SINGLE_KEYS_OFF, "1")
        } else {
            storage.remove_item(SINGLE_KEYS_OFF)
        });
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
