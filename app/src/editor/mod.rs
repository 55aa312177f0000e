//! The code editor. The server writes the code as a listing of the same measures; in the browser the
//! editor's bundle is fetched when the pane is there and takes the listing's place, so that nothing
//! jumps.

#[cfg(target_arch = "wasm32")]
mod attach;
#[cfg(target_arch = "wasm32")]
mod mistake_zone;
#[cfg(target_arch = "wasm32")]
mod monaco;
#[cfg(target_arch = "wasm32")]
mod theme;

use crate::{
    components::{Button, ButtonKind, button::ButtonSize},
    highlight::CodeListing,
    i18n::{td_string, use_locale},
};
use leptos::{html, prelude::*};

/// A line of the code that went wrong, with words under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: u32,
    /// From 1, when it is known.
    pub column: Option<u32>,
    pub title: String,
    pub hint: Option<String>,
    /// The name in the line that is not defined.
    pub name: Option<String>,
    /// A name in the line and what to write instead of it.
    pub replacement: Option<(String, String)>,
    /// Only underlined: words that come and go while one types would move the lines below.
    pub quiet: bool,
}

/// Where the cursor is, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub line: u32,
    pub column: u32,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

/// What others see of the editor and ask of it.
#[derive(Clone, Copy, Debug)]
pub struct EditorHandle {
    pub code: RwSignal<String>,
    pub cursor: RwSignal<Cursor>,
    pub mistake: RwSignal<Option<Mistake>>,
    pub ready: RwSignal<bool>,
    /// The editor could not be loaded; set to false to try again.
    pub failed: RwSignal<bool>,
    /// The code is folded away beside inputs and result, where only two columns have room.
    pub folded: RwSignal<bool>,
    /// Set to a line to go to it.
    go_to: RwSignal<Option<u32>>,
    /// Counts requests for the focus.
    focus: RwSignal<u32>,
}

impl EditorHandle {
    /// Made once for a page; its parts find it in the context.
    #[must_use]
    pub fn new(code: String) -> Self {
        let handle = Self {
            code: RwSignal::new(code),
            cursor: RwSignal::new(Cursor::default()),
            mistake: RwSignal::new(None),
            ready: RwSignal::new(false),
            failed: RwSignal::new(false),
            folded: RwSignal::new(false),
            go_to: RwSignal::new(None),
            focus: RwSignal::new(0),
        };
        provide_context(handle);
        handle
    }

    pub fn go_to_line(self, line: u32) {
        self.folded.set(false);
        self.go_to.set(Some(line));
    }

    pub fn focus(self) {
        self.folded.set(false);
        self.focus.update(|count| *count += 1);
    }
}

/// The editor, fetched once `wanted` is true.
#[component]
pub fn Editor(handle: EditorHandle, #[prop(into)] wanted: Signal<bool>) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    #[cfg(target_arch = "wasm32")]
    attach::when_wanted(handle, host, wanted);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = wanted;
    let lines = Memo::new(move |_| handle.code.with(|code| code.split('\n').count()));
    // As the editor does, it shows the code as it is now and not as it was saved.
    let listing = move || {
        (!handle.ready.get()).then(|| {
            let code = handle.code.get();
            view! { <div class="editor-listing"><CodeListing code /></div> }
        })
    };
    view! {
        <div class="editor" style=move || format!("--lines:{}", lines.get())>
            <Show when=move || handle.failed.get()>
                <NotLoaded handle />
            </Show>
            {listing}
            <div node_ref=host class="editor-host"></div>
        </div>
    }
    .into_any()
}

/// Says that the code can be read but not edited, and tries once more.
#[component]
fn NotLoaded(handle: EditorHandle) -> impl IntoView {
    let locale = use_locale();
    view! {
        <div class="note editor-failed" role="alert">
            <span>{td_string!(locale, workbench.no_editor)}</span>
            <Button
                kind=ButtonKind::Quiet
                size=ButtonSize::Small
                label=td_string!(locale, common.try_again)
                on:click=move |_| handle.failed.set(false)
            />
        </div>
    }
}
