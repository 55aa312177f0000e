//! What stands around the data: grid, axes with their ticks and names, reference lines.

use super::{
    axis::{Axis, Tick},
    geometry::Rect,
    ink::Ink,
    labels,
    layout::{Frame, LABEL_GAP, Layout, NAME_ROW, NARROW},
    mark::{Anchor, Mark, TEXT_SIZE, TO_BASELINE, Text},
    text,
};
use domain::{
    Lang,
    chart::{Chart, Scale, SeriesKind},
    number,
};

const TICK: f64 = 4.0;
const UNIT_GAP: f64 = 6.0;

impl Layout {
    pub(super) fn grid(&self) -> Vec<Mark> {
        let Rect { left, right, .. } = self.plot;
        let horizontal = |tick: &Tick| {
            let y = crisp(self.y.place(tick.value)?);
            ((y - crisp(self.plot.bottom)).abs() > 0.5)
                .then(|| rule((left, y), (right, y), Ink::Grid))
        };
        self.y.ticks.iter().filter_map(horizontal).collect()
    }

    pub(super) fn baseline(&self, ticks: bool) -> Vec<Mark> {
        let Rect {
            left,
            right,
            bottom,
            ..
        } = self.plot;
        let y = crisp(bottom);
        let mut marks = vec![rule((left, y), (right, y), Ink::Axis)];
        let has_bars = self.series.iter().any(|s| s.kind == SeriesKind::Bar);
        if has_bars
            && self.y.scale == Scale::Linear
            && self.y.low < 0.0
            && let Some(zero) = self.y.place(0.0)
        {
            marks.push(rule((left, crisp(zero)), (right, crisp(zero)), Ink::Axis));
        }
        if ticks {
            marks.extend(self.x.ticks.iter().filter_map(|tick| {
                let x = crisp(self.x.place(tick.value)?);
                Some(rule((x, y), (x, y + TICK), Ink::Axis))
            }));
        }
        marks
    }

    pub(super) fn tick_labels(&self) -> Vec<Mark> {
        let Rect { left, bottom, .. } = self.plot;
        let y = self.y.ticks.iter().filter_map(|tick| {
            let at = (left - LABEL_GAP, self.y.place(tick.value)? + TO_BASELINE);
            Some(Mark::Text(Text::new(
                &*tick.label,
                at,
                Anchor::End,
                Ink::Name,
            )))
        });
        let x = self.x.ticks.iter().filter_map(|tick| {
            let at = (self.x.place(tick.value)?, bottom + 18.0);
            Some(Mark::Text(Text::new(
                &*tick.label,
                at,
                Anchor::Middle,
                Ink::Name,
            )))
        });
        y.chain(x).collect()
    }

    /// The names of the axes, y at the top left and x at the right end, each with its unit.
    pub(super) fn names(&self, chart: &Chart) -> Vec<Mark> {
        let mut marks = Vec::new();
        let unit = beside(&self.y, chart.y.unit.as_deref());
        let unit_width = text::width(&unit, TEXT_SIZE) + UNIT_GAP;
        let name = text::fitted(&chart.y.label, TEXT_SIZE, self.drawing.width - unit_width);
        let at = (0.0, self.plot.top - NAME_ROW + 11.0);
        let after = at.0
            + if name.is_empty() {
                0.0
            } else {
                text::width(&name, TEXT_SIZE) + UNIT_GAP
            };
        push(&mut marks, name, at, Anchor::Start, Ink::Name);
        push(&mut marks, unit, (after, at.1), Anchor::Start, Ink::Faint);

        let unit = beside(&self.x, chart.x.unit.as_deref());
        let unit_width = text::width(&unit, TEXT_SIZE) + UNIT_GAP;
        let at = (self.plot.right, self.plot.bottom + 35.0);
        let before = at.0 - if unit.is_empty() { 0.0 } else { unit_width };
        let name = text::fitted(&chart.x.label, TEXT_SIZE, before);
        push(&mut marks, name, (before, at.1), Anchor::End, Ink::Name);
        push(&mut marks, unit, at, Anchor::End, Ink::Faint);
        marks
    }

    /// Reference lines, dotted, named in the right margin, or above the line on a narrow screen.
    pub(super) fn references(&self, frame: &Frame) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut taken: Vec<f64> = Vec::new();
        for reference in self.series.iter().filter(|s| s.reference) {
            let Some(value) = reference.points.iter().flatten().map(|(_, e)| e.low).next() else {
                continue;
            };
            let Some(y) = self.y.place(value) else {
                continue;
            };
            if y < self.plot.top - 0.5 || y > self.plot.bottom + 0.5 {
                continue;
            }
            let y = crisp(y);
            marks.push(rule((self.plot.left, y), (self.plot.right, y), Ink::Faint));
            let name = reference_name(&reference.label, value, frame.lang);
            if frame.width < NARROW {
                let name = text::fitted(&name, TEXT_SIZE, self.plot.width());
                let at = labels::on_rule(self, &name, y);
                push(&mut marks, name, at, Anchor::Start, Ink::Label);
            } else {
                let at = (
                    self.plot.right + LABEL_GAP,
                    free(y, &mut taken) + TO_BASELINE,
                );
                let name = text::fitted(&name, TEXT_SIZE, (frame.width - at.0).max(20.0));
                push(&mut marks, name, at, Anchor::Start, Ink::Name);
            }
        }
        marks
    }

    /// Says that there is nothing to see, rather than showing bare axes.
    pub(super) fn emptiness(&self, lang: Lang) -> Option<Mark> {
        let empty = self
            .series
            .iter()
            .all(|s| s.points.iter().all(Option::is_none));
        let middle = (
            (self.plot.left + self.plot.right) / 2.0,
            (self.plot.top + self.plot.bottom) / 2.0 + TO_BASELINE,
        );
        let words = lang.pick("No values to draw", "Aucune valeur à tracer");
        empty.then(|| Mark::Text(Text::new(words, middle, Anchor::Middle, Ink::Faint)))
    }
}

/// A height not within a line of text of one already taken.
fn free(mut y: f64, taken: &mut Vec<f64>) -> f64 {
    const LINE: f64 = 14.0;
    while let Some(near) = taken.iter().find(|&&other| (other - y).abs() < LINE) {
        y = near + LINE;
    }
    taken.push(y);
    y
}

pub(super) fn reference_name(label: &str, value: f64, lang: Lang) -> String {
    let shown = number::format(value, lang).to_string();
    let said = label.contains(&shown) || label.contains(&number::exact(value));
    if said {
        label.to_owned()
    } else {
        format!("{label} {shown}").trim().to_owned()
    }
}

/// What stands beside an axis' name: its power of ten and its unit.
fn beside(axis: &Axis, unit: Option<&str>) -> String {
    let factor = axis.factor();
    match unit {
        Some(unit) if !factor.is_empty() && !unit.is_empty() => format!("{factor} {unit}"),
        Some(unit) if factor.is_empty() => unit.to_owned(),
        _ => factor,
    }
}

fn push(marks: &mut Vec<Mark>, text: String, at: (f64, f64), anchor: Anchor, ink: Ink) {
    if !text.is_empty() {
        marks.push(Mark::Text(Text::new(text, at, anchor, ink)));
    }
}

/// A hairline.
fn rule(from: (f64, f64), to: (f64, f64), ink: Ink) -> Mark {
    Mark::Line {
        points: vec![from, to],
        ink,
        width: 1.0,
    }
}

/// The middle of a pixel, where a hairline is sharp.
fn crisp(place: f64) -> f64 {
    place.floor() + 0.5
}
