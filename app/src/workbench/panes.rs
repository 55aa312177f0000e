//! The widths of the three panes: dragged or moved by arrow keys, remembered in a cookie so that the
//! first paint has them.

use crate::{
    components::{Glyph, Icon},
    editor::EditorHandle,
    i18n::{td_string, use_locale},
    preferences,
};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

const COOKIE: &str = "mecapy_panes";
const DEFAULT: Widths = Widths {
    code: 604,
    inputs: 308,
};
const MIN_CODE: i32 = 360;
const MIN_INPUTS: i32 = 280;
const MIN_RESULT: i32 = 400;
/// Widest pane that is remembered.
const WIDEST: i32 = 4000;
/// Window from which on inputs and result have a column each.
const THREE_PANES: i32 = 1200;
/// One press of an arrow key, pixels.
const STEP: i32 = 16;

/// Widths in pixels; the result has the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    pub code: i32,
    pub inputs: i32,
}

impl Widths {
    /// The widths this browser remembers.
    #[must_use]
    pub fn remembered() -> Self {
        preferences::cookie(COOKIE)
            .and_then(|value| Self::parse(&value))
            .unwrap_or(DEFAULT)
    }

    fn parse(text: &str) -> Option<Self> {
        let (code, inputs) = text.split_once('-')?;
        let widths = Self {
            code: code.parse().ok()?,
            inputs: inputs.parse().ok()?,
        };
        let sensible = (MIN_CODE..WIDEST).contains(&widths.code)
            && (MIN_INPUTS..WIDEST).contains(&widths.inputs);
        sensible.then_some(widths)
    }

    /// As custom properties of the panes' grid.
    #[must_use]
    pub fn style(self) -> String {
        format!("--code:{}px;--inputs:{}px", self.code, self.inputs)
    }

    fn remember(self) {
        preferences::set_cookie(COOKIE, &format!("{}-{}", self.code, self.inputs));
    }

    /// The nearest widths that leave every pane its least width. Where inputs and result share a
    /// column, the width of the inputs waits for a wider window.
    fn fitted(self, available: i32) -> Self {
        if available < THREE_PANES {
            let code = self.code.min(available - MIN_RESULT).max(MIN_CODE);
            return Self { code, ..self };
        }
        let code = self
            .code
            .min(available - MIN_INPUTS - MIN_RESULT)
            .max(MIN_CODE);
        let inputs = self
            .inputs
            .min(available - code - MIN_RESULT)
            .max(MIN_INPUTS);
        Self { code, inputs }
    }
}

/// Which pane a divider widens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Code,
    Inputs,
}

impl Edge {
    const fn of(self, widths: Widths) -> i32 {
        match self {
            Self::Code => widths.code,
            Self::Inputs => widths.inputs,
        }
    }

    const fn with(self, width: i32, rest: Widths) -> Widths {
        match self {
            Self::Code => Widths {
                code: width,
                ..rest
            },
            Self::Inputs => Widths {
                inputs: width,
                ..rest
            },
        }
    }
}

/// The line between two panes; its grip is wider than it looks. Where only two columns have room,
/// the first one also folds the code away.
#[component]
pub fn Divider(widths: RwSignal<Widths>, edge: Edge) -> impl IntoView {
    let locale = use_locale();
    let line = Line::new(widths, edge);
    let (label, least) = match edge {
        Edge::Code => (td_string!(locale, workbench.width_code), MIN_CODE),
        Edge::Inputs => (td_string!(locale, workbench.width_inputs), MIN_INPUTS),
    };
    view! {
        <div class="divider-place" class:divider-inputs=edge == Edge::Inputs>
            <div
                class="divider"
                role="separator"
                tabindex="0"
                aria-orientation="vertical"
                aria-label=label
                aria-valuemin=least
                aria-valuemax=move || line.most()
                aria-valuenow=move || line.width()
                class:dragged=move || line.dragged_from.with(Option::is_some)
                on:pointerdown=move |event| line.press(&event)
                on:pointermove=move |event| line.drag(&event)
                on:pointerup=move |event| line.release(&event)
                on:keydown=move |event| line.key(&event)
                on:dblclick=move |_| line.reset()
            ></div>
            {(edge == Edge::Code).then(|| view! { <FoldCode /> })}
        </div>
    }
    .into_any()
}

/// Folds the code to a strip beside inputs and result, and back.
#[component]
fn FoldCode() -> impl IntoView {
    let locale = use_locale();
    let folded = use_context::<EditorHandle>().map(|editor| editor.folded)?;
    let title = move || {
        if folded.get() {
            td_string!(locale, workbench.show)
        } else {
            td_string!(locale, workbench.hide)
        }
    };
    Some(view! {
        <button
            r#type="button"
            class="icon-btn fold-code"
            aria-label=td_string!(locale, workbench.code)
            aria-controls="pane-code"
            aria-expanded=move || (!folded.get()).to_string()
            title=title
            on:click=move |_| folded.update(|folded| *folded = !*folded)
        >
            <Icon glyph=Glyph::ChevronRight />
        </button>
    })
}

/// A divider that is moved: what it moves, and from where.
#[derive(Clone, Copy)]
struct Line {
    widths: RwSignal<Widths>,
    edge: Edge,
    dragged_from: RwSignal<Option<(i32, Widths)>>,
    /// Width of the window, pixels; the server does not know it.
    available: RwSignal<Option<i32>>,
}

impl Line {
    fn new(widths: RwSignal<Widths>, edge: Edge) -> Self {
        let available = RwSignal::new(None);
        Effect::new(move || {
            available.set(Some(window_width()));
            let listener =
                window_event_listener(ev::resize, move |_| available.set(Some(window_width())));
            on_cleanup(move || listener.remove());
        });
        Self {
            widths,
            edge,
            dragged_from: RwSignal::new(None),
            available,
        }
    }

    /// The widths that are seen: those remembered may be too wide for this window.
    fn seen(self) -> Widths {
        let widths = self.widths.get();
        self.available
            .get()
            .map_or(widths, |available| widths.fitted(available))
    }

    fn width(self) -> i32 {
        self.edge.of(self.seen())
    }

    fn most(self) -> i32 {
        self.available.get().map_or(WIDEST, |available| {
            let widest = self.edge.with(WIDEST, self.seen());
            self.edge.of(widest.fitted(available))
        })
    }

    fn set(self, width: i32, rest: Widths) {
        self.widths
            .set(self.edge.with(width, rest).fitted(window_width()));
    }

    fn press(self, event: &ev::PointerEvent) {
        event.prevent_default();
        capture(event, true);
        self.dragged_from
            .set(Some((event.client_x(), untrack(|| self.seen()))));
    }

    fn drag(self, event: &ev::PointerEvent) {
        if let Some((x, from)) = self.dragged_from.get_untracked() {
            self.set(self.edge.of(from) + event.client_x() - x, from);
        }
    }

    fn release(self, event: &ev::PointerEvent) {
        capture(event, false);
        if self.dragged_from.get_untracked().is_some() {
            self.dragged_from.set(None);
            self.widths.get_untracked().remember();
        }
    }

    fn key(self, event: &ev::KeyboardEvent) {
        let by = match event.key().as_str() {
            "ArrowLeft" => -STEP,
            "ArrowRight" => STEP,
            _ => return,
        };
        event.prevent_default();
        let from = untrack(|| self.seen());
        self.set(self.edge.of(from) + by, from);
        self.widths.get_untracked().remember();
    }

    fn reset(self) {
        self.set(self.edge.of(DEFAULT), self.widths.get_untracked());
        self.widths.get_untracked().remember();
    }
}

fn capture(event: &ev::PointerEvent, on: bool) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(target) = target {
        // Without the capture the pointer merely leaves the line sooner.
        drop(if on {
            target.set_pointer_capture(event.pointer_id())
        } else {
            target.release_pointer_capture(event.pointer_id())
        });
    }
}

fn window_width() -> i32 {
    window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .map_or(1440, |width| width as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pane_keeps_its_least_width() {
        let wide = Widths {
            code: 5000,
            inputs: 900,
        };
        let fitted = wide.fitted(1440);
        assert_eq!((fitted.code, fitted.inputs), (760, 280));
        let fitted = wide.fitted(1024);
        assert_eq!((fitted.code, fitted.inputs), (624, 900));
        let narrow = Widths { code: 1, inputs: 1 };
        assert_eq!(
            narrow.fitted(1440),
            Widths {
                code: 360,
                inputs: 280
            }
        );
    }

    #[test]
    fn a_spoilt_cookie_is_ignored() {
        assert_eq!(Widths::parse("604-308"), Some(DEFAULT));
        for text in ["", "604", "1-1", "x-y", "99999-300"] {
            assert_eq!(Widths::parse(text), None, "{text}");
        }
    }
}
