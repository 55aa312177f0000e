//! A chart of more series than there are colours becomes small multiples: one small chart for each
//! series, all over the same ranges.

use super::{
    data,
    ink::{Ink, MAX_SERIES},
    layout::{self, Frame},
    mark::{Anchor, Drawing, Mark, Text},
    text,
};
use domain::{Lang, chart::Chart};

/// Height of a chart on a page, least and most, pixels.
const HEIGHT: (f64, f64) = (250.0, 360.0);
/// One small chart: height, and least width, pixels.
const PANEL: (f64, f64) = (170.0, 150.0);
const GAP: f64 = 24.0;
/// Small charts that are drawn; the data of more is in the table.
const MAX_PANELS: usize = 24;
const NAME_ROW: f64 = 22.0;

#[must_use]
pub fn needed(chart: &Chart) -> bool {
    chart.series.len() > MAX_SERIES
}

/// The height that suits a chart of this width, pixels.
#[must_use]
pub fn natural_height(chart: &Chart, width: f64) -> f64 {
    if !needed(chart) {
        return (width * 0.72).clamp(HEIGHT.0, HEIGHT.1).round();
    }
    let shown = chart.series.len().min(MAX_PANELS);
    let rows = shown.div_ceil(columns(width)) as f64;
    let note = if chart.series.len() > MAX_PANELS {
        NAME_ROW
    } else {
        0.0
    };
    rows * (PANEL.0 + GAP) - GAP + note
}

fn columns(width: f64) -> usize {
    (((width + GAP) / (PANEL.1 + GAP)) as usize).clamp(1, 4)
}

/// Lays a chart out, in as many small charts as it needs.
#[must_use]
pub fn drawing(chart: &Chart, frame: &Frame) -> Drawing {
    if !needed(chart) {
        return layout::lay_out(chart, frame).drawing;
    }
    let mut marks = Vec::new();
    let mut top = 0.0;
    if frame.title && !chart.title.is_empty() {
        let title = Text::new(&*chart.title, (0.0, 15.0), Anchor::Start, Ink::Label);
        marks.push(Mark::Text(title.bold(true).sized(layout::TITLE_SIZE)));
        top = 30.0;
    }
    let columns = columns(frame.width);
    let shown = chart.series.len().min(MAX_PANELS);
    let rows = shown.div_ceil(columns);
    let note = if chart.series.len() > MAX_PANELS {
        NAME_ROW
    } else {
        0.0
    };
    let height = (frame.height - top - note + GAP) / rows as f64 - GAP;
    let width = (frame.width + GAP) / columns as f64 - GAP;
    let y = data::y_span(chart, &data::plotted(chart));
    for index in 0..shown {
        let x = (index % columns) as f64 * (width + GAP);
        let y_place = top + (index / columns) as f64 * (height + GAP);
        let name = text::fitted(&chart.series[index].label, 12.0, width);
        let name = Text::new(name, (x, y_place + 11.0), Anchor::Start, Ink::Label);
        marks.push(Mark::Text(name.bold(true)));
        let panel = Frame {
            width,
            height: (height - NAME_ROW).max(60.0),
            title: false,
            lang: frame.lang,
            view: None,
            y: Some(y),
        };
        let drawn = layout::lay_out(&one(chart, index), &panel).drawing;
        marks.extend(
            drawn
                .marks
                .into_iter()
                .map(|mark| mark.moved(x, y_place + NAME_ROW)),
        );
    }
    if chart.series.len() > MAX_PANELS {
        let more = more(chart.series.len() - MAX_PANELS, frame.lang);
        let at = (0.0, frame.height - 6.0);
        marks.push(Mark::Text(Text::new(more, at, Anchor::Start, Ink::Faint)));
    }
    Drawing {
        width: frame.width,
        height: frame.height,
        marks,
    }
}

fn one(chart: &Chart, index: usize) -> Chart {
    let mut series = chart.series[index].clone();
    series.label = String::new();
    Chart {
        title: String::new(),
        x: chart.x.clone(),
        y: chart.y.clone(),
        series: vec![series],
    }
}

fn more(count: usize, lang: Lang) -> String {
    match (lang, count) {
        (Lang::En, 1) => "1 more series is in the table of the chart's data.".to_owned(),
        (Lang::Fr, 1) => "1 autre série est dans le tableau des données du graphique.".to_owned(),
        (Lang::En, _) => format!("{count} more series are in the table of the chart's data."),
        (Lang::Fr, _) => {
            format!("{count} autres séries sont dans le tableau des données du graphique.")
        }
    }
}
