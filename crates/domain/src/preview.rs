//! What lists show of a result: its headline and a miniature of its first chart.

use crate::{
    chart::{Chart, Scale, SeriesValues, XValues},
    run::{Headline, Miniature},
    value::{Arrays, Column, Value, charts, columns, walk},
};

/// Points of a miniature's series.
pub const MINIATURE_POINTS: usize = 64;
/// Series of a miniature.
pub const MINIATURE_SERIES: usize = 2;

/// The value the author names, else the first number, else the first other scalar.
///
/// The label is empty when the result itself is that value.
#[must_use]
pub fn headline(result: &Value) -> Option<Headline> {
    let (mut named, mut number, mut scalar) = (None, None, None);
    walk(result, &mut |path, value| {
        if !value.is_scalar() {
            // The cells of a list have no name to stand under.
            return !matches!(value, Value::List(_)) || path.is_empty();
        }
        let found = (path.last().cloned().unwrap_or_default(), value);
        match value {
            Value::Quantity(quantity) if quantity.headline => named = named.take().or(Some(found)),
            Value::Null => {}
            value if value.as_f64().is_some() || matches!(value, Value::Complex { .. }) => {
                number = number.take().or(Some(found));
            }
            _ => scalar = scalar.take().or(Some(found)),
        }
        true
    });
    let (label, value) = named.or(number).or(scalar)?;
    let (value, unit) = value.without_unit();
    Some(Headline {
        label,
        value: value.to_json(Arrays::Nested),
        unit: unit.map(str::to_owned),
    })
}

/// The first two series of the first chart, else the first columns of equal length.
#[must_use]
pub fn miniature(result: &Value) -> Option<Miniature> {
    let drawn = charts(result).into_iter().find_map(of_chart);
    drawn.or_else(|| of_columns(&columns(result)))
}

/// The first two series of a chart, on the chart's scales: logarithms where those are logarithmic.
#[must_use]
pub fn of_chart(chart: &Chart) -> Option<Miniature> {
    let x = match &chart.x.values {
        XValues::Numbers(numbers) => scaled(numbers, chart.x.scale),
        XValues::Names(names) => (0..names.len()).map(|place| Some(place as f64)).collect(),
    };
    let mut series = Vec::new();
    for one in &chart.series {
        match &one.values {
            SeriesValues::Single(values) => series.push(scaled(values, chart.y.scale)),
            SeriesValues::Band(pairs) => {
                let bound = |pick: fn((f64, f64)) -> f64| -> Vec<Option<f64>> {
                    pairs.iter().map(|pair| pair.map(pick)).collect()
                };
                series.push(scaled(&bound(|(low, _)| low), chart.y.scale));
                series.push(scaled(&bound(|(_, high)| high), chart.y.scale));
            }
        }
    }
    series.truncate(MINIATURE_SERIES);
    reduced(&x, &series)
}

/// The first column that has a partner of its length is x; a column alone stands over its places.
fn of_columns(columns: &[Column]) -> Option<Miniature> {
    let partner = |x: &Column| {
        columns
            .iter()
            .find(|y| y.path != x.path && y.values.len() == x.values.len())
    };
    let pair = columns.iter().find_map(|x| partner(x).map(|y| (x, y)));
    if let Some((x, y)) = pair {
        return reduced(&x.values, std::slice::from_ref(&y.values));
    }
    let alone = columns.first()?;
    let places: Vec<_> = (0..alone.values.len())
        .map(|place| Some(place as f64))
        .collect();
    reduced(&places, std::slice::from_ref(&alone.values))
}

fn scaled(values: &[Option<f64>], scale: Scale) -> Vec<Option<f64>> {
    let log = |value: f64| Some(value.log10()).filter(|_| value > 0.0);
    match scale {
        Scale::Linear => values.to_vec(),
        Scale::Log => values.iter().map(|value| value.and_then(log)).collect(),
    }
}

/// Keeps the ends and, of each stretch between them, the lowest and highest points of every series,
/// so that peaks survive. `None` when there is nothing to draw.
fn reduced(x: &[Option<f64>], series: &[Vec<Option<f64>>]) -> Option<Miniature> {
    let kept: Vec<usize> = (0..x.len())
        .filter(|&i| x[i].is_some_and(f64::is_finite))
        .collect();
    let at = |values: &[Option<f64>], place: usize| {
        values
            .get(place)
            .copied()
            .flatten()
            .filter(|value| value.is_finite())
    };
    let kept = thinned(&kept, series, at);
    let miniature = Miniature {
        x: kept
            .iter()
            .filter_map(|&place| x[place])
            .map(short)
            .collect(),
        series: series
            .iter()
            .map(|values| {
                kept.iter()
                    .map(|&place| at(values, place).map(short))
                    .collect()
            })
            .collect(),
    };
    let drawn = miniature.series.iter().flatten().flatten().count();
    (drawn >= 2).then_some(miniature)
}

fn thinned(
    places: &[usize],
    series: &[Vec<Option<f64>>],
    at: impl Fn(&[Option<f64>], usize) -> Option<f64>,
) -> Vec<usize> {
    if places.len() <= MINIATURE_POINTS || series.is_empty() {
        return places.to_vec();
    }
    let (first, last) = (places[0], places[places.len() - 1]);
    let inner = &places[1..places.len() - 1];
    let stretches = (MINIATURE_POINTS - 2) / (2 * series.len());
    let mut kept = vec![first];
    for stretch in inner.chunks(inner.len().div_ceil(stretches)) {
        let mut chosen = Vec::new();
        for values in series {
            let by_value = |a: &&usize, b: &&usize| {
                let (a, b) = (at(values, **a), at(values, **b));
                a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal)
            };
            let drawn = || stretch.iter().filter(|&&place| at(values, place).is_some());
            chosen.extend(drawn().min_by(by_value));
            chosen.extend(drawn().max_by(by_value));
        }
        if chosen.is_empty() {
            // A gap must stay a gap.
            chosen.push(stretch[0]);
        }
        chosen.sort_unstable();
        chosen.dedup();
        kept.extend(chosen);
    }
    kept.push(last);
    kept
}

/// Five significant digits: more cannot be seen, and the miniature is stored with its run.
fn short(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Value {
        Value::parse(text).expect("valid JSON")
    }

    #[test]
    fn the_author_names_the_headline() {
        let result = parse(
            r#"{"a":1.5,"b":{"safety":{"$type":"quantity","value":2.136,"unit":"","headline":true}}}"#,
        );
        let found = headline(&result).expect("a headline");
        assert_eq!(
            (found.label.as_str(), found.value.as_str(), found.unit),
            ("safety", "2.136", None)
        );
    }

    #[test]
    fn else_the_first_number_is_the_headline() {
        let result = parse(
            r#"{"note":"ok","points":[1,2],"stress":{"$type":"quantity","value":100.0,"unit":"MPa"},"n":3}"#,
        );
        let found = headline(&result).expect("a headline");
        assert_eq!(
            (found.label.as_str(), found.value.as_str()),
            ("stress", "100.0")
        );
        assert_eq!(found.unit.as_deref(), Some("MPa"));
        assert_eq!(
            headline(&parse(r#"{"verdict":"safe","ok":true}"#))
                .map(|h| h.label)
                .as_deref(),
            Some("verdict")
        );
        assert_eq!(
            headline(&parse("42")).map(|h| (h.label, h.value)),
            Some((String::new(), "42".to_owned()))
        );
        assert_eq!(headline(&parse(r#"{"a":[1,2]}"#)), None);
    }

    #[test]
    fn a_miniature_keeps_the_peak_of_a_long_curve() {
        let values: Vec<String> = (0..10_000)
            .map(|i| {
                if i == 4321 {
                    "9".to_owned()
                } else {
                    format!("{:.4}", (f64::from(i) / 500.0).sin())
                }
            })
            .collect();
        let places: Vec<String> = (0..10_000).map(|i| i.to_string()).collect();
        let series = values.join(",");
        let result = parse(&format!(
            r#"{{"$type":"chart","x":{{"values":[{}]}},"series":[{{"label":"a","kind":"line","values":[{series}]}},{{"label":"b","kind":"line","values":[{series}]}},{{"label":"c","kind":"line","values":[{series}]}}]}}"#,
            places.join(",")
        ));
        let found = miniature(&result).expect("a miniature");
        assert!(found.x.len() <= MINIATURE_POINTS, "{}", found.x.len());
        assert!(found.x.len() > 30);
        assert_eq!(found.series.len(), 2);
        assert!(found.series[0].contains(&Some(9.0)));
        assert_eq!(
            (found.x.first(), found.x.last()),
            (Some(&0.0), Some(&9999.0))
        );
    }

    #[test]
    fn logarithmic_scales_are_drawn_as_logarithms() {
        let result = parse(
            r#"{"$type":"chart","x":{"scale":"log","values":[1,10,100]},"y":{"scale":"log"},"series":[{"label":"a","kind":"line","values":[1000,0,10]}]}"#,
        );
        let found = miniature(&result).expect("a miniature");
        assert_eq!(found.x, [0.0, 1.0, 2.0]);
        assert_eq!(found.series, [[Some(3.0), None, Some(1.0)]]);
    }

    #[test]
    fn without_a_chart_columns_are_drawn() {
        let found =
            miniature(&parse(r#"{"n":[1,2],"x":[0,1,2],"y":[5,6,7]}"#)).expect("a miniature");
        assert_eq!(
            (found.x, found.series),
            (
                vec![0.0, 1.0, 2.0],
                vec![vec![Some(5.0), Some(6.0), Some(7.0)]]
            )
        );
        let alone = miniature(&parse(r#"{"y":[5,6,7]}"#)).expect("a miniature");
        assert_eq!(alone.x, [0.0, 1.0, 2.0]);
        assert_eq!(miniature(&parse(r#"{"a":1}"#)), None);
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let values: Vec<&str> = (0..400)
            .map(|i| if (100..300).contains(&i) { "null" } else { "1" })
            .collect();
        let found =
            miniature(&parse(&format!(r#"{{"y":[{}]}}"#, values.join(",")))).expect("a miniature");
        assert!(found.series[0].contains(&None));
    }
}
