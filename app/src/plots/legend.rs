//! The names of the series in a row above the plot, for where they find no place at their lines.

use super::{
    data::Plotted,
    geometry::Rect,
    ink::Ink,
    mark::{Anchor, Mark, TEXT_SIZE, TO_BASELINE, Text},
    text,
};
use domain::chart::{Chart, SeriesKind};

/// A series that needs its name shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Index among the plotted series.
    pub series: usize,
    pub place: usize,
    pub kind: SeriesKind,
    pub label: String,
    /// The first series leads.
    pub main: bool,
}

const SAMPLE: f64 = 28.0;
const SAMPLE_GAP: f64 = 8.0;
const ITEM_GAP: f64 = 24.0;
const ROW: f64 = 24.0;

/// Which series show their name: all of several; of one alone only what its axis does not say.
#[must_use]
pub fn names(chart: &Chart, all: &[Plotted]) -> Vec<Name> {
    let shown = || {
        all.iter()
            .enumerate()
            .filter(|(_, s)| !s.reference && !s.label.is_empty())
    };
    let alone = shown().count() == 1;
    shown()
        .filter(|(_, s)| !alone || (s.label != chart.y.label && s.label != chart.title))
        .map(|(series, s)| Name {
            series,
            place: s.place,
            kind: s.kind,
            label: s.label.clone(),
            main: s.place == 0 && !alone,
        })
        .collect()
}

/// A name with the place of its sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    name: Name,
    left: f64,
}

/// The names broken into rows of at most `width` pixels.
#[must_use]
pub fn rows(names: &[Name], width: f64) -> Vec<Vec<Item>> {
    let mut rows: Vec<Vec<Item>> = vec![Vec::new()];
    let mut left = 0.0;
    for name in names {
        let label = text::fitted(&name.label, TEXT_SIZE, width - SAMPLE - SAMPLE_GAP);
        let needs = SAMPLE + SAMPLE_GAP + text::width(&label, TEXT_SIZE);
        if left > 0.0 && left + needs > width {
            rows.push(Vec::new());
            left = 0.0;
        }
        let name = Name {
            label,
            ..name.clone()
        };
        if let Some(row) = rows.last_mut() {
            row.push(Item { name, left });
        }
        left += needs + ITEM_GAP;
    }
    rows
}

#[must_use]
pub fn height(rows: &[Vec<Item>]) -> f64 {
    rows.len() as f64 * ROW
}

/// Samples and names, the first row below `top`.
#[must_use]
pub fn marks(rows: &[Vec<Item>], top: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (row, items) in rows.iter().enumerate() {
        let middle = top + row as f64 * ROW + 8.0;
        for Item { name, left } in items {
            marks.push(sample(name, *left, middle));
            let at = (left + SAMPLE + SAMPLE_GAP, middle + TO_BASELINE);
            let label = Text::new(&*name.label, at, Anchor::Start, Ink::Label);
            marks.push(Mark::Text(label.bold(name.main)));
        }
    }
    marks
}

fn sample(name: &Name, left: f64, middle: f64) -> Mark {
    let ink = Ink::Series(name.place);
    let rect = |from: f64, to: f64| Rect {
        left: left + from,
        right: left + to,
        top: middle - 5.0,
        bottom: middle + 5.0,
    };
    match name.kind {
        SeriesKind::Line => Mark::Line {
            points: vec![(left, middle), (left + SAMPLE, middle)],
            ink,
            width: if name.main { 2.25 } else { 1.75 },
        },
        SeriesKind::Scatter => Mark::Marker {
            at: (left + SAMPLE / 2.0, middle),
            series: name.place,
        },
        SeriesKind::Bar => Mark::Bar {
            rect: rect(8.0, 20.0),
            ink,
        },
        SeriesKind::Band => {
            let Rect {
                left,
                right,
                top,
                bottom,
            } = rect(0.0, SAMPLE);
            Mark::Area {
                points: vec![(left, top), (right, top), (right, bottom), (left, bottom)],
                ink,
            }
        }
    }
}
