//! Charts as PNG, by plotters' bitmap backend: downloads and the preview image of a share.
//!
//! Everything is drawn several times larger and averaged down, which smooths lines that plotters
//! draws with hard edges, and gives halves of pixels a meaning.

use super::{draw, geometry::Point, ink::Ink, mark::Drawing, text};
use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};
use plotters::backend::BitMapBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, text_anchor::HPos,
};
use thiserror::Error;

/// Pixels drawn for one of the picture, in each direction.
const FINENESS: u32 = 2;
/// Ascender to descender of IBM Plex Sans, ems: what a font's scale counts.
const FACE_HEIGHT: f64 = 1.3;
/// Rim of ground around markers and names, pixels.
const MARKER_RIM: f64 = 1.5;
const TEXT_RIM: f64 = 2.0;

static REGULAR: &[u8] = include_bytes!("../../fonts/IBMPlexSans-Regular.ttf");
static SEMIBOLD: &[u8] = include_bytes!("../../fonts/IBMPlexSans-SemiBold.ttf");

/// Why a picture could not be made.
#[derive(Debug, Error)]
pub enum BitmapError {
    #[error("the embedded fonts cannot be read")]
    Font(#[from] ab_glyph::InvalidFont),
    #[error("drawing failed: {0}")]
    Draw(String),
    #[error("encoding failed")]
    Encode(#[from] png::EncodingError),
}

/// Draws on white and encodes. The drawing's pixels become `zoom` pixels of the picture.
///
/// # Errors
/// Only when the fonts or the encoder fail, which no input can cause.
pub fn encode(drawing: &Drawing, zoom: f64) -> Result<Vec<u8>, BitmapError> {
    let faces = Faces {
        regular: FontRef::try_from_slice(REGULAR)?,
        semibold: FontRef::try_from_slice(SEMIBOLD)?,
    };
    let size = |pixels: f64| (pixels * zoom).round().max(1.0) as u32;
    let (width, height) = (size(drawing.width), size(drawing.height));
    let fine = (width * FINENESS, height * FINENESS);
    let mut buffer = vec![0xFF; fine.0 as usize * fine.1 as usize * 3];
    let scale = zoom * f64::from(FINENESS);
    let canvas = Canvas {
        faces,
        inner: BitMapBackend::with_buffer(&mut buffer, fine),
        scale,
    };
    draw::draw(drawing, canvas, scale).map_err(|error| BitmapError::Draw(error.to_string()))?;
    let pixels = averaged(&buffer, width, height);
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(out)
}

/// Each pixel the mean of its square.
fn averaged(fine: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (width, height, side) = (width as usize, height as usize, FINENESS as usize);
    let stride = width * side * 3;
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let mut sum = 0_usize;
                for row in 0..side {
                    let start = (y * side + row) * stride + x * side * 3 + channel;
                    sum += (0..side)
                        .map(|column| usize::from(fine[start + column * 3]))
                        .sum::<usize>();
                }
                pixels.push((sum / (side * side)) as u8);
            }
        }
    }
    pixels
}

struct Faces {
    regular: FontRef<'static>,
    semibold: FontRef<'static>,
}

/// plotters' bitmap with what a style sheet does for SVG: dashes, rims, and rounded line joins.
struct Canvas<'a> {
    faces: Faces,
    inner: BitMapBackend<'a>,
    /// Fine pixels per pixel of the drawing.
    scale: f64,
}

type Drawn<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> Canvas<'a> {
    fn stroke(&mut self, points: &[BackendCoord], width: f64, colour: BackendColor) -> Drawn<'a> {
        for pair in points.windows(2) {
            let (from, to) = (real(pair[0]), real(pair[1]));
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length < 0.5 {
                continue;
            }
            let (nx, ny) = (
                -(to.1 - from.1) / length * width / 2.0,
                (to.0 - from.0) / length * width / 2.0,
            );
            let corners = [
                (from.0 + nx, from.1 + ny),
                (to.0 + nx, to.1 + ny),
                (to.0 - nx, to.1 - ny),
                (from.0 - nx, from.1 - ny),
            ];
            self.inner.fill_polygon(corners.map(whole), &colour)?;
        }
        if width >= 3.0 && points.len() > 2 {
            let radius = (width / 2.0).floor() as u32;
            for &joint in &points[1..points.len() - 1] {
                self.inner.draw_circle(joint, radius, &colour, true)?;
            }
        }
        Ok(())
    }

    /// Draws glyphs that were put in line, moved by whole pixels. plotters' own text drawing leaves
    /// out the space before each glyph.
    fn glyphs(
        &mut self,
        bold: bool,
        glyphs: &[Glyph],
        by: BackendCoord,
        rgb: (u8, u8, u8),
    ) -> Drawn<'a> {
        let (width, height) = self.inner.get_size();
        let (width, height) = (width.cast_signed(), height.cast_signed());
        for glyph in glyphs {
            let face = if bold {
                &self.faces.semibold
            } else {
                &self.faces.regular
            };
            let Some(outline) = face.outline_glyph(glyph.clone()) else {
                continue;
            };
            let corner = outline.px_bounds().min;
            let corner = (corner.x as i32 + by.0, corner.y as i32 + by.1);
            let mut covered = Vec::new();
            outline.draw(|x, y, share| covered.push((x.cast_signed(), y.cast_signed(), share)));
            for (x, y, share) in covered {
                let (x, y) = (corner.0 + x, corner.1 + y);
                if x < 0 || y < 0 || x >= width || y >= height {
                    continue;
                }
                let alpha = f64::from(share.clamp(0.0, 1.0));
                self.inner.draw_pixel((x, y), BackendColor { alpha, rgb })?;
            }
        }
        Ok(())
    }
}

/// Puts a text's glyphs in line from x 0 on a baseline; returns them and the width.
fn in_line(face: &FontRef<'static>, text: &str, size: f64, baseline: f64) -> (Vec<Glyph>, f64) {
    let mut glyphs = Vec::new();
    let mut x = 0.0_f32;
    for run in text::runs(text) {
        let (em, rise) = if run.raised {
            (size * text::RAISED, size * 0.33)
        } else {
            (size, 0.0)
        };
        let scale = PxScale::from((em * FACE_HEIGHT) as f32);
        let scaled = face.as_scaled(scale);
        let mut last = None;
        for c in run.text.chars() {
            let id = face.glyph_id(c);
            if let Some(last) = last {
                x += scaled.kern(last, id);
            }
            let at = point(x, (baseline - rise) as f32);
            glyphs.push(id.with_scale_and_position(scale, at));
            x += scaled.h_advance(id);
            last = Some(id);
        }
    }
    (glyphs, f64::from(x))
}

impl<'a> DrawingBackend for Canvas<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.inner.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn<'a> {
        self.inner.draw_pixel(point, color)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn<'a> {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let width = f64::from(style.stroke_width());
        let dash: Vec<f64> = Ink::of(style.color().rgb)
            .dash()
            .iter()
            .map(|d| d * self.scale)
            .collect();
        if dash.is_empty() {
            return self.stroke(&points, width, style.color());
        }
        for part in dashed(&points, &dash) {
            self.stroke(&part, width, style.color())?;
        }
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        self.inner.draw_rect(from, to, style, fill)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        let rim = (MARKER_RIM * self.scale).round() as u32;
        self.inner
            .draw_circle(center, radius + rim, &ground(), true)?;
        self.inner.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn<'a> {
        let corners: Vec<BackendCoord> = vert.into_iter().collect();
        let colour = style.color();
        if colour.alpha > 0.99 {
            let mut outline = corners.clone();
            outline.extend(corners.first());
            self.stroke(&outline, 2.0 * MARKER_RIM * self.scale, ground())?;
        }
        self.inner.fill_polygon(corners, &colour)
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        at: BackendCoord,
    ) -> Drawn<'a> {
        let bold = matches!(style.style(), FontStyle::Bold);
        let face = if bold {
            &self.faces.semibold
        } else {
            &self.faces.regular
        };
        let (glyphs, width) = in_line(face, text, style.size(), f64::from(at.1));
        let shift = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => width / 2.0,
            HPos::Right => width,
        };
        let left = at.0 - shift.round() as i32;
        if Ink::of(style.color().rgb) == Ink::Label {
            let rim = (TEXT_RIM * self.scale).round() as i32;
            let slant = rim * 7 / 10;
            for (dx, dy) in [
                (-rim, 0),
                (rim, 0),
                (0, -rim),
                (0, rim),
                (-slant, -slant),
                (slant, slant),
                (-slant, slant),
                (slant, -slant),
            ] {
                self.glyphs(bold, &glyphs, (left + dx, dy), ground().rgb)?;
            }
        }
        self.glyphs(bold, &glyphs, (left, 0), style.color().rgb)
    }
}

fn ground() -> BackendColor {
    let ground = Ink::Ground.light();
    BackendColor {
        alpha: 1.0,
        rgb: (ground.0, ground.1, ground.2),
    }
}

fn real((x, y): BackendCoord) -> Point {
    (f64::from(x), f64::from(y))
}

fn whole((x, y): Point) -> BackendCoord {
    (x.round() as i32, y.round() as i32)
}

/// The strokes of a dashed line, without its gaps.
fn dashed(points: &[BackendCoord], pattern: &[f64]) -> Vec<Vec<BackendCoord>> {
    let mut parts = Vec::new();
    let mut part: Vec<BackendCoord> = points.first().copied().into_iter().collect();
    let (mut index, mut left) = (0, pattern[0]);
    for pair in points.windows(2) {
        let (from, to) = (real(pair[0]), real(pair[1]));
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut travelled = 0.0;
        while length - travelled > left {
            travelled += left;
            let t = travelled / length;
            let at = whole((from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1)));
            if index % 2 == 0 {
                part.push(at);
                parts.push(std::mem::take(&mut part));
            } else {
                part = vec![at];
            }
            index += 1;
            left = pattern[index % pattern.len()];
        }
        left -= length - travelled;
        if index % 2 == 0 {
            part.push(pair[1]);
        }
    }
    if part.len() > 1 {
        parts.push(part);
    }
    parts
}
