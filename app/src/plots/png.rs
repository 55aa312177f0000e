//! Pictures for downloads, and the preview that other programs show beside a shared link.

pub use super::bitmap::BitmapError;
use super::{
    bitmap,
    ink::{Ink, MAX_SERIES},
    layout::{self, Frame},
    mark::{Anchor, Drawing, Mark, Text},
    multiples, text,
};
use domain::{Lang, chart::Chart};

/// Size of a preview, pixels: what social networks and chat programs ask for.
pub const PREVIEW: (u32, u32) = (1200, 630);
/// Width of a downloaded chart, pixels.
pub const DOWNLOAD_WIDTH: u32 = 1440;
const MARGIN: f64 = 20.0;

/// A chart with its title on white, `width` by `height` pixels; `height` 0 takes what suits it.
///
/// # Errors
/// Only when the fonts or the encoder fail, which no input can cause.
pub fn render(chart: &Chart, width: u32, height: u32, lang: Lang) -> Result<Vec<u8>, BitmapError> {
    // Two pixels of the picture for one of the layout, as on a fine screen.
    const ZOOM: f64 = 2.0;
    let outer = f64::from(width.max(200)) / ZOOM;
    let inner = outer - 2.0 * MARGIN;
    let title_row = if chart.title.is_empty() { 0.0 } else { 30.0 };
    let room = match height {
        0 => multiples::natural_height(chart, inner) + title_row,
        given => (f64::from(given) / ZOOM - 2.0 * MARGIN).max(100.0),
    };
    let drawn = multiples::drawing(chart, &frame(inner, room, true, lang));
    let drawing = Drawing {
        width: outer,
        height: room + 2.0 * MARGIN,
        marks: moved(drawn.marks, MARGIN, MARGIN),
    };
    bitmap::encode(&drawing, ZOOM)
}

/// A line of a preview without a chart: what is known, its value, its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub label: String,
    pub value: String,
    pub unit: String,
}

/// What a preview shows.
#[derive(Clone, Debug)]
pub struct Preview<'a> {
    pub name: &'a str,
    /// The headline first; without a chart up to five are shown.
    pub facts: &'a [Fact],
    pub chart: Option<&'a Chart>,
    pub lang: Lang,
}

/// The preview image of a share, [`PREVIEW`] pixels.
///
/// # Errors
/// Only when the fonts or the encoder fail, which no input can cause.
pub fn preview(preview: &Preview) -> Result<Vec<u8>, BitmapError> {
    const ZOOM: f64 = 2.0;
    const EDGE: f64 = 28.0;
    let (width, height) = (f64::from(PREVIEW.0) / ZOOM, f64::from(PREVIEW.1) / ZOOM);
    let room = width - 2.0 * EDGE;
    let name = text::fitted(preview.name, 24.0 * 1.06, room - 72.0);
    let maker = Text::new("MecaPy", (width - EDGE, 46.0), Anchor::End, Ink::Faint);
    let mut marks = vec![
        line(&name, (EDGE, 46.0), 24.0, Ink::Label, true),
        Mark::Text(maker.sized(14.0)),
    ];
    let mut top = 64.0;
    let shown = if preview.chart.is_some() { 1 } else { 5 };
    for fact in preview.facts.iter().take(shown) {
        marks.extend(fact_marks(fact, EDGE, top + 14.0, room));
        top += 34.0;
    }
    if let Some(chart) = preview.chart {
        let frame = frame(room, height - top - 18.0, false, preview.lang);
        marks.extend(moved(
            multiples::drawing(&at_most_six(chart), &frame).marks,
            EDGE,
            top,
        ));
    }
    let drawing = Drawing {
        width,
        height,
        marks,
    };
    bitmap::encode(&drawing, ZOOM)
}

fn fact_marks(fact: &Fact, left: f64, baseline: f64, room: f64) -> Vec<Mark> {
    let label = text::fitted(&fact.label, 15.0, room * 0.6);
    let mut x = left;
    let mut marks = vec![line(&label, (x, baseline), 15.0, Ink::Name, false)];
    x += text::width(&label, 15.0) + 14.0;
    let value = text::fitted(&fact.value, 20.0, (left + room - x).max(40.0));
    marks.push(line(&value, (x, baseline), 20.0, Ink::Label, true));
    x += text::width(&value, 20.0) * 1.05 + 6.0;
    marks.push(line(&fact.unit, (x, baseline), 15.0, Ink::Faint, false));
    marks
}

/// Small multiples would be too small here.
fn at_most_six(chart: &Chart) -> Chart {
    let mut chart = chart.clone();
    chart.series.truncate(MAX_SERIES);
    chart
}

fn frame(width: f64, height: f64, title: bool, lang: Lang) -> layout::Frame {
    Frame {
        width,
        height,
        title,
        lang,
        view: None,
        y: None,
    }
}

fn moved(marks: Vec<Mark>, dx: f64, dy: f64) -> Vec<Mark> {
    marks.into_iter().map(|mark| mark.moved(dx, dy)).collect()
}

fn line(text: &str, at: (f64, f64), size: f64, ink: Ink, bold: bool) -> Mark {
    Mark::Text(
        Text::new(text, at, Anchor::Start, ink)
            .bold(bold)
            .sized(size),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chart::{Series, SeriesKind, SeriesValues, XValues};

    /// Width and height from a PNG's first chunk.
    fn size(png: &[u8]) -> (u32, u32) {
        let number =
            |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        assert_eq!(&png[1..4], b"PNG");
        (number(16), number(20))
    }

    #[test]
    fn pictures_have_the_size_asked_for_and_show_the_line() {
        let mut chart = Chart {
            title: "Deflection".to_owned(),
            ..Default::default()
        };
        chart.x.values = XValues::Numbers((0..50).map(|i| Some(f64::from(i))).collect());
        let bare = render(&chart, 600, 400, Lang::En).expect("drawn");
        chart.series.push(Series {
            label: "IPE 200".to_owned(),
            kind: SeriesKind::Line,
            values: SeriesValues::Single((0..50).map(|i| Some(f64::from(i * i))).collect()),
        });
        let drawn = render(&chart, 600, 400, Lang::En).expect("drawn");
        assert_eq!((size(&bare), size(&drawn)), ((600, 400), (600, 400)));
        assert_ne!(bare, drawn);

        let facts = [Fact {
            label: "Stress".to_owned(),
            value: "142.3".to_owned(),
            unit: "MPa".to_owned(),
        }];
        let image = preview(&Preview {
            name: "Bolt stress",
            facts: &facts,
            chart: Some(&chart),
            lang: Lang::En,
        });
        assert_eq!(size(&image.expect("drawn")), PREVIEW);
    }
}
