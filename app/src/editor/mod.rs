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

use crate::highlight::CodeListing;
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
    /// Set to a line to go to it.
    go_to: RwSignal<Option<u32>>,
    /// Counts requests for the focus.
    focus: RwSignal<u32>,
}

impl EditorHandle {
    #[must_use]
    pub fn new(code: String) -> Self {
        Self {
            code: RwSignal::new(code),
            cursor: RwSignal::new(Cursor::default()),
            mistake: RwSignal::new(None),
            ready: RwSignal::new(false),
            go_to: RwSignal::new(None),
            focus: RwSignal::new(0),
        }
    }

    pub fn go_to_line(self, line: u32) {
        self.go_to.set(Some(line));
    }

    pub fn focus(self) {
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
    let first_code = handle.code.get_untracked();
    let lines = Memo::new(move |_| handle.code.with(|code| code.split('\n').count()));
    view! {
        <div class="editor" style=move || format!("--lines:{}", lines.get())>
            <div class="editor-listing" class:hidden=move || handle.ready.get() aria-hidden=move || handle.ready.get().to_string()>
                <CodeListing code=first_code />
            </div>
            <div node_ref=host class="editor-host"></div>
        </div>
    }
    .into_any()
}
