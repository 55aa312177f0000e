//! A chart's data made ready for drawing: every series as points or bars over numeric x, the ranges
//! they need, and which of them are reference lines.

use super::axis::Span;
use domain::chart::{Chart, Scale, Series, SeriesKind, SeriesValues, XValues};

/// Zero is shown with values whose nearest is within this part of their farthest.
const ZERO_WITHIN: f64 = 0.25;

/// One series over numeric x. Gaps are absent values.
#[derive(Clone, Debug)]
pub struct Plotted {
    pub label: String,
    pub kind: SeriesKind,
    /// Its place in the order of colours; references do not count.
    pub place: usize,
    /// A line at one height beside others that vary, such as a limit.
    pub reference: bool,
    pub points: Vec<Option<(f64, Extent)>>,
}

/// A value, or the two ends of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    pub low: f64,
    pub high: f64,
}

impl Plotted {
    /// The values alone, without gaps.
    fn extents(&self) -> impl Iterator<Item = Extent> + '_ {
        self.points.iter().flatten().map(|(_, extent)| *extent)
    }
}

/// The names of a chart's categories, when x holds names.
#[must_use]
pub fn categories(chart: &Chart) -> Option<&[String]> {
    match &chart.x.values {
        XValues::Names(names) => Some(names),
        XValues::Numbers(_) => None,
    }
}

/// Every series of the chart over numeric x; categories stand at 0, 1, 2, …
#[must_use]
pub fn plotted(chart: &Chart) -> Vec<Plotted> {
    let xs: Vec<Option<f64>> = match &chart.x.values {
        XValues::Numbers(values) => values.clone(),
        XValues::Names(names) => (0..names.len()).map(|index| Some(index as f64)).collect(),
    };
    let shown_x = |x: &f64| x.is_finite() && (chart.x.scale == Scale::Linear || *x > 0.0);
    let any_varies = chart.series.iter().any(|series| !is_constant(series));
    let mut place = 0;
    let mut all = Vec::with_capacity(chart.series.len());
    for (index, series) in chart.series.iter().enumerate() {
        let reference =
            index > 0 && any_varies && series.kind == SeriesKind::Line && is_constant(series);
        let points = xs
            .iter()
            .zip(extents(series))
            .map(|(x, extent)| Some((x.filter(shown_x)?, shown(extent?, chart.y.scale)?)))
            .collect();
        all.push(Plotted {
            label: series.label.clone(),
            kind: series.kind,
            place,
            reference,
            points,
        });
        place += usize::from(!reference);
    }
    all
}

fn extents(series: &Series) -> Vec<Option<Extent>> {
    match &series.values {
        SeriesValues::Single(values) => values
            .iter()
            .map(|value| {
                value.map(|value| Extent {
                    low: value,
                    high: value,
                })
            })
            .collect(),
        SeriesValues::Band(pairs) => pairs
            .iter()
            .map(|pair| {
                pair.map(|(a, b)| Extent {
                    low: a.min(b),
                    high: a.max(b),
                })
            })
            .collect(),
    }
}

fn shown(extent: Extent, scale: Scale) -> Option<Extent> {
    let finite = extent.low.is_finite() && extent.high.is_finite();
    (finite && (scale == Scale::Linear || extent.low > 0.0)).then_some(extent)
}

fn is_constant(series: &Series) -> bool {
    let SeriesValues::Single(values) = &series.values else {
        return false;
    };
    let mut present = values.iter().flatten();
    let Some(first) = present.next() else {
        return false;
    };
    values.iter().flatten().count() > 1 && present.all(|value| value == first)
}

/// The range of x that shows everything.
#[must_use]
pub fn x_span(chart: &Chart, all: &[Plotted]) -> Span {
    if let Some(names) = categories(chart) {
        return Span {
            low: -0.5,
            high: names.len().max(1) as f64 - 0.5,
            chosen: true,
        };
    }
    let xs = || {
        all.iter()
            .flat_map(|s| s.points.iter().flatten().map(|(x, _)| *x))
    };
    let (mut low, mut high) = bounds(xs());
    if let Some(width) = bar_width(all) {
        low -= width / 2.0;
        high += width / 2.0;
    }
    ranged(low, high, chart.x.scale, false)
}

/// The range of y that shows everything in `all`.
#[must_use]
pub fn y_span(chart: &Chart, all: &[Plotted]) -> Span {
    let values = all
        .iter()
        .flat_map(|s| s.extents().flat_map(|e| [e.low, e.high]));
    let (low, high) = bounds(values);
    let bars = all.iter().any(|s| s.kind == SeriesKind::Bar);
    ranged(low, high, chart.y.scale, bars)
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

fn ranged(low: f64, high: f64, scale: Scale, from_zero: bool) -> Span {
    let (mut low, mut high) = if low.is_finite() && high.is_finite() {
        (low, high)
    } else {
        match scale {
            Scale::Linear => (0.0, 1.0),
            Scale::Log => (1.0, 10.0),
        }
    };
    if scale == Scale::Linear {
        if low > 0.0 && (from_zero || low <= ZERO_WITHIN * high) {
            low = 0.0;
        }
        if high < 0.0 && (from_zero || high >= ZERO_WITHIN * low) {
            high = 0.0;
        }
        if high - low <= low.abs().max(high.abs()) * 1e-12 {
            let room = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            (low, high) = (low - room, high + room);
        }
        // The distance of two doubles can be more than a double holds.
        let most = f64::MAX / 4.0;
        (low, high) = (low.clamp(-most, most), high.clamp(-most, most));
    } else if high / low < 1.0 + 1e-9 {
        (low, high) = (low / 2.0, high * 2.0);
    }
    Span {
        low,
        high,
        chosen: false,
    }
}

/// The width one group of bars may take in units of x: the smallest distance of two x values.
#[must_use]
pub fn bar_width(all: &[Plotted]) -> Option<f64> {
    let mut xs: Vec<f64> = all
        .iter()
        .filter(|s| s.kind == SeriesKind::Bar)
        .flat_map(|s| s.points.iter().flatten().map(|(x, _)| *x))
        .collect();
    if xs.is_empty() {
        return None;
    }
    xs.sort_unstable_by(f64::total_cmp);
    let smallest = xs
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|distance| *distance > 0.0)
        .fold(f64::INFINITY, f64::min);
    Some(if smallest.is_finite() { smallest } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(x: XValues, series: Vec<(SeriesKind, Vec<Option<f64>>)>) -> Chart {
        Chart {
            x: domain::chart::XAxis {
                values: x,
                ..Default::default()
            },
            series: series
                .into_iter()
                .map(|(kind, values)| Series {
                    label: String::new(),
                    kind,
                    values: SeriesValues::Single(values),
                })
                .collect(),
            ..Default::default()
        }
    }

    fn spans(chart: &Chart) -> (Span, Span) {
        let all = plotted(chart);
        (x_span(chart, &all), y_span(chart, &all))
    }

    #[test]
    fn zero_is_shown_for_bars_and_for_lines_that_come_near_it() {
        let x = || XValues::Numbers(vec![Some(100.0), Some(110.0)]);
        let near = chart(x(), vec![(SeriesKind::Line, vec![Some(7.0), Some(51.0)])]);
        assert_eq!(spans(&near).1.low, 0.0);
        let far = chart(x(), vec![(SeriesKind::Line, vec![Some(40.0), Some(51.0)])]);
        assert_eq!(spans(&far).1.low, 40.0);
        let bars = chart(x(), vec![(SeriesKind::Bar, vec![Some(40.0), Some(51.0)])]);
        let (x, y) = spans(&bars);
        assert_eq!((y.low, x.low, x.high), (0.0, 95.0, 115.0));
    }

    #[test]
    fn a_constant_line_beside_others_is_a_reference() {
        let x = XValues::Numbers((0..3).map(|i| Some(f64::from(i))).collect());
        let all = plotted(&chart(
            x,
            vec![
                (SeriesKind::Line, vec![Some(1.0), Some(2.0), Some(1.5)]),
                (SeriesKind::Line, vec![Some(2.5), Some(2.5), Some(2.5)]),
                (SeriesKind::Line, vec![Some(0.0), None, Some(1.5)]),
            ],
        ));
        let shown: Vec<_> = all.iter().map(|s| (s.reference, s.place)).collect();
        assert_eq!(shown, [(false, 0), (true, 1), (false, 1)]);
    }

    #[test]
    fn nothing_and_one_value_still_have_a_range() {
        for values in [vec![], vec![None], vec![Some(4.0)], vec![Some(0.0)]] {
            let x = XValues::Numbers(values.iter().map(|_| Some(3.0)).collect());
            let (x, y) = spans(&chart(x, vec![(SeriesKind::Line, values)]));
            assert!(x.low < x.high && y.low < y.high, "{x:?} {y:?}");
        }
    }
}
