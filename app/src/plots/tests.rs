//! What every drawing of a chart promises, whatever data come.

use super::{
    layout::{Frame, View, lay_out},
    mark::{Anchor, Drawing, Mark, Text},
    multiples, svg,
    svg_backend::Looks,
    text,
};
use domain::{
    Lang,
    chart::{Chart, Scale, Series, SeriesKind, SeriesValues, XAxis, XValues, YAxis},
};

fn frame(width: f64) -> Frame {
    Frame {
        width,
        height: 300.0,
        title: false,
        lang: Lang::En,
        view: None,
        y: None,
    }
}

fn series(label: &str, kind: SeriesKind, values: impl IntoIterator<Item = f64>) -> Series {
    Series {
        label: label.to_owned(),
        kind,
        values: SeriesValues::Single(values.into_iter().map(Some).collect()),
    }
}

fn chart(count: u32, series: Vec<Series>) -> Chart {
    Chart {
        title: "A <b>title</b>".to_owned(),
        x: XAxis {
            label: "Position".to_owned(),
            unit: Some("m".to_owned()),
            values: XValues::Numbers((0..count).map(|i| Some(f64::from(i))).collect()),
            ..Default::default()
        },
        y: YAxis {
            label: "Force".to_owned(),
            unit: Some("kN".to_owned()),
            ..Default::default()
        },
        series,
    }
}

fn line(label: &str, of: impl Fn(f64) -> f64) -> Series {
    series(label, SeriesKind::Line, (0..100).map(|i| of(f64::from(i))))
}

fn texts(drawing: &Drawing) -> impl Iterator<Item = &Text> {
    drawing.marks.iter().filter_map(|mark| match mark {
        Mark::Text(text) => Some(text),
        _ => None,
    })
}

/// Where a text begins and ends across.
fn extent(text: &Text) -> (f64, f64) {
    let width = text::width(&text.text, text.size);
    let left = match text.anchor {
        Anchor::Start => text.at.0,
        Anchor::Middle => text.at.0 - width / 2.0,
        Anchor::End => text.at.0 - width,
    };
    (left, left + width)
}

fn assert_inside(drawing: &Drawing, what: &str) {
    let (width, height) = (drawing.width + 2.0, drawing.height + 2.0);
    let inside = |(x, y): (f64, f64)| (-2.0..=width).contains(&x) && (-2.0..=height).contains(&y);
    for mark in &drawing.marks {
        let fits = match mark {
            Mark::Line { points, .. } | Mark::Area { points, .. } => {
                points.iter().all(|&point| inside(point))
            }
            Mark::Bar { rect, .. } => {
                inside((rect.left, rect.top)) && inside((rect.right, rect.bottom))
            }
            Mark::Marker { at, .. } => inside(*at),
            Mark::Text(text) => {
                let (left, right) = extent(text);
                inside((left, text.at.1)) && inside((right, text.at.1))
            }
        };
        assert!(fits, "{what}: {mark:?} leaves {width} × {height}");
    }
}

#[test]
fn names_stand_at_their_lines_where_there_is_room() {
    let apart = chart(100, vec![line("Low", |x| x), line("High", |x| 300.0 + x)]);
    let layout = lay_out(&apart, &frame(600.0));
    let name = |wanted: &str| {
        let found = texts(&layout.drawing).find(|text| text.text == wanted);
        found.unwrap_or_else(|| panic!("{wanted} is named"))
    };
    assert!(name("Low").at.1 > layout.plot.top && name("High").at.1 > layout.plot.top);
    assert!(name("Low").bold && !name("High").bold, "the first leads");
}

#[test]
fn names_of_entangled_lines_stand_in_a_row_above() {
    let waves = (0_u32..5).map(|k| line(&format!("Wave {k}"), move |x| (x + f64::from(k)).sin()));
    let layout = lay_out(&chart(100, waves.collect()), &frame(600.0));
    let names = texts(&layout.drawing).filter(|text| text.text.starts_with("Wave"));
    assert!(
        names
            .map(|text| text.at.1)
            .all(|y| y < layout.plot.top - 20.0)
    );
}

#[test]
fn a_single_line_named_like_its_axis_is_named_once() {
    let one = chart(100, vec![line("Force", |x| x)]);
    let layout = lay_out(&one, &frame(600.0));
    assert_eq!(
        texts(&layout.drawing)
            .filter(|text| text.text == "Force")
            .count(),
        1
    );
}

#[test]
fn nothing_leaves_its_drawing_and_no_two_labels_of_an_axis_touch() {
    let huge = |label: &str, value: f64| series(label, SeriesKind::Line, [value, -value, value]);
    let cases = [
        ("nothing", Chart::default()),
        (
            "one point",
            chart(1, vec![series("", SeriesKind::Scatter, [5.0])]),
        ),
        ("largest", chart(3, vec![huge("a", f64::MAX)])),
        (
            "smallest",
            chart(3, vec![huge("a", f64::MIN_POSITIVE / 4.0)]),
        ),
        ("constant", chart(100, vec![line("a", |_| 7.0)])),
        (
            "far from zero",
            chart(100, vec![line("a", |x| 1e9 + x * 1e-3)]),
        ),
        (
            "short",
            chart(100, vec![series("a", SeriesKind::Bar, [1.0, -2.0])]),
        ),
        (
            "limit",
            chart(
                100,
                vec![line("a", |x| x), line("A limit with a long name", |_| 50.0)],
            ),
        ),
        (
            "long names",
            chart(
                100,
                vec![line(&"name ".repeat(60), |x| x), line("b", |x| -x)],
            ),
        ),
    ];
    for (what, chart) in cases {
        for width in [240.0, 358.0, 760.0, 1600.0] {
            let layout = lay_out(&chart, &frame(width));
            assert_inside(&layout.drawing, what);
            let mut labels: Vec<(f64, f64)> = texts(&layout.drawing)
                .filter(|text| text.anchor == Anchor::Middle && text.at.1 > layout.plot.bottom)
                .map(extent)
                .collect();
            labels.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(
                labels.windows(2).all(|pair| pair[0].1 < pair[1].0),
                "{what} at {width}: {labels:?}"
            );
        }
    }
}

#[test]
fn categories_are_cut_or_left_out_but_never_on_one_another() {
    let mut bars = chart(
        0,
        vec![series("Force", SeriesKind::Bar, (0..40).map(f64::from))],
    );
    bars.x.values = XValues::Names((0..40).map(|i| format!("Load case {i}")).collect());
    for width in [240.0, 760.0] {
        let layout = lay_out(&bars, &frame(width));
        assert_inside(&layout.drawing, "categories");
        let bars = layout
            .drawing
            .marks
            .iter()
            .filter(|mark| matches!(mark, Mark::Bar { .. }));
        assert_eq!(bars.count(), 39, "all but the one of height 0");
    }
}

#[test]
fn a_logarithmic_axis_leaves_out_what_it_cannot_show() {
    let mut log = chart(3, vec![series("a", SeriesKind::Line, [-1.0, 10.0, 1000.0])]);
    log.y.scale = Scale::Log;
    log.x.scale = Scale::Log;
    let layout = lay_out(&log, &frame(600.0));
    assert_inside(&layout.drawing, "logarithmic");
    assert!(layout.y.low > 0.0 && layout.x.low > 0.0);
}

#[test]
fn a_zoomed_chart_shows_its_part_only() {
    let mut zoomed = frame(600.0);
    zoomed.view = Some(View {
        x: (20.25, 30.5),
        y: (21.0, 29.0),
    });
    let layout = lay_out(&chart(100, vec![line("a", |x| x)]), &zoomed);
    assert_eq!((layout.x.low, layout.x.high), (20.25, 30.5));
    let inside = layout.plot.grown(0.6);
    for mark in &layout.drawing.marks {
        if let Mark::Line { points, width, .. } = mark
            && *width > 1.0
        {
            assert!(
                points.iter().all(|&point| inside.holds(point)),
                "{points:?}"
            );
        }
    }
}

#[test]
fn seven_series_become_seven_small_charts_over_one_range() {
    let many: Vec<Series> = (0_u32..7)
        .map(|k| line(&format!("S{k}"), move |x| f64::from(k) * x))
        .collect();
    let chart = chart(100, many);
    let height = multiples::natural_height(&chart, 600.0);
    let drawing = multiples::drawing(
        &chart,
        &Frame {
            height,
            ..frame(600.0)
        },
    );
    assert_inside(&drawing, "multiples");
    assert_eq!(
        texts(&drawing)
            .filter(|text| text.text.starts_with('S'))
            .count(),
        7
    );
    // The same highest tick in all of them.
    assert_eq!(texts(&drawing).filter(|text| text.text == "600").count(), 7);
}

#[test]
fn a_page_gets_classes_and_a_file_gets_colours() {
    let chart = chart(100, vec![line("a", |x| x), line("b", |x| 200.0 - x)]);
    let drawing = lay_out(&chart, &frame(600.0)).drawing;
    let page = svg::marks(&drawing, Looks::Classes);
    assert!(!page.contains('#') && page.contains("class=\"c1\"") && page.contains("class=\"c2\""));
    let file = svg::document(&chart, Lang::En);
    assert!(
        !file.contains("class=")
            && file.contains("#2152C8")
            && file.contains("stroke-dasharray=\"7 4\"")
    );
    assert!(!file.contains("<b>") && file.contains("A &lt;b&gt;title&lt;/b&gt;"));
}

#[test]
fn a_hundred_thousand_points_stay_a_small_drawing() {
    let count = 100_000;
    let noisy = series(
        "a",
        SeriesKind::Line,
        (0..count).map(|i| f64::from(i * 7919 % 1000)),
    );
    let long = chart(count, vec![noisy]);
    assert!(svg::element(&long, 760.0, Lang::En).len() < 60_000);
    let cloud = series(
        "a",
        SeriesKind::Scatter,
        (0..count).map(|i| f64::from(i * 7919 % 1000)),
    );
    assert!(svg::element(&chart(count, vec![cloud]), 760.0, Lang::En).len() < 2_000_000);
}
