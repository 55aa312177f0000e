//! The browser half: takes over the page that the server wrote.

// The type of a page is as deep as its elements.
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once this module is there.
#[wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| {
        leptos::logging::error!("{panic}");
        app::crash::show();
    }));
    // Waits for the part of the page's own that is loaded apart.
    leptos::mount::hydrate_lazy(app::App);
}
