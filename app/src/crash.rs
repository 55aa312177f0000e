//! What a page shows when its browser half has ended: nothing on it answers any more, and a part of
//! the product that could not be loaded ends it too.

use crate::i18n::{self, td_string};
use leptos::prelude::document;
use wasm_bindgen::{JsCast, closure::Closure};

/// Says so at the foot of the page, with the way out. What was typed is kept by the drafts.
///
/// Nothing here may panic, and nothing may use the page's reactive state, which is gone.
pub fn show() {
    let (locale, page) = (i18n::detect(), document());
    if page.query_selector(".crash").is_ok_and(|bar| bar.is_some()) {
        return;
    }
    let (Some(body), Ok(bar), Ok(button)) = (
        page.body(),
        page.create_element("div"),
        page.create_element("button"),
    ) else {
        return;
    };
    bar.set_class_name("toast crash");
    let _ = bar.set_attribute("role", "alert");
    bar.set_text_content(Some(td_string!(locale, common.crashed)));
    button.set_text_content(Some(td_string!(locale, common.reload)));
    let reload = Closure::<dyn Fn()>::new(|| {
        let _ = leptos::prelude::window().location().reload();
    });
    let _ = button.add_event_listener_with_callback("click", reload.as_ref().unchecked_ref());
    // The button lives as long as the page.
    reload.forget();
    let _ = bar.append_child(&button);
    let _ = body.append_child(&bar);
}
