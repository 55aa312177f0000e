//! Finds a free place at each line for its name; gives up as soon as one name finds none, and the
//! names go into a legend.

use super::{
    geometry::{Point, Rect},
    ink::Ink,
    layout::Layout,
    legend::Name,
    mark::{Anchor, Mark, TEXT_SIZE, TO_BASELINE, Text},
    text,
};
use domain::chart::SeriesKind;

/// Distance between a line and its own name, pixels.
const OWN_GAP: f64 = 7.0;
/// Distance that a name keeps from other lines, at least, pixels.
const OTHER_GAP: f64 = 5.0;
/// More distance than this is no better, pixels.
const CLEAR: f64 = 36.0;
/// Height of a name's box, pixels.
const HEIGHT: f64 = 14.0;
/// Places tried along a line.
const TRIED: usize = 48;

/// The names placed at their lines, or nothing when one of them would touch something.
#[must_use]
pub fn at_lines(layout: &Layout, names: &[Name]) -> Option<Vec<Mark>> {
    if names.iter().any(|name| name.kind != SeriesKind::Line) {
        return None;
    }
    let lines: Vec<Vec<Vec<Point>>> = layout
        .series
        .iter()
        .map(|series| {
            layout
                .visible_lines(series)
                .iter()
                .map(|line| coarse(line))
                .collect()
        })
        .collect();
    let mut taken: Vec<Rect> = Vec::new();
    let mut marks = Vec::new();
    for name in names {
        // A line scrolled out of sight needs no name.
        if lines[name.series].is_empty() {
            continue;
        }
        let spot = best_spot(layout, &lines, name, &taken)?;
        taken.push(spot);
        let at = (spot.left, (spot.top + spot.bottom) / 2.0 + TO_BASELINE);
        let label = Text::new(&*name.label, at, Anchor::Start, Ink::Label);
        marks.push(Mark::Text(label.bold(name.main)));
    }
    Some(marks)
}

/// Where the name of a horizontal line at `y` begins: above it where no other line is in the way,
/// else below, else at its left end.
#[must_use]
pub fn on_rule(layout: &Layout, name: &str, y: f64) -> Point {
    const STEPS: usize = 12;
    let width = text::width(name, TEXT_SIZE);
    let first = layout.plot.left + 5.0;
    let room = (layout.plot.width() - width - 10.0).max(0.0);
    let others = || layout.series.iter().filter(|s| !s.reference);
    let lines: Vec<Vec<Point>> = others().flat_map(|s| layout.visible_lines(s)).collect();
    for top in [y - HEIGHT - 2.0, y + 2.0] {
        for step in 0..=STEPS {
            let left = first + room * step as f64 / STEPS as f64;
            let spot = Rect {
                left,
                right: left + width,
                top,
                bottom: top + HEIGHT,
            };
            let free = !lines.iter().any(|line| touches(line, &spot.grown(2.0)));
            if free && layout.plot.encloses(&spot) {
                return (left, top + HEIGHT / 2.0 + TO_BASELINE);
            }
        }
    }
    (first, y - 5.0)
}

fn best_spot(
    layout: &Layout,
    lines: &[Vec<Vec<Point>>],
    name: &Name,
    taken: &[Rect],
) -> Option<Rect> {
    let width = text::width(&name.label, TEXT_SIZE) * if name.main { 1.03 } else { 1.0 };
    let own = &lines[name.series];
    let mut best: Option<(f64, Rect)> = None;
    for (at, along) in samples(own) {
        for spot in spots(at, width) {
            let crosses_own = || own.iter().any(|line| touches(line, &spot.grown(1.5)));
            if !layout.plot.encloses(&spot)
                || taken.iter().any(|other| other.overlaps(&spot.grown(4.0)))
                || crosses_own()
            {
                continue;
            }
            let others = lines
                .iter()
                .enumerate()
                .filter(|(index, _)| *index != name.series);
            let clearance = others
                .flat_map(|(_, parts)| parts)
                .map(|line| clearance(line, &spot))
                .fold(CLEAR, f64::min);
            if clearance < OTHER_GAP {
                continue;
            }
            // Rather in the middle of its line than at an end.
            let score = clearance - 24.0 * (along - 0.5).abs();
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, spot));
            }
        }
    }
    best.map(|(_, spot)| spot)
}

/// Boxes above, below, left and right of a point on the line.
fn spots((x, y): Point, width: f64) -> [Rect; 4] {
    let spot = |left: f64, top: f64| Rect {
        left,
        right: left + width,
        top,
        bottom: top + HEIGHT,
    };
    [
        spot(x - width / 2.0, y - OWN_GAP - HEIGHT + 2.0),
        spot(x - width / 2.0, y + OWN_GAP - 2.0),
        spot(x + OWN_GAP, y - HEIGHT / 2.0),
        spot(x - OWN_GAP - width, y - HEIGHT / 2.0),
    ]
}

/// Points along a line with how far along they are, from 0 to 1.
fn samples(parts: &[Vec<Point>]) -> Vec<(Point, f64)> {
    let length: f64 = parts
        .iter()
        .flat_map(|line| line.windows(2))
        .map(distance)
        .sum();
    let step = length / TRIED as f64;
    let (mut found, mut travelled, mut next) = (Vec::new(), 0.0, step / 2.0);
    for pair in parts.iter().flat_map(|line| line.windows(2)) {
        let run = distance(pair);
        while run > 0.0 && next <= travelled + run && found.len() < TRIED {
            let t = (next - travelled) / run;
            let at = (
                pair[0].0 + t * (pair[1].0 - pair[0].0),
                pair[0].1 + t * (pair[1].1 - pair[0].1),
            );
            found.push((at, next / length));
            next += step;
        }
        travelled += run;
    }
    found
}

fn distance(pair: &[Point]) -> f64 {
    (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1)
}

fn touches(line: &[Point], area: &Rect) -> bool {
    line.windows(2)
        .any(|pair| area.cut(pair[0], pair[1]).is_some())
}

/// How far a line stays away from a box, in steps fine enough for a choice.
fn clearance(line: &[Point], spot: &Rect) -> f64 {
    for gap in [0.0, OTHER_GAP, 9.0, 14.0, 20.0, 28.0, CLEAR] {
        if touches(line, &spot.grown(gap)) {
            return (gap - 1.0).max(0.0);
        }
    }
    CLEAR
}

/// The line with steps of a few pixels, which is enough to keep a name off it.
fn coarse(line: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for &point in line {
        if kept
            .last()
            .is_none_or(|&last| distance(&[last, point]) >= 3.0)
        {
            kept.push(point);
        }
    }
    if let (Some(&end), Some(&last)) = (line.last(), kept.last())
        && end != last
    {
        kept.push(end);
    }
    kept
}
