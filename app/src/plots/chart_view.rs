//! A chart on a page. The server writes the finished picture; in the browser it fits its container,
//! is zoomed and panned, and tells its values under the pointer or the arrow keys.

use super::{
    describe,
    geometry::Point,
    layout::{Frame, Layout, View, lay_out},
    mark::Drawing,
    multiples,
    readout::{self, Reading},
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
/// One step of the wheel.
const WHEEL_STEP: f64 = 1.2;

/// What a pressed pointer does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Drag {
    Box { from: Point, to: Point },
    Pan { last: Point },
}

/// The state of one chart on a page.
#[derive(Clone, Copy)]
struct Plot {
    chart: StoredValue<Arc<Chart>>,
    lang: Lang,
    width: RwSignal<f64>,
    view: RwSignal<Option<View>>,
    reading: RwSignal<Option<Reading>>,
    drag: RwSignal<Option<Drag>>,
    /// Nothing for small multiples, which are not read this way.
    layout: Memo<Option<Shared>>,
}

/// A layout shared between the picture and the pointer; a new one is always different.
#[derive(Clone)]
struct Shared(Arc<Layout>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Plot {
    fn new(chart: Arc<Chart>, lang: Lang) -> Self {
        let width = RwSignal::new(FIRST_WIDTH);
        let view = RwSignal::new(None);
        let readable = !multiples::needed(&chart);
        let chart = StoredValue::new(chart);
        let layout = Memo::new(move |_| {
            let frame = frame(&chart.get_value(), width.get(), view.get(), lang);
            readable.then(|| Shared(Arc::new(lay_out(&chart.get_value(), &frame))))
        });
        Self {
            chart,
            lang,
            width,
            view,
            reading: RwSignal::new(None),
            drag: RwSignal::new(None),
            layout,
        }
    }

    fn drawing(self) -> Drawing {
        match self.layout.get() {
            Some(Shared(layout)) => layout.drawing.clone(),
            None => {
                let chart = self.chart.get_value();
                let frame = frame(&chart, self.width.get(), None, self.lang);
                multiples::drawing(&chart, &frame)
            }
        }
    }

    fn with_layout<T>(self, act: impl FnOnce(&Chart, &Layout) -> T) -> Option<T> {
        let layout = self.layout.get_untracked()?;
        Some(act(&self.chart.get_value(), &layout.0))
    }

    fn read(self, at: Point) {
        let found = self.with_layout(|chart, layout| readout::nearest(chart, layout, at, self.lang));
        self.reading.set(found.flatten());
    }

    fn look_at(self, view: Option<View>) {
        self.view.set(view);
        self.reading.set(None);
    }

    fn press(self, at: Point, shift: bool) {
        self.drag.set(Some(if shift { Drag::Pan { last: at } } else { Drag::Box { from: at, to: at } }));
    }

    fn drag_to(self, at: Point) {
        match self.drag.get_untracked() {
            Some(Drag::Box { from, .. }) => self.drag.set(Some(Drag::Box { from, to: at })),
            Some(Drag::Pan { last }) => {
                let by = (at.0 - last.0, at.1 - last.1);
                let view = self.with_layout(|_, layout| viewport::panned(layout, by));
                self.look_at(view);
                self.drag.set(Some(Drag::Pan { last: at }));
            }
            None => self.read(at),
        }
    }

    fn release(self) {
        if let Some(Drag::Box { from, to }) = self.drag.get_untracked() {
            let view = self.with_layout(|_, layout| viewport::boxed(layout, from, to)).flatten();
            if view.is_some() {
                self.look_at(view);
            }
        }
        self.drag.set(None);
    }

    fn wheel(self, at: Point, up: bool) {
        let factor = if up { 1.0 / WHEEL_STEP } else { WHEEL_STEP };
        let view = self.with_layout(|_, layout| viewport::zoomed(layout, factor, at));
        self.look_at(view);
    }

    /// Answers whether the key meant something here.
    fn key(self, key: &str, shift: bool) -> bool {
        let stride = if shift { 10 } else { 1 };
        let index = self.reading.with_untracked(|reading| reading.as_ref().map(|r| r.index));
        let (from, step) = match (key, index) {
            ("ArrowRight", Some(index)) => (index, stride),
            ("ArrowLeft", Some(index)) => (index, -stride),
            ("ArrowRight" | "ArrowLeft" | "Home", _) => (0, 0),
            ("End", _) => (usize::MAX, 0),
            ("Escape", Some(_)) => {
                self.reading.set(None);
                return true;
            }
            _ => return false,
        };
        let step = if key == "End" { -1 } else { step };
        let found = self
            .with_layout(|chart, layout| readout::stepped(chart, layout, from, step, self.lang))
            .flatten();
        if found.is_some() {
            self.reading.set(found);
        }
        true
    }
}

fn frame(chart: &Chart, width: f64, view: Option<View>, lang: Lang) -> Frame {
    Frame {
        width,
        height: multiples::natural_height(chart, width),
        title: false,
        lang,
        view,
        y: None,
    }
}

/// A chart with its title; the values under the pointer are written beside the title.
#[component]
pub fn ChartView(
    chart: Arc<Chart>,
    /// What stands above it: its own title, else what the result calls it.
    #[prop(into)]
    title: String,
) -> impl IntoView {
    let locale = use_locale();
    let lang: Lang = locale.into();
    let sentence = describe::sentence(&chart, lang);
    let plot = Plot::new(chart, lang);
    let area = NodeRef::<html::Div>::new();
    fit_to(area, plot.width);
    let drawing = Memo::new(move |_| plot.drawing());
    let size = move || drawing.with(|drawing| (drawing.width, drawing.height));
    let view_box = move || format!("0 0 {} {}", size().0, size().1);
    let place = move |event: &ev::MouseEvent| {
        area.get_untracked().map_or((0.0, 0.0), |area| {
            let rect = area.get_bounding_client_rect();
            (f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top())
        })
    };
    let on_down = move |event: ev::PointerEvent| {
        if event.button() == 0 && event.pointer_type() != "touch" {
            if let Some(area) = area.get_untracked() {
                // A pointer that is gone already cannot be captured, and needs not be.
                let _ = area.set_pointer_capture(event.pointer_id());
            }
            plot.press(place(&event), event.shift_key());
        }
    };
    let on_wheel = move |event: ev::WheelEvent| {
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            plot.wheel(place(&event), event.delta_y() < 0.0);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if plot.key(&event.key(), event.shift_key()) {
            event.prevent_default();
        }
    };
    view! {
        <section class="chart">
            <header class="chart-head">
                <h3>{title}</h3>
                <output class="chart-readout" aria-live="polite">
                    {move || plot.reading.with(|reading| reading.as_ref().map(|r| r.text.clone()))}
                </output>
                <Show when=move || plot.view.with(Option::is_some)>
                    <button r#type="button" class="link-btn" on:click=move |_| plot.look_at(None)>
                        {td_string!(locale, result.whole_chart)}
                    </button>
                </Show>
            </header>
            <div
                node_ref=area
                class="chart-area"
                tabindex="0"
                role="group"
                aria-label=td_string!(locale, result.chart_keys)
                title=td_string!(locale, result.chart_hint)
                on:pointerdown=on_down
                on:pointermove=move |event| plot.drag_to(place(&event))
                on:pointerup=move |_| plot.release()
                on:pointercancel=move |_| plot.drag.set(None)
                on:pointerleave=move |_| {
                    if plot.drag.get_untracked().is_none() {
                        plot.reading.set(None);
                    }
                }
                on:dblclick=move |_| plot.look_at(None)
                on:wheel=on_wheel
                on:keydown=on_key
                on:blur=move |_| plot.reading.set(None)
            >
                <svg
                    class="chart-svg"
                    role="img"
                    aria-label=sentence
                    viewBox=view_box
                    inner_html=move || drawing.with(|drawing| svg::marks(drawing, Looks::Classes))
                ></svg>
                <svg class="chart-svg chart-cursor" aria-hidden="true" viewBox=view_box>
                    {move || cursor(plot)}
                    {move || dragged(plot)}
                </svg>
            </div>
        </section>
    }
    .into_any()
}

fn cursor(plot: Plot) -> Option<impl IntoView> {
    let reading = plot.reading.get()?;
    let plot_area = plot.layout.get()?.0.plot;
    let x = reading.x.floor() + 0.5;
    let dots = reading
        .points
        .into_iter()
        .map(|(place, (x, y))| {
            let class = format!("d{} k", place % super::ink::MAX_SERIES + 1);
            view! { <circle class=class cx=x cy=y r="4"></circle> }
        })
        .collect_view();
    let line = format!("M{x} {}V{}", plot_area.top, plot_area.bottom);
    Some(view! { <path class="a" d=line></path>{dots} })
}

fn dragged(plot: Plot) -> Option<impl IntoView> {
    let Some(Drag::Box { from, to }) = plot.drag.get() else { return None };
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
            if now > 0.0 && width.try_get_untracked().is_some_and(|before| before != now) {
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
