//! What a laid-out chart consists of: marks in pixels, in the order they are drawn.

use super::{
    geometry::{Point, Rect},
    ink::Ink,
};

#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    Line {
        points: Vec<Point>,
        ink: Ink,
        /// Pixels.
        width: f64,
    },
    /// A filled area, as a band between two lines.
    Area {
        points: Vec<Point>,
        ink: Ink,
    },
    Bar {
        rect: Rect,
        ink: Ink,
    },
    /// The marker of a series, with a rim of ground.
    Marker {
        at: Point,
        series: usize,
    },
    Text(Text),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub text: String,
    /// Where its baseline begins, is centred or ends.
    pub at: Point,
    pub anchor: Anchor,
    pub ink: Ink,
    pub bold: bool,
    /// Pixels.
    pub size: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// Size of every text in a chart but its title, pixels.
pub const TEXT_SIZE: f64 = 12.0;
/// Distance from the middle of a line of text to its baseline, pixels.
pub const TO_BASELINE: f64 = 4.0;

impl Text {
    #[must_use]
    pub fn new(text: impl Into<String>, at: Point, anchor: Anchor, ink: Ink) -> Self {
        Self {
            text: text.into(),
            at,
            anchor,
            ink,
            bold: false,
            size: TEXT_SIZE,
        }
    }

    #[must_use]
    pub fn bold(mut self, bold: bool) -> Self {
        self.bold = bold;
        self
    }

    #[must_use]
    pub fn sized(mut self, size: f64) -> Self {
        self.size = size;
        self
    }
}

impl Mark {
    /// The same mark elsewhere.
    #[must_use]
    pub fn moved(mut self, dx: f64, dy: f64) -> Self {
        let shift = |point: &mut Point| *point = (point.0 + dx, point.1 + dy);
        match &mut self {
            Self::Line { points, .. } | Self::Area { points, .. } => {
                points.iter_mut().for_each(shift)
            }
            Self::Bar { rect, .. } => {
                rect.left += dx;
                rect.right += dx;
                rect.top += dy;
                rect.bottom += dy;
            }
            Self::Marker { at, .. } => shift(at),
            Self::Text(text) => shift(&mut text.at),
        }
        self
    }
}

/// A finished drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    pub width: f64,
    pub height: f64,
    pub marks: Vec<Mark>,
}
