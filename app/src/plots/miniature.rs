//! A chart reduced to its shape, for lists: no axes, a zero line, at most two series.

use super::{
    geometry::{Point, thinned},
    ink::Ink,
    mark::{Drawing, Mark},
    svg,
    svg_backend::Looks,
};
use domain::run;
use leptos::prelude::*;

const LINE: f64 = 1.4;
/// Room for half a line's width, pixels.
const MARGIN: f64 = 1.5;

/// The drawing of a miniature; `quiet` draws it in grey, because the last run did not complete.
#[must_use]
pub fn drawing(miniature: &run::Miniature, (width, height): (f64, f64), quiet: bool) -> Drawing {
    let (x_low, x_high) = bounds(miniature.x.iter().copied());
    let values = miniature.series.iter().flatten().flatten().copied();
    let (low, high) = bounds(values);
    // Zero is shown where it is not far away.
    let low = if low > 0.0 && low < high * 0.6 {
        0.0
    } else {
        low
    };
    let high = if high < 0.0 && high > low * 0.6 {
        0.0
    } else {
        high
    };
    let place = |x: f64, y: f64| -> Option<Point> {
        let across = if x_high > x_low {
            (x - x_low) / (x_high - x_low)
        } else {
            0.5
        };
        let up = if high > low {
            (y - low) / (high - low)
        } else {
            0.5
        };
        let at = (
            MARGIN + across * (width - 2.0 * MARGIN),
            height - MARGIN - up * (height - 2.0 * MARGIN),
        );
        (at.0.is_finite() && at.1.is_finite()).then_some(at)
    };
    let mut marks = Vec::new();
    if low <= 0.0
        && high >= 0.0
        && let Some((_, y)) = place(x_low, 0.0)
    {
        let y = y.floor() + 0.5;
        marks.push(line(vec![(0.0, y), (width, y)], Ink::Zero, 1.0));
    }
    for (index, series) in miniature.series.iter().take(2).enumerate().rev() {
        let ink = if quiet {
            Ink::Quiet
        } else {
            Ink::Series(index)
        };
        let points: Vec<Option<Point>> = miniature
            .x
            .iter()
            .zip(series)
            .map(|(&x, y)| place(x, (*y)?))
            .collect();
        for stretch in points.split(Option::is_none).filter(|s| s.len() > 1) {
            let stretch = stretch.iter().flatten().copied().collect();
            marks.push(line(thinned(stretch), ink, LINE));
        }
    }
    Drawing {
        width,
        height,
        marks,
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        })
}

fn line(points: Vec<Point>, ink: Ink, width: f64) -> Mark {
    Mark::Line { points, ink, width }
}

/// A miniature as an image that says nothing to a screen reader: the row beside it does.
#[component]
pub fn Miniature(
    miniature: run::Miniature,
    /// Pixels.
    #[prop(default = 108.0)]
    width: f64,
    #[prop(default = 28.0)] height: f64,
    /// Grey, because the last run did not complete.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let inside = svg::marks(&drawing(&miniature, (width, height), quiet), Looks::Classes);
    view! {
        <svg
            class="chart-svg miniature"
            aria-hidden="true"
            width=width
            height=height
            viewBox=format!("0 0 {width} {height}")
            inner_html=inside
        ></svg>
    }
}
