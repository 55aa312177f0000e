//! Keys of the workbench. They are heard before the editor hears them, so that they mean the same
//! wherever the focus is.

use super::Bench;
use crate::components::toast::ToastList;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::KeyboardEvent;

/// The panes in the order of F6.
const PANES: [&str; 3] = ["pane-code", "pane-inputs", "pane-result"];

/// Listens until the page leaves.
pub fn listen(bench: Bench, toasts: ToastList) {
    Effect::new(move || {
        let listener = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            if act(bench, toasts, &event) {
                event.prevent_default();
                event.stop_propagation();
            }
        });
        let function = listener
            .as_ref()
            .unchecked_ref::<js_sys::Function>()
            .clone();
        let added = window().add_event_listener_with_callback_and_bool("keydown", &function, true);
        debug_assert!(added.is_ok(), "a listener for a known event can be added");
        let kept = send_wrapper::SendWrapper::new(listener);
        on_cleanup(move || {
            drop(window().remove_event_listener_with_callback_and_bool(
                "keydown",
                &function_of(&kept),
                true,
            ));
        });
    });
}

fn function_of(listener: &Closure<dyn Fn(KeyboardEvent)>) -> js_sys::Function {
    listener
        .as_ref()
        .unchecked_ref::<js_sys::Function>()
        .clone()
}

/// Whether the key meant something. A dialog has its own keys, and a key held down acts once.
fn act(bench: Bench, toasts: ToastList, event: &KeyboardEvent) -> bool {
    if document()
        .query_selector("dialog[open]")
        .is_ok_and(|dialog| dialog.is_some())
    {
        return false;
    }
    let main = event.ctrl_key() || event.meta_key();
    match event.key().as_str() {
        "Enter" | "s" | "S" if main && event.repeat() => {}
        "Enter" if main && event.shift_key() => bench.cancel(),
        "Enter" if main => bench.run(),
        "s" | "S" if main && !event.shift_key() => bench.save(toasts),
        "F6" => change_pane(bench, if event.shift_key() { -1 } else { 1 }),
        "F8" => match untrack(|| bench.mistake()) {
            Some(mistake) => bench.go_to_line(mistake.line),
            None => return false,
        },
        _ => return false,
    }
    true
}

fn change_pane(bench: Bench, by: i32) {
    let active = document().active_element();
    let inside = |id: &str| {
        let pane = document().get_element_by_id(id);
        pane.zip(active.as_ref())
            .is_some_and(|(pane, active)| pane.contains(Some(active)))
    };
    let at = PANES.iter().position(|id| inside(id));
    let count = PANES.len() as i32;
    let next = at.map_or(0, |at| (at as i32 + by).rem_euclid(count)) as usize;
    if PANES[next] == "pane-code" && bench.editor.ready.get_untracked() {
        bench.editor.focus();
        return;
    }
    let pane = document()
        .get_element_by_id(PANES[next])
        .and_then(|pane| pane.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(pane) = pane {
        let first = pane
            .query_selector("input, select, textarea, [role=tab][aria-selected=true]")
            .ok()
            .flatten()
            .and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok());
        drop(first.unwrap_or(pane).focus());
    }
}
