//! Lays a chart out: which room the names, labels and the plot itself get, and the marks that draw
//! it. Pure: pixels in, marks out, the same on the server and in the browser.

use super::{
    axis::{Axis, Span, Tick},
    data::{self, Plotted},
    furniture::reference_name,
    geometry::Rect,
    ink::Ink,
    labels, legend,
    mark::{Anchor, Drawing, Mark, TEXT_SIZE, Text},
    series, text,
    ticks::MAX_TICKS,
};
use domain::{
    Lang,
    chart::{Chart, Scale},
};

/// The room a chart is drawn in and what to show of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Pixels.
    pub width: f64,
    pub height: f64,
    /// Whether the drawing names itself; on a page its heading does.
    pub title: bool,
    pub lang: Lang,
    /// The part that the reader chose by zooming.
    pub view: Option<View>,
    /// A range of y that several charts share.
    pub y: Option<Span>,
}

/// Ranges of x and y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub x: (f64, f64),
    pub y: (f64, f64),
}

/// A chart laid out: its drawing, and what a pointer needs to find its way back to the data.
#[derive(Clone, Debug)]
pub struct Layout {
    pub drawing: Drawing,
    pub plot: Rect,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Plotted>,
}

/// Below this width the names of reference lines stand above their lines, pixels.
pub const NARROW: f64 = 480.0;
pub const TITLE_SIZE: f64 = 15.0;
const TITLE_ROW: f64 = 30.0;
pub(super) const NAME_ROW: f64 = 24.0;
const BARE_TOP: f64 = 10.0;
const TICK_ROW: f64 = 24.0;
const X_NAME_ROW: f64 = 18.0;
pub(super) const LABEL_GAP: f64 = 8.0;
/// Distance of two ticks on a vertical axis, at least, pixels.
const Y_TICK_ROOM: f64 = 26.0;
/// Distance of two labels on a horizontal axis, at least, pixels.
const X_LABEL_GAP: f64 = 14.0;

/// Lays out a chart of at most six series; see `multiples` for more.
#[must_use]
pub fn lay_out(chart: &Chart, frame: &Frame) -> Layout {
    let all = data::plotted(chart);
    let names = legend::names(chart, &all);
    let mut layout = Layout::new(chart, frame, all, 0.0);
    if names.is_empty() {
        layout.finish(chart, frame);
        return layout;
    }
    if let Some(placed) = labels::at_lines(&layout, &names) {
        layout.finish(chart, frame);
        layout.drawing.marks.extend(placed);
        return layout;
    }
    let rows = legend::rows(&names, frame.width);
    let mut layout = Layout::new(chart, frame, layout.series, legend::height(&rows));
    layout.finish(chart, frame);
    let top = if shows_title(chart, frame) {
        TITLE_ROW
    } else {
        0.0
    };
    layout.drawing.marks.extend(legend::marks(&rows, top));
    layout
}

fn shows_title(chart: &Chart, frame: &Frame) -> bool {
    frame.title && !chart.title.is_empty()
}

impl Layout {
    /// Decides the plot's rectangle and its axes.
    fn new(chart: &Chart, frame: &Frame, series: Vec<Plotted>, legend: f64) -> Self {
        let x_span = frame
            .view
            .map_or_else(|| data::x_span(chart, &series), |v| chosen(v.x));
        let y_span = frame.view.map_or_else(
            || frame.y.unwrap_or_else(|| data::y_span(chart, &series)),
            |v| chosen(v.y),
        );
        let mut top = legend;
        if shows_title(chart, frame) {
            top += TITLE_ROW;
        }
        let scaled = y_axis(chart, y_span, (0.0, -frame.height), frame.lang).exponent != 0;
        top += if has_y_name(chart) || scaled {
            NAME_ROW
        } else {
            BARE_TOP
        };
        let mut bottom = frame.height - TICK_ROW;
        if !chart.x.label.is_empty() || chart.x.unit.is_some() {
            bottom -= X_NAME_ROW;
        }
        let bottom = bottom.max(top + 20.0);
        let y = y_axis(chart, y_span, (bottom, top), frame.lang);
        let left = y.label_width(TEXT_SIZE).ceil() + LABEL_GAP;
        let margin = reference_margin(&series, frame);
        let right = (frame.width - margin).max(left + 20.0);
        let x = x_axis(chart, x_span, (left, right), frame);
        let (left, right) = with_room_for_labels(&x, left, right, frame.width);
        let x = x_axis(chart, x_span, (left, right), frame);
        Self {
            drawing: Drawing {
                width: frame.width,
                height: frame.height,
                marks: Vec::new(),
            },
            plot: Rect {
                left,
                top,
                right,
                bottom,
            },
            x,
            y,
            series,
        }
    }

    /// Adds every mark but the names of the series.
    fn finish(&mut self, chart: &Chart, frame: &Frame) {
        let mut marks = self.grid();
        marks.extend(series::areas(self));
        marks.extend(series::bars(self));
        marks.extend(self.baseline(data::categories(chart).is_none()));
        marks.extend(self.references(frame));
        marks.extend(series::lines(self));
        marks.extend(series::markers(self));
        marks.extend(self.tick_labels());
        marks.extend(self.names(chart));
        marks.extend(self.emptiness(frame.lang));
        if shows_title(chart, frame) {
            let title = text::fitted(&chart.title, TITLE_SIZE * 1.04, frame.width);
            let title = Text::new(title, (0.0, 15.0), Anchor::Start, Ink::Label);
            marks.push(Mark::Text(title.bold(true).sized(TITLE_SIZE)));
        }
        self.drawing.marks = marks;
    }
}

fn reference_margin(series: &[Plotted], frame: &Frame) -> f64 {
    if frame.width < NARROW {
        return 0.0;
    }
    series
        .iter()
        .filter(|s| s.reference)
        .filter_map(|s| {
            let (_, extent) = s.points.iter().flatten().next()?;
            let name = reference_name(&s.label, extent.low, frame.lang);
            Some((text::width(&name, TEXT_SIZE) + LABEL_GAP + 1.0).min(frame.width * 0.25))
        })
        .fold(0.0, f64::max)
}

fn chosen((low, high): (f64, f64)) -> Span {
    Span {
        low,
        high,
        chosen: true,
    }
}

fn has_y_name(chart: &Chart) -> bool {
    !chart.y.label.is_empty() || chart.y.unit.as_ref().is_some_and(|unit| !unit.is_empty())
}

fn y_axis(chart: &Chart, span: Span, pixels: (f64, f64), lang: Lang) -> Axis {
    let room = (pixels.0 - pixels.1).abs();
    let most = ((room / Y_TICK_ROOM) as usize + 1).min(MAX_TICKS);
    Axis::new(chart.y.scale, span, pixels, most, lang)
}

/// As many ticks as have room for their labels.
fn x_axis(chart: &Chart, span: Span, pixels: (f64, f64), frame: &Frame) -> Axis {
    if let Some(names) = data::categories(chart) {
        return category_axis(names, span, pixels);
    }
    let mut axis = Axis::new(chart.x.scale, span, pixels, MAX_TICKS, frame.lang);
    for most in (2..MAX_TICKS).rev() {
        if labels_fit(&axis) {
            break;
        }
        axis = Axis::new(chart.x.scale, span, pixels, most, frame.lang);
    }
    axis
}

fn labels_fit(axis: &Axis) -> bool {
    axis.ticks.windows(2).all(|pair| {
        let (Some(a), Some(b)) = (axis.place(pair[0].value), axis.place(pair[1].value)) else {
            return true;
        };
        let widths =
            text::width(&pair[0].label, TEXT_SIZE) + text::width(&pair[1].label, TEXT_SIZE);
        (b - a).abs() >= widths / 2.0 + X_LABEL_GAP
    })
}

/// Names under their places, cut to their room; where even that is too narrow, every n-th.
fn category_axis(names: &[String], span: Span, pixels: (f64, f64)) -> Axis {
    const NARROWEST: f64 = 34.0;
    let mut axis = Axis::new(Scale::Linear, span, pixels, 2, Lang::En);
    let slot = (pixels.1 - pixels.0) / (span.high - span.low);
    let widest = names
        .iter()
        .map(|n| text::width(n, TEXT_SIZE))
        .fold(0.0, f64::max);
    let wanted = (widest + X_LABEL_GAP).min(NARROWEST);
    let every = (wanted / slot.max(1e-6)).ceil().max(1.0) as usize;
    let room = slot * every as f64 - X_LABEL_GAP / 2.0;
    axis.exponent = 0;
    axis.ticks = names
        .iter()
        .enumerate()
        .filter(|(index, _)| index % every == 0)
        .filter(|(index, _)| (span.low..=span.high).contains(&(*index as f64)))
        .map(|(index, name)| Tick {
            value: index as f64,
            label: text::fitted(name, TEXT_SIZE, room),
        })
        .collect();
    axis
}

/// Moves the ends of the axis inwards until half of the outer labels fits into the drawing.
fn with_room_for_labels(axis: &Axis, left: f64, right: f64, width: f64) -> (f64, f64) {
    let (mut new_left, mut new_right) = (left, right);
    for tick in &axis.ticks {
        let Some(place) = axis.place(tick.value) else {
            continue;
        };
        let half = text::width(&tick.label, TEXT_SIZE) / 2.0;
        new_left = new_left.max(left + (half - place).max(0.0).ceil());
        new_right = new_right.min(right - (place + half - width).max(0.0).ceil());
    }
    (new_left, new_right.max(new_left + 20.0))
}
