//! Copying text.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

/// Copies, and calls `done` when that succeeded.
pub fn copy(text: String, done: impl FnOnce() + 'static) {
    spawn_local(async move {
        if by_clipboard(&text).await.is_ok() || by_selection(&text).is_some() {
            done();
        }
    });
}

/// Refused without permission, and not there at all on a page that came over plain HTTP.
async fn by_clipboard(text: &str) -> Result<(), JsValue> {
    let navigator = window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into())?;
    let clipboard: web_sys::Clipboard = clipboard.dyn_into()?;
    JsFuture::from(clipboard.write_text(text)).await?;
    Ok(())
}

/// Copies the selection of a field that is in the page only for this.
fn by_selection(text: &str) -> Option<()> {
    let document = document();
    let before = document.active_element();
    let field: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_value(text);
    field.set_class_name("sr-only");
    // While a dialog is open, nothing beside it can be selected.
    let dialog = document.query_selector("dialog[open]").ok().flatten();
    let place = dialog.or_else(|| document.body().map(Into::into))?;
    place.append_child(&field).ok()?;
    field.select();
    let copied = document
        .dyn_into::<HtmlDocument>()
        .ok()
        .and_then(|document| document.exec_command("copy").ok());
    field.remove();
    if let Some(before) = before.and_then(|before| before.dyn_into::<HtmlElement>().ok()) {
        // What had the focus may have left the page meanwhile.
        drop(before.focus());
    }
    copied.filter(|copied| *copied).map(|_| ())
}
