//! Reading values off a chart: the point nearest to the pointer, and what is written about it.

use super::{
    data::{self, Plotted},
    geometry::Point,
    layout::Layout,
};
use domain::{
    Lang,
    chart::{Chart, SeriesKind},
    number,
};

/// Series that are written out; of more only the nearest are.
const WRITTEN: usize = 4;

/// One place in the data that a pointer or the arrows chose.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Index into the chart's x values.
    pub index: usize,
    /// Where the cursor line stands, pixels.
    pub x: f64,
    /// Where each series has its value: its place in the order of colours, and the pixel.
    pub points: Vec<(usize, Point)>,
    /// `100.0 µm, Bolt 34.83 kN`.
    pub text: String,
}

/// The reading nearest to a place in pixels: by x, or by distance where all is scattered.
#[must_use]
pub fn nearest(chart: &Chart, layout: &Layout, at: Point, lang: Lang) -> Option<Reading> {
    let scattered = layout.series.iter().all(|s| s.kind == SeriesKind::Scatter);
    let mut best: Option<(f64, usize)> = None;
    for series in layout.series.iter().filter(|s| !s.reference) {
        for (index, point) in series.points.iter().enumerate() {
            let Some((x, y)) = pixel(layout, point) else {
                continue;
            };
            let away = if scattered {
                (x - at.0).hypot(y - at.1)
            } else {
                (x - at.0).abs()
            };
            if best.is_none_or(|(least, _)| away < least) {
                best = Some((away, index));
            }
        }
    }
    reading(chart, layout, best?.1, lang)
}

/// The reading of one x value; nothing when no visible series has a value there.
#[must_use]
pub fn reading(chart: &Chart, layout: &Layout, index: usize, lang: Lang) -> Option<Reading> {
    let mut points = Vec::new();
    let mut parts = Vec::new();
    let mut place = None;
    let alone = layout.series.iter().filter(|s| !s.reference).count() == 1;
    for series in layout.series.iter().filter(|s| !s.reference) {
        let Some(point) = series.points.get(index) else {
            continue;
        };
        let (Some((x, extent)), Some(pixel)) = (*point, pixel(layout, point)) else {
            continue;
        };
        place.get_or_insert((x, pixel.0));
        if series.kind != SeriesKind::Band && series.kind != SeriesKind::Bar {
            points.push((series.place, pixel));
        }
        parts.push(value_text(chart, series, extent, alone, lang));
    }
    let (x, x_pixel) = place?;
    let hidden = parts.len().saturating_sub(WRITTEN);
    parts.truncate(WRITTEN);
    if hidden > 0 {
        parts.push("…".to_owned());
    }
    let x_text = match data::categories(chart) {
        Some(names) => names.get(index).cloned().unwrap_or_default(),
        None => with_unit(number::format(x, lang).to_string(), chart.x.unit.as_deref()),
    };
    let separator = lang.pick(", ", " ; ");
    Some(Reading {
        index,
        x: x_pixel,
        points,
        text: format!("{x_text}{separator}{}", parts.join(separator)),
    })
}

fn value_text(
    chart: &Chart,
    series: &Plotted,
    extent: data::Extent,
    alone: bool,
    lang: Lang,
) -> String {
    let shown = |value: f64| number::format(value, lang).to_string();
    let value = if series.kind == SeriesKind::Band {
        format!("{} – {}", shown(extent.low), shown(extent.high))
    } else {
        shown(extent.low)
    };
    let value = with_unit(value, chart.y.unit.as_deref());
    if alone || series.label.is_empty() {
        value
    } else {
        format!("{} {value}", series.label)
    }
}

fn with_unit(value: String, unit: Option<&str>) -> String {
    match unit {
        Some("%") => format!("{value}\u{202F}%"),
        Some(unit) if !unit.is_empty() => format!("{value} {unit}"),
        _ => value,
    }
}

/// Where a point stands, when it is visible.
fn pixel(layout: &Layout, point: &Option<(f64, data::Extent)>) -> Option<Point> {
    let (x, extent) = (*point)?;
    let at = (layout.x.place(x)?, layout.y.place(extent.high)?);
    let visible = at.0 >= layout.plot.left - 0.5 && at.0 <= layout.plot.right + 0.5;
    visible.then_some(at)
}

/// Where the value after a step stands along x, visible or not, pixels.
#[must_use]
pub fn place_after(layout: &Layout, from: usize, step: isize) -> Option<f64> {
    let points = layout
        .series
        .iter()
        .filter(|series| !series.reference)
        .map(|series| &series.points);
    let last = points.clone().map(Vec::len).max()?.checked_sub(1)?;
    let direction = if step < 0 { -1 } else { 1 };
    let start = from.saturating_add_signed(step).min(last);
    std::iter::successors(Some(start), |index| {
        index
            .checked_add_signed(direction)
            .filter(|next| *next <= last)
    })
    .find_map(|index| points.clone().find_map(|points| *points.get(index)?))
    .and_then(|(x, _)| layout.x.place(x))
}

/// The index after a step, past gaps, within the data.
#[must_use]
pub fn stepped(
    chart: &Chart,
    layout: &Layout,
    from: usize,
    step: isize,
    lang: Lang,
) -> Option<Reading> {
    let count = layout.series.iter().map(|s| s.points.len()).max()?;
    let last = count.checked_sub(1)?;
    let direction = if step < 0 { -1 } else { 1 };
    let mut index = from.saturating_add_signed(step).min(last);
    loop {
        if let Some(found) = reading(chart, layout, index, lang) {
            return Some(found);
        }
        let next = index
            .checked_add_signed(direction)
            .filter(|&next| next <= last)?;
        index = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::{
        layout::{Frame, lay_out},
        viewport,
    };
    use domain::chart::{Series, SeriesValues, XAxis, XValues, YAxis};

    fn line() -> (Chart, Layout) {
        let chart = Chart {
            title: String::new(),
            x: XAxis {
                unit: Some("µm".to_owned()),
                values: XValues::Numbers((0..=100).map(|i| Some(f64::from(i))).collect()),
                ..Default::default()
            },
            y: YAxis {
                unit: Some("kN".to_owned()),
                ..Default::default()
            },
            series: vec![Series {
                label: "Bolt".to_owned(),
                kind: SeriesKind::Line,
                values: SeriesValues::Single(
                    (0..=100)
                        .map(|i| (i != 51).then_some(f64::from(i) / 4.0))
                        .collect(),
                ),
            }],
        };
        let layout = lay_out(&chart, &frame(None));
        (chart, layout)
    }

    fn frame(view: Option<crate::plots::layout::View>) -> Frame {
        Frame {
            width: 600.0,
            height: 300.0,
            title: false,
            lang: Lang::En,
            view,
            y: None,
        }
    }

    #[test]
    fn the_pointer_reads_the_nearest_point_with_its_units() {
        let (chart, layout) = line();
        let x = layout.x.place(50.4).expect("on the axis");
        let found = nearest(&chart, &layout, (x, 10.0), Lang::En).expect("a point");
        assert_eq!(
            (found.index, found.text.as_str()),
            (50, "50.00 µm, 12.50 kN")
        );
    }

    #[test]
    fn arrows_step_over_gaps_and_stop_at_the_ends() {
        let (chart, layout) = line();
        let step = |from, by| stepped(&chart, &layout, from, by, Lang::En).map(|r| r.index);
        assert_eq!(
            (step(50, 1), step(52, -1), step(95, 10), step(3, -10)),
            (Some(52), Some(50), Some(100), Some(0))
        );
    }

    #[test]
    fn zooming_in_and_out_about_a_point_keeps_it_in_place() {
        let (chart, layout) = line();
        let at = (
            layout.x.place(40.0).expect("on the axis"),
            layout.y.place(10.0).expect("on the axis"),
        );
        let view = viewport::zoomed(&layout, 0.5, at);
        assert!((view.x.1 - view.x.0 - 50.0).abs() < 1e-9, "{view:?}");
        let closer = lay_out(&chart, &frame(Some(view)));
        let back = viewport::zoomed(
            &closer,
            2.0,
            (
                closer.x.place(40.0).expect("visible"),
                closer.y.place(10.0).expect("visible"),
            ),
        );
        assert!(
            (back.x.0 - layout.x.low).abs() < 1e-6 && (back.y.1 - layout.y.high).abs() < 1e-6,
            "{back:?}"
        );
    }

    #[test]
    fn two_fingers_keep_what_is_between_them() {
        let (_, layout) = line();
        let place = |x: f64| layout.x.place(x).expect("on the axis");
        let row = |x: f64| (place(x), 100.0);
        // Twice as far apart and carried from 40 to 50.
        let view = viewport::pinched(&layout, [row(30.0), row(50.0)], [row(30.0), row(70.0)]);
        assert!((view.x.1 - view.x.0 - 50.0).abs() < 1e-9, "{view:?}");
        let closer = lay_out(&line().0, &frame(Some(view)));
        let now = closer.x.place(40.0).expect("visible");
        let part = (now - closer.plot.left) / closer.plot.width();
        assert!((part - 0.5).abs() < 1e-6, "{part}");
    }

    #[test]
    fn zooming_along_x_keeps_the_range_of_y() {
        let (_, layout) = line();
        let view = viewport::zoomed_along(&layout, 0.5, layout.x.place(40.0).expect("visible"));
        assert_eq!(view.y, (layout.y.low, layout.y.high));
        assert!((view.x.1 - view.x.0 - 50.0).abs() < 1e-9, "{view:?}");
    }

    #[test]
    fn a_box_is_zoomed_to_and_a_click_is_no_box() {
        let (_, layout) = line();
        let place = |x: f64, y: f64| {
            (
                layout.x.place(x).expect("on the axis"),
                layout.y.place(y).expect("on the axis"),
            )
        };
        let view = viewport::boxed(&layout, place(20.0, 5.0), place(60.0, 20.0)).expect("a box");
        assert!(
            (view.x.0 - 20.0).abs() < 1e-9 && (view.y.1 - 20.0).abs() < 1e-9,
            "{view:?}"
        );
        assert_eq!(
            viewport::boxed(&layout, place(20.0, 5.0), place(20.5, 5.0)),
            None
        );
    }
}
