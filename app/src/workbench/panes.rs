//! The widths of the three panes: dragged or moved by arrow keys, remembered in a cookie so that the
//! first paint has them.

use crate::{
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
        let sensible =
            (MIN_CODE..4000).contains(&widths.code) && (MIN_INPUTS..4000).contains(&widths.inputs);
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

    /// The nearest widths that leave every pane its least width.
    fn fitted(self, available: i32) -> Self {
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

/// The line between two panes; its grip is wider than it looks.
#[component]
pub fn Divider(widths: RwSignal<Widths>, edge: Edge) -> impl IntoView {
    let locale = use_locale();
    let dragged_from = RwSignal::new(None::<(i32, Widths)>);
    let set = move |from: Widths, by: i32| {
        let moved = match edge {
            Edge::Code => Widths {
                code: from.code + by,
                ..from
            },
            Edge::Inputs => Widths {
                inputs: from.inputs + by,
                ..from
            },
        };
        widths.set(moved.fitted(window_width()));
    };
    let capture = |event: &ev::PointerEvent, on: bool| {
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
    };
    let on_down = move |event: ev::PointerEvent| {
        event.prevent_default();
        capture(&event, true);
        dragged_from.set(Some((event.client_x(), widths.get_untracked())));
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some((x, from)) = dragged_from.get_untracked() {
            set(from, event.client_x() - x);
        }
    };
    let on_up = move |event: ev::PointerEvent| {
        capture(&event, false);
        if dragged_from.get_untracked().is_some() {
            dragged_from.set(None);
            widths.get_untracked().remember();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" => -STEP,
            "ArrowRight" => STEP,
            _ => return,
        };
        event.prevent_default();
        set(widths.get_untracked(), by);
        widths.get_untracked().remember();
    };
    let reset = move |_| {
        let now = widths.get_untracked();
        let back = match edge {
            Edge::Code => Widths {
                code: DEFAULT.code,
                ..now
            },
            Edge::Inputs => Widths {
                inputs: DEFAULT.inputs,
                ..now
            },
        };
        widths.set(back.fitted(window_width()));
        widths.get_untracked().remember();
    };
    let value = move || match edge {
        Edge::Code => widths.get().code,
        Edge::Inputs => widths.get().inputs,
    };
    let (label, least) = match edge {
        Edge::Code => (td_string!(locale, workbench.width_code), MIN_CODE),
        Edge::Inputs => (td_string!(locale, workbench.width_inputs), MIN_INPUTS),
    };
    view! {
        <div
            class="divider"
            class:divider-code=edge == Edge::Code
            class:divider-inputs=edge == Edge::Inputs
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=label
            aria-valuemin=least
            aria-valuenow=value
            class:dragged=move || dragged_from.with(Option::is_some)
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=on_up
            on:keydown=on_key
            on:dblclick=reset
        ></div>
    }
    .into_any()
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
