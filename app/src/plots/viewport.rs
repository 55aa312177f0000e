//! Zooming and panning, in pixels of the current layout: the same on linear and logarithmic axes.

use super::{
    axis::Axis,
    geometry::{Point, Rect},
    layout::{Layout, View},
};

/// A dragged box below this is a click, pixels.
const SMALLEST_BOX: f64 = 8.0;
/// A box flatter than this keeps the range of y, pixels.
const FLAT_BOX: f64 = 14.0;
/// Ranges narrower than this part of their values cannot be told apart.
const FINEST: f64 = 1e-9;

/// The view with every distance from `at` multiplied by `factor`: below 1 zooms in.
#[must_use]
pub fn zoomed(layout: &Layout, factor: f64, at: Point) -> View {
    carried(layout, factor, at, at)
}

/// The same along x alone.
#[must_use]
pub fn zoomed_along(layout: &Layout, factor: f64, x: f64) -> View {
    View {
        y: (layout.y.low, layout.y.high),
        ..zoomed(layout, factor, (x, layout.y.start))
    }
}

/// The view after two fingers moved: what was between them is still there.
#[must_use]
pub fn pinched(layout: &Layout, from: [Point; 2], to: [Point; 2]) -> View {
    let middle = |[a, b]: [Point; 2]| (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1));
    let apart = |[a, b]: [Point; 2]| (a.0 - b.0).hypot(a.1 - b.1).max(SMALLEST_BOX);
    carried(layout, apart(from) / apart(to), middle(from), middle(to))
}

/// The view with every distance from `from` multiplied by `factor`, and `from` carried to `to`.
fn carried(layout: &Layout, factor: f64, from: Point, to: Point) -> View {
    let stretch = |axis: &Axis, from: f64, to: f64| {
        let end = |place: f64| axis.value_at(from + (place - to) * factor);
        (end(axis.start), end(axis.end))
    };
    sound(
        layout,
        View {
            x: stretch(&layout.x, from.0, to.0),
            y: stretch(&layout.y, from.1, to.1),
        },
    )
}

/// The view after the picture was dragged by so many pixels.
#[must_use]
pub fn panned(layout: &Layout, (dx, dy): Point) -> View {
    let shift =
        |axis: &Axis, by: f64| (axis.value_at(axis.start - by), axis.value_at(axis.end - by));
    sound(
        layout,
        View {
            x: shift(&layout.x, dx),
            y: shift(&layout.y, dy),
        },
    )
}

/// The view of a dragged box; nothing when it is too small to be meant.
#[must_use]
pub fn boxed(layout: &Layout, from: Point, to: Point) -> Option<View> {
    let area = selection(layout, from, to)?;
    let view = View {
        x: (layout.x.value_at(area.left), layout.x.value_at(area.right)),
        y: (layout.y.value_at(area.bottom), layout.y.value_at(area.top)),
    };
    let sound = sound(layout, view);
    (sound == view).then_some(view)
}

/// The box as it is drawn: within the plot, over its whole height when it is flat.
#[must_use]
pub fn selection(layout: &Layout, from: Point, to: Point) -> Option<Rect> {
    let plot = &layout.plot;
    let within = |(x, y): Point| {
        (
            x.clamp(plot.left, plot.right),
            y.clamp(plot.top, plot.bottom),
        )
    };
    let (from, to) = (within(from), within(to));
    let mut area = Rect {
        left: from.0.min(to.0),
        right: from.0.max(to.0),
        top: from.1.min(to.1),
        bottom: from.1.max(to.1),
    };
    if area.height() < FLAT_BOX {
        (area.top, area.bottom) = (plot.top, plot.bottom);
    }
    (area.width() >= SMALLEST_BOX).then_some(area)
}

/// The view, or the present one where a range would be too fine or not finite.
fn sound(layout: &Layout, view: View) -> View {
    let usable = |(low, high): (f64, f64)| {
        let span = high - low;
        span.is_finite() && low.is_finite() && span > FINEST * low.abs().max(high.abs())
    };
    if usable(view.x) && usable(view.y) {
        return view;
    }
    View {
        x: (layout.x.low, layout.x.high),
        y: (layout.y.low, layout.y.high),
    }
}
