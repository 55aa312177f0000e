//! The state of a chart that is read, zoomed and panned, apart from how it is shown.

use super::{
    geometry::Point,
    layout::{Frame, Layout, View, lay_out},
    mark::Drawing,
    multiples,
    readout::{self, Reading},
    viewport,
};
use domain::{Lang, chart::Chart};
use leptos::prelude::*;
use std::sync::Arc;

/// One step of the wheel.
const WHEEL_STEP: f64 = 1.2;
/// One press of a key that zooms, or a double click.
const KEY_STEP: f64 = 2.0;
/// What a pressed pointer does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drag {
    Box { from: Point, to: Point },
    Pan { last: Point },
}

/// The state of one chart on a page.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    chart: StoredValue<Arc<Chart>>,
    lang: Lang,
    pub width: RwSignal<f64>,
    pub view: RwSignal<Option<View>>,
    pub reading: RwSignal<Option<Reading>>,
    pub drag: RwSignal<Option<Drag>>,
    /// The fingers on the chart, at most two, by their pointers.
    fingers: StoredValue<Vec<(i32, Point)>>,
    /// Nothing for small multiples, which are not read this way.
    pub layout: Memo<Option<Shared>>,
}

/// A layout shared between the picture and the pointer; a new one is always different.
#[derive(Clone, Debug)]
pub struct Shared(pub Arc<Layout>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Plot {
    /// A chart drawn `width` pixels wide until somebody measures.
    pub fn new(chart: Arc<Chart>, lang: Lang, width: f64) -> Self {
        let width = RwSignal::new(width);
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
            fingers: StoredValue::new(Vec::new()),
            layout,
        }
    }

    pub fn drawing(self) -> Drawing {
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
        let found =
            self.with_layout(|chart, layout| readout::nearest(chart, layout, at, self.lang));
        self.reading.set(found.flatten());
    }

    pub fn look_at(self, view: Option<View>) {
        self.view.set(view);
        self.reading.set(None);
    }

    pub fn press(self, at: Point, shift: bool) {
        self.reading.set(None);
        self.drag.set(Some(if shift {
            Drag::Pan { last: at }
        } else {
            Drag::Box { from: at, to: at }
        }));
    }

    pub fn drag_to(self, at: Point) {
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

    pub fn release(self) {
        if let Some(Drag::Box { from, to }) = self.drag.get_untracked() {
            let view = self
                .with_layout(|_, layout| viewport::boxed(layout, from, to))
                .flatten();
            if view.is_some() {
                self.look_at(view);
            }
        }
        self.drag.set(None);
    }

    pub fn wheel(self, at: Point, up: bool) {
        let factor = if up { 1.0 / WHEEL_STEP } else { WHEEL_STEP };
        let view = self.with_layout(|_, layout| viewport::zoomed(layout, factor, at));
        self.look_at(view);
    }

    /// Twice as large about a place; the whole chart where it is larger already.
    pub fn double_click(self, at: Point) {
        if self.view.with_untracked(Option::is_some) {
            return self.look_at(None);
        }
        let view = self.with_layout(|_, layout| viewport::zoomed(layout, 1.0 / KEY_STEP, at));
        self.look_at(view);
    }

    pub fn touch(self, finger: i32, at: Point) {
        let first = self.fingers.try_update_value(|fingers| {
            fingers.retain(|(id, _)| *id != finger);
            if fingers.len() < 2 {
                fingers.push((finger, at));
            }
            fingers.len() == 1
        });
        if first == Some(true) {
            self.read(at);
        }
    }

    /// One finger reads, or moves a picture that is larger than its place; two zoom it.
    pub fn touch_to(self, finger: i32, at: Point) {
        let before = self.fingers.get_value();
        self.fingers.update_value(|fingers| {
            for (id, place) in fingers {
                if *id == finger {
                    *place = at;
                }
            }
        });
        let after = self.fingers.get_value();
        let view = match (&before[..], &after[..]) {
            ([(_, a), (_, b)], [(_, c), (_, d)]) => {
                self.with_layout(|_, layout| viewport::pinched(layout, [*a, *b], [*c, *d]))
            }
            ([(_, a)], [(_, b)]) if self.view.with_untracked(Option::is_some) => {
                self.with_layout(|_, layout| viewport::panned(layout, (b.0 - a.0, b.1 - a.1)))
            }
            _ => return self.read(at),
        };
        self.look_at(view);
    }

    pub fn lift(self, finger: i32) {
        self.fingers
            .update_value(|fingers| fingers.retain(|(id, _)| *id != finger));
    }

    /// Answers whether the key meant something here.
    pub fn key(self, key: &str, shift: bool) -> bool {
        let stride = if shift { 10 } else { 1 };
        let index = self
            .reading
            .with_untracked(|reading| reading.as_ref().map(|r| r.index));
        let (from, step) = match (key, index) {
            ("+" | "=", _) => return self.zoom_at_cursor(1.0 / KEY_STEP),
            ("-", _) => return self.zoom_at_cursor(KEY_STEP),
            ("0", _) => {
                self.look_at(None);
                return true;
            }
            ("ArrowRight", Some(index)) => (index, stride),
            ("ArrowLeft", Some(index)) => (index, -stride),
            ("ArrowRight" | "ArrowLeft" | "Home", _) => (0, 0),
            ("End", _) => (usize::MAX, -1),
            ("Escape", Some(_)) => {
                self.reading.set(None);
                return true;
            }
            _ => return false,
        };
        let found = self
            .stepped(from, step)
            .or_else(|| index.and_then(|_| self.past_the_edge(from, step)));
        if found.is_some() {
            self.reading.set(found);
        }
        true
    }

    fn stepped(self, from: usize, step: isize) -> Option<Reading> {
        self.with_layout(|chart, layout| readout::stepped(chart, layout, from, step, self.lang))?
    }

    /// The step after the picture was moved so that it has the next value in its middle; where
    /// nothing follows it stays.
    fn past_the_edge(self, from: usize, step: isize) -> Option<Reading> {
        let before = self.view.get_untracked()?;
        let moved = self.with_layout(|_, layout| {
            let middle = f64::midpoint(layout.plot.left, layout.plot.right);
            let next = readout::place_after(layout, from, step)?;
            Some(viewport::panned(layout, (middle - next, 0.0)))
        })??;
        self.view.set(Some(moved));
        let found = self.stepped(from, step);
        if found.is_none() {
            self.view.set(Some(before));
        }
        found
    }

    /// Zooms along x about what is read, else about the middle.
    fn zoom_at_cursor(self, factor: f64) -> bool {
        let reading = self.reading.get_untracked();
        let view = self.with_layout(|_, layout| {
            let middle = f64::midpoint(layout.plot.left, layout.plot.right);
            let at = reading.as_ref().map_or(middle, |reading| reading.x);
            viewport::zoomed_along(layout, factor, at)
        });
        self.look_at(view);
        let read_again = reading.and_then(|reading| {
            self.with_layout(|chart, layout| {
                readout::reading(chart, layout, reading.index, self.lang)
            })?
        });
        self.reading.set(read_again);
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
