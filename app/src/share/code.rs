//! The code of a shared run: its first lines, and the rest behind one click that needs no script.

use crate::{
    components::{Glyph, Icon},
    highlight::listing_html,
    i18n::{td_string, use_locale},
};
use leptos::prelude::*;

/// Lines that are shown at first.
const FIRST_LINES: usize = 18;

#[component]
pub fn CodeSection(code: String) -> impl IntoView {
    let locale = use_locale();
    let html = listing_html(code.trim_end());
    let lines: Vec<&str> = html.split_inclusive("\n</span>").collect();
    let count = lines.len();
    // A few lines more are less trouble than a click.
    let first = if count <= FIRST_LINES + 4 {
        count
    } else {
        FIRST_LINES
    };
    let (shown, rest) = lines.split_at(first);
    let (shown, rest) = (shown.concat(), rest.concat());
    view! {
        <section id="code" class="doc-section">
            <header class="doc-head">
                <h2>{td_string!(locale, share.code)}</h2>
                <button r#type="button" class="btn btn-quiet btn-s" data-copy="code" hidden=true>
                    <Icon glyph=Glyph::Copy />{td_string!(locale, share.copy_code)}
                </button>
            </header>
            <div class="code-block">
                <pre class="code-lines" tabindex="0"><code inner_html=shown></code></pre>
                {(!rest.is_empty()).then(|| view! {
                    <details class="code-rest">
                        <summary class="link-btn">{td_string!(locale, share.show_all_lines, count = count).to_string()}</summary>
                        <pre class="code-lines code-lines-rest" tabindex="0"><code inner_html=rest></code></pre>
                    </details>
                })}
            </div>
        </section>
    }
    .into_any()
}
