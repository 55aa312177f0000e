//! A plotters backend that writes compact SVG: roles as classes or as light colours, neighbours of
//! one look in one path, relative coordinates in tenths of a pixel.

use super::{
    draw::BAND_ALPHA,
    ink::Ink,
    mark::TEXT_SIZE,
    text::{self, RAISED},
};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, text_anchor::HPos,
};
use std::{convert::Infallible, fmt::Write};

/// Backend units per pixel.
pub const SCALE: f64 = 10.0;
/// Lines from this width on are the main ones, units.
const MAIN_WIDTH: u32 = 20;
/// Rim of ground around a marker and a name, pixels.
const MARKER_RIM: f64 = 3.0;
const TEXT_RIM: f64 = 4.0;

/// How roles are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// As classes, for a page with our style sheet: light, dark and print from one drawing.
    Classes,
    /// As attributes with the colours of the light theme, for a file that stands alone.
    Light,
}

/// Writes the inside of an `<svg>` element into `out`.
#[derive(Debug)]
pub struct SvgBackend<'a> {
    out: &'a mut String,
    /// Units.
    size: (u32, u32),
    looks: Looks,
    pending: Option<Pending>,
}

/// A path that the next shape of the same look continues.
#[derive(Debug)]
struct Pending {
    attributes: String,
    path: String,
}

type Written = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> SvgBackend<'a> {
    /// `size` in pixels.
    #[must_use]
    pub fn new(out: &'a mut String, size: (f64, f64), looks: Looks) -> Self {
        let units = |pixels: f64| (pixels * SCALE).ceil().max(1.0) as u32;
        Self {
            out,
            size: (units(size.0), units(size.1)),
            looks,
            pending: None,
        }
    }

    fn shape(&mut self, attributes: String, path: &str) {
        match &mut self.pending {
            Some(pending) if pending.attributes == attributes => pending.path.push_str(path),
            _ => {
                self.flush();
                self.pending = Some(Pending {
                    attributes,
                    path: path.to_owned(),
                });
            }
        }
    }

    fn flush(&mut self) {
        if let Some(Pending { attributes, path }) = self.pending.take() {
            *self.out += &format!("<path {attributes} d=\"{path}\"/>");
        }
    }

    fn stroke(&self, ink: Ink, width: u32) -> String {
        if self.looks == Looks::Classes {
            let main = if width >= MAIN_WIDTH { " w" } else { "" };
            return format!("class=\"{}{main}\"", ink.stroke_class());
        }
        let width = f64::from(width) / SCALE;
        let mut attributes = format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\"",
            ink.hex()
        );
        if !ink.dash().is_empty() {
            let dash: Vec<String> = ink.dash().iter().map(f64::to_string).collect();
            attributes += &format!(" stroke-dasharray=\"{}\"", dash.join(" "));
        }
        attributes
    }

    fn fill(&self, colour: BackendColor, rim: bool) -> String {
        let ink = Ink::of(colour.rgb);
        let faint = colour.alpha < 0.99;
        if self.looks == Looks::Classes {
            let more = if faint {
                " f"
            } else if rim {
                " k"
            } else {
                ""
            };
            return format!("class=\"{}{more}\"", ink.fill_class());
        }
        let mut attributes = format!("fill=\"{}\"", ink.hex());
        if faint {
            attributes += &format!(" fill-opacity=\"{BAND_ALPHA}\"");
        } else if rim {
            let ground = Ink::Ground.hex();
            attributes += &format!(
                " stroke=\"{ground}\" stroke-width=\"{MARKER_RIM}\" paint-order=\"stroke\""
            );
        }
        attributes
    }

    fn text_attributes(&self, ink: Ink, bold: bool, size: f64) -> String {
        let mut attributes = String::new();
        match self.looks {
            Looks::Classes => {
                let bold = if bold { " b" } else { "" };
                attributes += &format!(" class=\"{}{bold}\"", ink.fill_class());
            }
            Looks::Light => {
                attributes += &format!(" fill=\"{}\"", ink.hex());
                if bold {
                    attributes += " font-weight=\"600\"";
                }
            }
        }
        if (size - TEXT_SIZE).abs() > 0.01 {
            attributes += &format!(" font-size=\"{size}\"");
        }
        attributes
    }
}

impl DrawingBackend for SvgBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Written {
        Ok(())
    }

    fn present(&mut self) -> Written {
        self.flush();
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Written {
        let attributes = self.fill(color, false);
        self.shape(
            attributes,
            &polygon([(x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10)]),
        );
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Written {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Written {
        let attributes = self.stroke(Ink::of(style.color().rgb), style.stroke_width());
        self.shape(attributes, &line(path));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Written {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        let attributes = if fill {
            self.fill(style.color(), false)
        } else {
            self.stroke(Ink::of(style.color().rgb), style.stroke_width())
        };
        self.shape(attributes, &polygon(corners));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Written {
        let attributes = if fill {
            self.fill(style.color(), true)
        } else {
            self.stroke(Ink::of(style.color().rgb), style.stroke_width())
        };
        let mut path = String::from("M");
        let r = radius.cast_signed();
        push_pair(&mut path, x - r, y);
        let (radius, across) = (tenths(r), tenths(2 * r));
        path += &format!("a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0-{across} 0z");
        self.shape(attributes, &path);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Written {
        let attributes = self.fill(style.color(), true);
        self.shape(attributes, &polygon(vert));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        (x, y): BackendCoord,
    ) -> Written {
        self.flush();
        let size = style.size() / SCALE;
        let ink = Ink::of(style.color().rgb);
        let bold = matches!(style.style(), FontStyle::Bold);
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let place = format!("<text x=\"{}\" y=\"{}\"{anchor}", tenths(x), tenths(y));
        let attributes = self.text_attributes(ink, bold, size);
        let body = body(text, size);
        if self.looks == Looks::Light && ink == Ink::Label {
            // Not every program knows paint-order: the rim is a text of its own below.
            let ground = Ink::Ground.hex();
            *self.out += &format!(
                "{place}{attributes} stroke=\"{ground}\" stroke-width=\"{TEXT_RIM}\" \
                 stroke-linejoin=\"round\" aria-hidden=\"true\">{body}</text>"
            );
        }
        *self.out += &format!("{place}{attributes}>{body}</text>");
        Ok(())
    }
}

fn body(text: &str, size: f64) -> String {
    let mut body = String::new();
    let rise = (size * 0.33 * 10.0).round() / 10.0;
    let mut raised = false;
    for run in text::runs(text) {
        let shown = escaped(&run.text);
        body += &match (raised, run.raised) {
            (false, false) => shown,
            (_, true) => format!(
                "<tspan dy=\"-{rise}\" font-size=\"{}\">{shown}</tspan>",
                size * RAISED
            ),
            (true, false) => format!("<tspan dy=\"{rise}\">{shown}</tspan>"),
        };
        raised = run.raised;
    }
    body
}

/// Text as it stands between tags or in a quoted attribute.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            // Control characters are not XML.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

fn line(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut path = String::new();
    let mut last: Option<BackendCoord> = None;
    let mut command = ' ';
    for (x, y) in points {
        let Some((from_x, from_y)) = last else {
            path.push('M');
            push_pair(&mut path, x, y);
            last = Some((x, y));
            continue;
        };
        let (dx, dy) = (x - from_x, y - from_y);
        match (dx, dy) {
            (0, 0) => continue,
            (_, 0) => write_one(&mut path, &mut command, 'h', dx),
            (0, _) => write_one(&mut path, &mut command, 'v', dy),
            _ => {
                if command == 'l' {
                    separate(&mut path, dx);
                } else {
                    path.push('l');
                    command = 'l';
                }
                push_pair(&mut path, dx, dy);
            }
        }
        last = Some((x, y));
    }
    path
}

fn polygon(points: impl IntoIterator<Item = BackendCoord>) -> String {
    line(points) + "z"
}

fn write_one(path: &mut String, command: &mut char, letter: char, value: i32) {
    path.push(letter);
    *command = letter;
    path.push_str(&tenths(value));
}

fn push_pair(path: &mut String, x: i32, y: i32) {
    path.push_str(&tenths(x));
    separate(path, y);
    path.push_str(&tenths(y));
}

fn separate(path: &mut String, next: i32) {
    if next >= 0 {
        path.push(' ');
    }
}

/// Tenths of a pixel as pixels, as short as can be: `12`, `-.5`, `3.4`.
fn tenths(value: i32) -> String {
    let (whole, rest) = (value.unsigned_abs() / 10, value.unsigned_abs() % 10);
    let mut text = String::new();
    if value < 0 {
        text.push('-');
    }
    if whole > 0 || rest == 0 {
        let _ = write!(text, "{whole}");
    }
    if rest > 0 {
        let _ = write!(text, ".{rest}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_short() {
        assert_eq!(
            line([(0, 0), (100, 0), (105, -5), (110, 7)]),
            "M0 0h10l.5-.5 .5 1.2"
        );
        assert_eq!(tenths(-5), "-.5");
    }

    #[test]
    fn user_text_cannot_leave_its_element() {
        assert_eq!(
            body("a<script>&\"\u{0}", 12.0),
            "a&lt;script&gt;&amp;&quot; "
        );
    }
}
