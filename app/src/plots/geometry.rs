//! Points, rectangles, and cutting lines and areas to a rectangle, so that no surface needs to clip.

pub type Point = (f64, f64);

/// Pixels, y downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    #[must_use]
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    #[must_use]
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    #[must_use]
    pub fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    #[must_use]
    pub fn holds(&self, (x, y): Point) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    #[must_use]
    pub fn encloses(&self, inner: &Self) -> bool {
        self.holds((inner.left, inner.top)) && self.holds((inner.right, inner.bottom))
    }

    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// The part of a segment inside, by Liang and Barsky.
    #[must_use]
    pub fn cut(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (run, room) in [
            (-dx, from.0 - self.left),
            (dx, self.right - from.0),
            (-dy, from.1 - self.top),
            (dy, self.bottom - from.1),
        ] {
            if run == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if run < 0.0 {
                enter = enter.max(room / run);
            } else {
                leave = leave.min(room / run);
            }
        }
        let at = |t: f64| (from.0 + t * dx, from.1 + t * dy);
        (enter <= leave).then(|| (at(enter), at(leave)))
    }
}

/// The parts of a line inside a rectangle.
#[must_use]
pub fn cut_line(points: &[Point], frame: &Rect) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((from, to)) = frame.cut(pair[0], pair[1]) else {
            open = false;
            continue;
        };
        match parts.last_mut() {
            Some(part) if open => part.push(to),
            _ => parts.push(vec![from, to]),
        }
        // The next segment continues this part only when this one was not cut at its end.
        open = to == pair[1];
    }
    parts
}

/// The part of an area inside a rectangle, by Sutherland and Hodgman.
#[must_use]
pub fn cut_area(points: &[Point], frame: &Rect) -> Vec<Point> {
    type Inside = fn(&Rect, Point) -> bool;
    type Edge = fn(&Rect, Point, Point) -> Point;
    let sides: [(Inside, Edge); 4] = [
        (|r, p| p.0 >= r.left, |r, a, b| at_x(a, b, r.left)),
        (|r, p| p.0 <= r.right, |r, a, b| at_x(a, b, r.right)),
        (|r, p| p.1 >= r.top, |r, a, b| at_y(a, b, r.top)),
        (|r, p| p.1 <= r.bottom, |r, a, b| at_y(a, b, r.bottom)),
    ];
    let mut area = points.to_vec();
    for (inside, edge) in sides {
        let Some(&last) = area.last() else { break };
        let mut cut = Vec::with_capacity(area.len() + 4);
        let mut from = last;
        for &to in &area {
            if inside(frame, to) != inside(frame, from) {
                cut.push(edge(frame, from, to));
            }
            if inside(frame, to) {
                cut.push(to);
            }
            from = to;
        }
        area = cut;
    }
    area
}

fn at_x(a: Point, b: Point, x: f64) -> Point {
    (x, a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0))
}

fn at_y(a: Point, b: Point, y: f64) -> Point {
    (a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1), y)
}

/// A line of many points reduced to what a screen can show: of neighbours in one pixel column the
/// first, the lowest, the highest and the last stay, in their order.
#[must_use]
pub fn thinned(points: Vec<Point>) -> Vec<Point> {
    const ENOUGH: usize = 400;
    if points.len() <= ENOUGH {
        return points;
    }
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let by_height = |a: &(usize, &Point), b: &(usize, &Point)| a.1.1.total_cmp(&b.1.1);
        let lowest = column
            .iter()
            .enumerate()
            .min_by(by_height)
            .map_or(0, |(i, _)| i);
        let highest = column
            .iter()
            .enumerate()
            .max_by(by_height)
            .map_or(0, |(i, _)| i);
        let mut stay = [0, lowest, highest, column.len() - 1];
        stay.sort_unstable();
        for (place, index) in stay.into_iter().enumerate() {
            if place == 0 || stay[place - 1] != index {
                kept.push(column[index]);
            }
        }
    }
    kept
}

/// Markers reduced to one in each small square of the screen when there are very many.
#[must_use]
pub fn sparse(points: Vec<Point>) -> Vec<Point> {
    const ENOUGH: usize = 1500;
    const CELL: f64 = 3.0;
    if points.len() <= ENOUGH {
        return points;
    }
    let mut taken = std::collections::HashSet::new();
    points
        .into_iter()
        .filter(|(x, y)| taken.insert(((x / CELL) as i32, (y / CELL) as i32)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect {
        left: 0.0,
        top: 0.0,
        right: 10.0,
        bottom: 10.0,
    };

    #[test]
    fn a_line_that_leaves_and_returns_becomes_two_parts() {
        let line = [(1.0, 5.0), (5.0, 5.0), (5.0, -5.0), (8.0, -5.0), (8.0, 5.0)];
        let parts = cut_line(&line, &FRAME);
        assert_eq!(
            parts,
            [
                vec![(1.0, 5.0), (5.0, 5.0), (5.0, 0.0)],
                vec![(8.0, 0.0), (8.0, 5.0)]
            ]
        );
    }

    #[test]
    fn an_area_is_cut_at_the_frame() {
        let area = [(-5.0, 2.0), (15.0, 2.0), (15.0, 8.0), (-5.0, 8.0)];
        let cut = cut_area(&area, &FRAME);
        assert!(cut.iter().all(|&p| FRAME.holds(p)), "{cut:?}");
        assert!(
            cut.contains(&(0.0, 2.0)) && cut.contains(&(10.0, 8.0)),
            "{cut:?}"
        );
        assert!(cut_area(&[(20.0, 20.0), (30.0, 20.0), (30.0, 30.0)], &FRAME).is_empty());
    }

    #[test]
    fn a_long_line_keeps_its_peaks() {
        let mut points: Vec<Point> = (0..100_000).map(|i| (f64::from(i) / 200.0, 50.0)).collect();
        points[70_123].1 = 3.0;
        let kept = thinned(points);
        assert!(kept.len() < 2100, "{}", kept.len());
        assert!(kept.iter().any(|p| p.1 == 3.0));
    }
}
