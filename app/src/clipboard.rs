//! Copying text.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

/// Copies, and calls `done` when that succeeded.
pub fn copy(text: String, done: impl FnOnce() + 'static) {
    spawn_local(async move {
        let copied = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
        if copied.is_ok() {
            done();
        }
    });
}
