//! The marks of the data itself: bands, bars, lines and markers.

use super::{
    data::{self, Plotted},
    geometry::{Point, Rect, cut_area, cut_line, sparse, thinned},
    ink::Ink,
    layout::Layout,
    mark::Mark,
};
use domain::chart::{Scale, SeriesKind};

/// Width of a line, and of the first of three or more, to which the others compare; pixels.
const LINE: f64 = 1.75;
const MAIN_LINE: f64 = 2.25;
/// The part of a bar's slot that stays free.
const BAR_GAP: f64 = 0.2;

impl Layout {
    fn of_kind(&self, kind: SeriesKind) -> impl Iterator<Item = &Plotted> {
        self.series
            .iter()
            .filter(move |s| s.kind == kind && !s.reference)
    }

    /// Where the values of a series stand, in stretches without a gap; `end` picks an end of a band.
    pub(super) fn stretches(
        &self,
        series: &Plotted,
        end: fn(data::Extent) -> f64,
    ) -> Vec<Vec<Point>> {
        let placed = |point: &Option<(f64, data::Extent)>| {
            let (x, extent) = (*point)?;
            Some((self.x.place(x)?, self.y.place(end(extent))?))
        };
        let points: Vec<Option<Point>> = series.points.iter().map(placed).collect();
        points
            .split(Option::is_none)
            .filter(|stretch| !stretch.is_empty())
            .map(|stretch| stretch.iter().flatten().copied().collect())
            .collect()
    }

    /// The lines of a series as they are visible.
    pub(super) fn visible_lines(&self, series: &Plotted) -> Vec<Vec<Point>> {
        self.stretches(series, |extent| extent.low)
            .into_iter()
            .flat_map(|stretch| cut_line(&thinned(stretch), &self.plot))
            .collect()
    }
}

pub fn areas(layout: &Layout) -> Vec<Mark> {
    let mut marks = Vec::new();
    for band in layout.of_kind(SeriesKind::Band) {
        let low = layout.stretches(band, |extent| extent.low);
        let high = layout.stretches(band, |extent| extent.high);
        for (low, high) in low.into_iter().zip(high) {
            let outline: Vec<Point> = thinned(low)
                .into_iter()
                .chain(thinned(high).into_iter().rev())
                .collect();
            let points = cut_area(&outline, &layout.plot);
            if points.len() > 2 {
                marks.push(Mark::Area {
                    points,
                    ink: Ink::Series(band.place),
                });
            }
        }
    }
    marks
}

pub fn bars(layout: &Layout) -> Vec<Mark> {
    let Some(slot) = data::bar_width(&layout.series) else {
        return Vec::new();
    };
    let count = layout.of_kind(SeriesKind::Bar).count() as f64;
    let foot = match layout.y.scale {
        Scale::Linear => layout.y.place(0.0),
        Scale::Log => None,
    }
    .unwrap_or(layout.plot.bottom)
    .clamp(layout.plot.top, layout.plot.bottom);
    let mut marks = Vec::new();
    for (index, series) in layout.of_kind(SeriesKind::Bar).enumerate() {
        for (x, extent) in series.points.iter().flatten() {
            let edges = (
                layout.x.place(x - slot / 2.0),
                layout.x.place(x + slot / 2.0),
            );
            let (Some(left), Some(right)) = edges else {
                continue;
            };
            let Some(top) = layout.y.place(extent.high) else {
                continue;
            };
            let width = (right - left) * (1.0 - BAR_GAP) / count;
            let start = left + (right - left) * BAR_GAP / 2.0 + index as f64 * width;
            let rect = Rect {
                left: start.max(layout.plot.left),
                right: (start + width).min(layout.plot.right),
                top: top.min(foot).max(layout.plot.top),
                bottom: top.max(foot).min(layout.plot.bottom),
            };
            if rect.width() > 0.01 && rect.height() > 0.01 {
                marks.push(Mark::Bar {
                    rect,
                    ink: Ink::Series(series.place),
                });
            }
        }
    }
    marks
}

pub fn lines(layout: &Layout) -> Vec<Mark> {
    let count = layout.of_kind(SeriesKind::Line).count();
    let mut marks = Vec::new();
    // The first series is drawn last, over those it is compared with.
    let series: Vec<&Plotted> = layout.of_kind(SeriesKind::Line).collect();
    for line in series.into_iter().rev() {
        let main = count > 2 && line.place == 0;
        for points in layout.visible_lines(line) {
            marks.push(Mark::Line {
                points,
                ink: Ink::Series(line.place),
                width: if main { MAIN_LINE } else { LINE },
            });
        }
    }
    marks
}

/// The points of scatter series, and those points of lines that stand alone between gaps.
pub fn markers(layout: &Layout) -> Vec<Mark> {
    let mut marks = Vec::new();
    for series in layout.series.iter().filter(|s| !s.reference) {
        let points: Vec<Point> = match series.kind {
            SeriesKind::Scatter => layout
                .stretches(series, |e| e.low)
                .into_iter()
                .flatten()
                .collect(),
            SeriesKind::Line => layout
                .stretches(series, |e| e.low)
                .into_iter()
                .filter(|stretch| stretch.len() == 1)
                .flatten()
                .collect(),
            SeriesKind::Bar | SeriesKind::Band => continue,
        };
        let near = layout.plot.grown(0.5);
        let visible: Vec<Point> = points.into_iter().filter(|&at| near.holds(at)).collect();
        marks.extend(sparse(visible).into_iter().map(|at| Mark::Marker {
            at,
            series: series.place,
        }));
    }
    marks
}
