//! A chart on a page. The server writes the finished picture; in the browser it fits its container,
//! is zoomed and panned by mouse, fingers or keys, and tells its values under the pointer or the arrow
//! keys.

use super::{
    describe,
    geometry::Point,
    ink::MAX_SERIES,
    plot::{Drag, Plot},
    svg,
    svg_backend::Looks,
    viewport,
};
use crate::i18n::{td_string, use_locale};
use domain::{Lang, chart::Chart};
use leptos::{ev, html, prelude::*};
use std::sync::Arc;
use wasm_bindgen::{JsCast, closure::Closure};

/// Width that the server draws for; the browser measures, pixels.
const FIRST_WIDTH: f64 = 480.0;

/// A chart with its title; the values under the pointer are written beside the title.
#[component]
pub fn ChartView(
    chart: Arc<Chart>,
    /// What stands above it: its own title, else what the result calls it.
    #[prop(into)]
    title: String,
) -> impl IntoView {
    let lang: Lang = use_locale().into();
    let sentence = describe::sentence(&chart, lang);
    let plot = Plot::new(chart, lang, FIRST_WIDTH);
    view! {
        <section class="chart">
            <ChartHead plot title />
            <ChartArea plot sentence />
        </section>
    }
    .into_any()
}

/// The title, the reading, and the way back to the whole chart.
#[component]
fn ChartHead(plot: Plot, title: String) -> impl IntoView {
    let locale = use_locale();
    let reading = move || {
        plot.reading
            .with(|reading| reading.as_ref().map(|r| r.text.clone()))
    };
    view! {
        <header class="chart-head">
            <h3>{title}</h3>
            <output class="chart-readout" aria-live="polite">{reading}</output>
            <Show when=move || plot.view.with(Option::is_some)>
                <button r#type="button" class="link-btn" on:click=move |_| plot.look_at(None)>
                    {td_string!(locale, result.whole_chart)}
                </button>
            </Show>
        </header>
    }
}

/// The picture, with the cursor and a dragged box over it.
#[component]
fn ChartArea(plot: Plot, sentence: String) -> impl IntoView {
    let locale = use_locale();
    let hint = format!(
        "{}. {}.",
        td_string!(locale, result.chart_keys),
        td_string!(locale, result.chart_hint)
    );
    let area = NodeRef::<html::Div>::new();
    fit_to(area, plot.width);
    let drawing = Memo::new(move |_| plot.drawing());
    let view_box =
        move || drawing.with(|drawing| format!("0 0 {} {}", drawing.width, drawing.height));
    let picture = move || drawing.with(|drawing| svg::marks(drawing, Looks::Classes));
    // A finger leaves as soon as it is lifted; what it read stays until the focus goes.
    let leave = move |event: ev::PointerEvent| {
        if !is_touch(&event) && plot.drag.get_untracked().is_none() {
            plot.reading.set(None);
        }
    };
    let release = move |event: ev::PointerEvent, dropped: bool| {
        if is_touch(&event) {
            plot.lift(event.pointer_id());
        } else if dropped {
            plot.drag.set(None);
        } else {
            plot.release();
        }
    };
    view! {
        <div
            node_ref=area
            class="chart-area"
            class:zoomed=move || plot.view.with(Option::is_some)
            tabindex="0"
            role="group"
            aria-label=hint
            on:pointerdown=move |event| on_press(plot, area, &event)
            on:pointermove=move |event| on_move(plot, area, &event)
            on:pointerup=move |event| release(event, false)
            on:pointercancel=move |event| release(event, true)
            on:pointerleave=leave
            on:dblclick=move |event| plot.double_click(place(area, &event))
            on:wheel=move |event| on_wheel(plot, area, &event)
            on:keydown=move |event| {
                let of_browser = event.ctrl_key() || event.meta_key() || event.alt_key();
                if !of_browser && plot.key(&event.key(), event.shift_key()) {
                    event.prevent_default();
                }
            }
            on:blur=move |_| plot.reading.set(None)
        >
            <svg class="chart-svg" role="img" aria-label=sentence viewBox=view_box inner_html=picture></svg>
            <svg class="chart-svg chart-cursor" aria-hidden="true" viewBox=view_box>
                {move || cursor(plot)}
                {move || dragged(plot)}
            </svg>
        </div>
    }
    .into_any()
}

/// Where a pointer is within the area, pixels.
fn place(area: NodeRef<html::Div>, event: &ev::MouseEvent) -> Point {
    area.get_untracked().map_or((0.0, 0.0), |area| {
        let rect = area.get_bounding_client_rect();
        (
            f64::from(event.client_x()) - rect.left(),
            f64::from(event.client_y()) - rect.top(),
        )
    })
}

fn is_touch(event: &ev::PointerEvent) -> bool {
    event.pointer_type() == "touch"
}

/// A mouse or a pen starts a box or moves the picture; fingers do what fingers do.
fn on_press(plot: Plot, area: NodeRef<html::Div>, event: &ev::PointerEvent) {
    if is_touch(event) {
        return plot.touch(event.pointer_id(), place(area, event));
    }
    if event.button() != 0 {
        return;
    }
    if let Some(element) = area.get_untracked() {
        // A pointer that is gone already cannot be captured, and needs not be.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
    plot.press(place(area, event), event.shift_key());
}

fn on_move(plot: Plot, area: NodeRef<html::Div>, event: &ev::PointerEvent) {
    let at = place(area, event);
    if is_touch(event) {
        plot.touch_to(event.pointer_id(), at);
    } else {
        plot.drag_to(at);
    }
}

/// With Ctrl the wheel zooms; without it the page scrolls.
fn on_wheel(plot: Plot, area: NodeRef<html::Div>, event: &ev::WheelEvent) {
    if event.ctrl_key() || event.meta_key() {
        event.prevent_default();
        plot.wheel(place(area, event), event.delta_y() < 0.0);
    }
}

fn cursor(plot: Plot) -> Option<impl IntoView> {
    let reading = plot.reading.get()?;
    let plot_area = plot.layout.get()?.0.plot;
    let x = reading.x.floor() + 0.5;
    let dots = reading
        .points
        .into_iter()
        .map(|(place, (x, y))| {
            let class = format!("d{} k", place % MAX_SERIES + 1);
            view! { <circle class=class cx=x cy=y r="4"></circle> }
        })
        .collect_view();
    let line = format!("M{x} {}V{}", plot_area.top, plot_area.bottom);
    Some(view! { <path class="a" d=line></path>{dots} })
}

fn dragged(plot: Plot) -> Option<impl IntoView> {
    let Some(Drag::Box { from, to }) = plot.drag.get() else {
        return None;
    };
    let area = viewport::selection(&plot.layout.get()?.0, from, to)?;
    Some(view! {
        <rect class="chart-box" x=area.left y=area.top width=area.width() height=area.height()></rect>
    })
}

/// Keeps `width` at the width of an element.
fn fit_to(area: NodeRef<html::Div>, width: RwSignal<f64>) {
    Effect::new(move || {
        let Some(element) = area.get() else { return };
        let measured: web_sys::HtmlElement = element.clone().unchecked_into();
        let measure = move || {
            let now = f64::from(measured.client_width());
            if now > 0.0
                && width
                    .try_get_untracked()
                    .is_some_and(|before| before != now)
            {
                let _ = width.try_set(now);
            }
        };
        measure();
        let closure = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(closure.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let watching = StoredValue::new_local(Some((observer, closure)));
            on_cleanup(move || {
                if let Some((observer, _)) = watching.try_update_value(Option::take).flatten() {
                    observer.disconnect();
                }
            });
        }
    });
}
