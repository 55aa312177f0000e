//! A chart as SVG: inside a page, where the style sheet colours it, and as a file of its own.

use super::{
    draw::{self, FACE},
    layout::Frame,
    mark::{Drawing, TEXT_SIZE},
    multiples,
    svg_backend::{Looks, SCALE, SvgBackend, escaped},
};
use domain::{Lang, chart::Chart};

/// Width of a chart in a file of its own, pixels.
const DOCUMENT_WIDTH: f64 = 720.0;
/// Room around it, pixels.
const DOCUMENT_MARGIN: f64 = 20.0;

/// The marks of a drawing as the inside of an `<svg>` element.
#[must_use]
pub fn marks(drawing: &Drawing, looks: Looks) -> String {
    let mut out = String::new();
    let backend = SvgBackend::new(&mut out, (drawing.width, drawing.height), looks);
    match draw::draw(drawing, backend, SCALE) {
        Ok(()) => out,
        // Writing into a string cannot fail; plotters' error type does not know that.
        Err(_) => String::new(),
    }
}

/// A whole `<svg>` element for a page, as wide as its container at most.
#[must_use]
pub fn element(chart: &Chart, width: f64, lang: Lang) -> String {
    let frame = Frame {
        width,
        height: multiples::natural_height(chart, width),
        title: false,
        lang,
        view: None,
        y: None,
    };
    let name = escaped(&super::describe::sentence(chart, lang));
    let inside = marks(&multiples::drawing(chart, &frame), Looks::Classes);
    format!(
        "<svg class=\"chart-svg\" role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\">{inside}</svg>",
        height = frame.height,
    )
}

/// A stand-alone SVG file with the colours of the light theme written in.
#[must_use]
pub fn document(chart: &Chart, lang: Lang) -> String {
    let title_row = if chart.title.is_empty() { 0.0 } else { 30.0 };
    let frame = Frame {
        width: DOCUMENT_WIDTH,
        height: multiples::natural_height(chart, DOCUMENT_WIDTH) + title_row,
        title: true,
        lang,
        view: None,
        y: None,
    };
    let (width, height) = (
        frame.width + 2.0 * DOCUMENT_MARGIN,
        frame.height + 2.0 * DOCUMENT_MARGIN,
    );
    let name = escaped(&super::describe::sentence(chart, lang));
    let inside = marks(&multiples::drawing(chart, &frame), Looks::Light);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"'{FACE}', 'Helvetica Neue', Arial, sans-serif\" \
         font-size=\"{TEXT_SIZE}\" stroke-linejoin=\"round\"><title>{name}</title>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\
         <g transform=\"translate({DOCUMENT_MARGIN} {DOCUMENT_MARGIN})\">{inside}</g></svg>\n"
    )
}
