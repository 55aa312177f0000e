//! What a stroke or a filling stands for. A drawing names roles; each surface gives a role its
//! looks: the page by CSS classes, a download and a bitmap by the colours of the light theme.
//!
//! plotters carries a colour from element to backend and nothing else, so a role travels as its
//! light colour; all of them differ.

use plotters::style::RGBColor;

/// A chart with more series than this becomes small multiples.
pub const MAX_SERIES: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// A series by its place, from 0; wraps after [`MAX_SERIES`].
    Series(usize),
    /// Horizontal grid.
    Grid,
    /// Baseline and ticks.
    Axis,
    /// Reference lines, dotted; also units beside a name.
    Faint,
    /// Zero line of a miniature.
    Zero,
    /// Names of axes, tick labels.
    Name,
    /// Names of series, title.
    Label,
    /// What lies behind everything: the rim of a marker.
    Ground,
    /// The series of a miniature whose last run did not complete.
    Quiet,
}

/// The six series in their order: light colour and dash pattern, pixels.
const SERIES: [(RGBColor, &[f64]); MAX_SERIES] = [
    (RGBColor(0x21, 0x52, 0xC8), &[]),
    (RGBColor(0xAD, 0x3E, 0x00), &[7.0, 4.0]),
    (RGBColor(0x4F, 0xA0, 0x85), &[9.0, 3.0, 2.0, 3.0]),
    (RGBColor(0x5D, 0x18, 0x56), &[3.5, 2.5]),
    (RGBColor(0xAC, 0x8A, 0x2A), &[14.0, 4.0]),
    (RGBColor(0x5F, 0x62, 0x65), &[9.0, 3.0, 2.0, 3.0, 2.0, 3.0]),
];

/// Every role but the series, with its light colour and its class.
const OTHERS: [(Ink, RGBColor, &str); 8] = [
    (Ink::Grid, RGBColor(0xE2, 0xE5, 0xE8), "g"),
    (Ink::Axis, RGBColor(0x86, 0x8E, 0x96), "a"),
    (Ink::Faint, RGBColor(0x61, 0x69, 0x71), "u"),
    (Ink::Zero, RGBColor(0xC8, 0xCD, 0xD2), "z"),
    (Ink::Name, RGBColor(0x47, 0x4F, 0x57), "n"),
    (Ink::Label, RGBColor(0x15, 0x18, 0x1B), "l"),
    (Ink::Ground, RGBColor(0xFF, 0xFF, 0xFF), "k"),
    (Ink::Quiet, RGBColor(0x62, 0x6A, 0x72), "q"),
];

impl Ink {
    /// The colour in the light theme, which is also how the role travels through plotters.
    #[must_use]
    pub fn light(self) -> RGBColor {
        match self {
            Self::Series(index) => SERIES[index % MAX_SERIES].0,
            other => OTHERS
                .iter()
                .find(|(ink, ..)| *ink == other)
                .map_or(RGBColor(0, 0, 0), |(_, colour, _)| *colour),
        }
    }

    /// The role behind a colour that went through plotters.
    #[must_use]
    pub fn of(rgb: (u8, u8, u8)) -> Self {
        let same = |colour: &RGBColor| (colour.0, colour.1, colour.2) == rgb;
        if let Some(index) = SERIES.iter().position(|(colour, _)| same(colour)) {
            return Self::Series(index);
        }
        OTHERS
            .iter()
            .find(|(_, colour, _)| same(colour))
            .map_or(Self::Label, |(ink, ..)| *ink)
    }

    /// The class of a line: `c1` to `c6` for a series.
    #[must_use]
    pub fn stroke_class(self) -> String {
        match self {
            Self::Series(index) => format!("c{}", index % MAX_SERIES + 1),
            Self::Faint => "r".to_owned(),
            other => other.class().to_owned(),
        }
    }

    /// The class of a filling or a text: `d1` to `d6` for a series.
    #[must_use]
    pub fn fill_class(self) -> String {
        match self {
            Self::Series(index) => format!("d{}", index % MAX_SERIES + 1),
            other => other.class().to_owned(),
        }
    }

    fn class(self) -> &'static str {
        OTHERS
            .iter()
            .find(|(ink, ..)| *ink == self)
            .map_or("l", |(.., class)| *class)
    }

    /// Lengths of strokes and gaps in turn, pixels; empty for a solid line.
    #[must_use]
    pub fn dash(self) -> &'static [f64] {
        match self {
            Self::Series(index) => SERIES[index % MAX_SERIES].1,
            Self::Faint => &[1.0, 3.0],
            _ => &[],
        }
    }

    /// `#2152C8`, for drawings that cannot rely on the page's style sheet.
    #[must_use]
    pub fn hex(self) -> String {
        let RGBColor(r, g, b) = self.light();
        format!("#{r:02X}{g:02X}{b:02X}")
    }
}

/// The outline of a series' marker, as offsets from its centre in pixels; a circle is drawn as one.
#[must_use]
pub fn marker(series: usize) -> Marker {
    match series % MAX_SERIES {
        0 => Marker::Circle(4.0),
        1 => Marker::Polygon(&[(-3.6, -3.6), (3.6, -3.6), (3.6, 3.6), (-3.6, 3.6)]),
        2 => Marker::Polygon(&[(0.0, -4.8), (4.5, 3.6), (-4.5, 3.6)]),
        3 => Marker::Polygon(&[(0.0, -5.0), (5.0, 0.0), (0.0, 5.0), (-5.0, 0.0)]),
        4 => Marker::Polygon(&[(0.0, 4.8), (4.5, -3.6), (-4.5, -3.6)]),
        _ => Marker::Polygon(&[
            (-4.3, -2.9),
            (-2.9, -4.3),
            (0.0, -1.4),
            (2.9, -4.3),
            (4.3, -2.9),
            (1.4, 0.0),
            (4.3, 2.9),
            (2.9, 4.3),
            (0.0, 1.4),
            (-2.9, 4.3),
            (-4.3, 2.9),
            (-1.4, 0.0),
        ]),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Marker {
    /// Radius, pixels.
    Circle(f64),
    Polygon(&'static [(f64, f64)]),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_survives_the_way_through_a_colour() {
        let series = (0..MAX_SERIES).map(Ink::Series);
        for ink in series.chain(OTHERS.iter().map(|(ink, ..)| *ink)) {
            let RGBColor(r, g, b) = ink.light();
            assert_eq!(Ink::of((r, g, b)), ink);
        }
    }
}
