//! Draws a finished layout with plotters, on whatever surface a plotters backend offers.

use super::{
    ink::{Ink, Marker, marker},
    mark::{Anchor, Drawing, Mark, Text},
};
use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    element::{Circle, PathElement, Polygon, Rectangle},
    style::{
        Color, FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use plotters_backend::DrawingBackend;

/// How much of its series' colour a band shows.
pub const BAND_ALPHA: f64 = 0.13;
/// The face of every text.
pub const FACE: &str = "IBM Plex Sans";

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Draws every mark. `scale` is the backend's units per pixel of the drawing: plotters counts in
/// whole units, and a curve needs finer steps than pixels.
///
/// A text's anchor is its baseline, whatever plotters' names say.
pub fn draw<DB: DrawingBackend>(drawing: &Drawing, backend: DB, scale: f64) -> Drawn<DB> {
    let area = backend.into_drawing_area();
    let painter = Painter { area: &area, scale };
    for mark in &drawing.marks {
        painter.mark(mark)?;
    }
    area.present()
}

struct Painter<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    scale: f64,
}

impl<DB: DrawingBackend> Painter<'_, DB> {
    fn mark(&self, mark: &Mark) -> Drawn<DB> {
        match mark {
            Mark::Line { points, ink, width } => {
                let style = ShapeStyle {
                    color: colour(*ink),
                    filled: false,
                    stroke_width: self.units(*width).unsigned_abs(),
                };
                self.area.draw(&PathElement::new(self.all(points), style))
            }
            Mark::Area { points, ink } => {
                let style = ink.light().mix(BAND_ALPHA).filled();
                self.area.draw(&Polygon::new(self.all(points), style))
            }
            Mark::Bar { rect, ink } => {
                let corners = [(rect.left, rect.top), (rect.right, rect.bottom)];
                self.area.draw(&Rectangle::new(
                    corners.map(|corner| self.at(corner)),
                    colour(*ink).filled(),
                ))
            }
            Mark::Marker { at, series } => self.marker(*at, *series),
            Mark::Text(text) => self.text(text),
        }
    }

    fn marker(&self, at: (f64, f64), series: usize) -> Drawn<DB> {
        let style = colour(Ink::Series(series)).filled();
        match marker(series) {
            Marker::Circle(radius) => {
                self.area
                    .draw(&Circle::new(self.at(at), self.units(radius), style))
            }
            Marker::Polygon(corners) => {
                let corners = corners
                    .iter()
                    .map(|(dx, dy)| self.at((at.0 + dx, at.1 + dy)));
                self.area
                    .draw(&Polygon::new(corners.collect::<Vec<_>>(), style))
            }
        }
    }

    fn text(&self, text: &Text) -> Drawn<DB> {
        let weight = if text.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let font = FontDesc::new(FontFamily::Name(FACE), text.size * self.scale, weight);
        let across = match text.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let ink = colour(text.ink);
        let style = TextStyle::from(font)
            .color(&ink)
            .pos(Pos::new(across, VPos::Bottom));
        self.area.draw_text(&text.text, &style, self.at(text.at))
    }

    fn all(&self, points: &[(f64, f64)]) -> Vec<(i32, i32)> {
        points.iter().map(|&point| self.at(point)).collect()
    }

    fn at(&self, (x, y): (f64, f64)) -> (i32, i32) {
        (self.units(x), self.units(y))
    }

    fn units(&self, pixels: f64) -> i32 {
        (pixels * self.scale).round() as i32
    }
}

fn colour(ink: Ink) -> RGBAColor {
    ink.light().to_rgba()
}
