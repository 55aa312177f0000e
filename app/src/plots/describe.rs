//! A chart in words: the one sentence that names it to who cannot see it, and its data as a table.

use domain::{
    Lang,
    chart::{Chart, SeriesKind, SeriesValues, XValues},
    number,
};

/// Series named in the sentence.
const NAMED: usize = 6;

/// For example: `Joint diagram: Force (kN) over Deformation (µm), Bolt and Clamped parts.`
#[must_use]
pub fn sentence(chart: &Chart, lang: Lang) -> String {
    let y = named(&chart.y.label, chart.y.unit.as_deref());
    let x = named(&chart.x.label, chart.x.unit.as_deref());
    let what = match (y.is_empty(), x.is_empty()) {
        (false, false) => format!("{y} {} {x}", lang.pick("over", "en fonction de")),
        (false, true) => y,
        (true, false) => format!("{} {x}", lang.pick("values over", "valeurs en fonction de")),
        (true, true) => kinds(chart, lang).to_owned(),
    };
    let mut sentence = if chart.title.is_empty() {
        format!("{}{what}", lang.pick("Chart: ", "Graphique\u{A0}: "))
    } else {
        format!("{}{}{what}", chart.title, lang.pick(": ", "\u{A0}: "))
    };
    let names: Vec<&str> = chart
        .series
        .iter()
        .map(|series| series.label.as_str())
        .filter(|label| !label.is_empty() && *label != chart.y.label)
        .collect();
    if names.len() > NAMED {
        sentence += &format!(", {} {}", names.len(), lang.pick("series", "séries"));
    } else if let Some((last, before)) = names.split_last() {
        let and = lang.pick(" and ", " et ");
        let joined = if before.is_empty() {
            (*last).to_owned()
        } else {
            format!("{}{and}{last}", before.join(", "))
        };
        sentence += &format!(", {joined}");
    }
    sentence.push('.');
    sentence
}

fn named(label: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) if !unit.is_empty() => format!("{label} ({unit})").trim().to_owned(),
        _ => label.to_owned(),
    }
}

fn kinds(chart: &Chart, lang: Lang) -> &'static str {
    match chart.series.first().map(|series| series.kind) {
        Some(SeriesKind::Bar) => lang.pick("bars", "barres"),
        Some(SeriesKind::Scatter) => lang.pick("points", "points"),
        _ => lang.pick("lines", "courbes"),
    }
}

/// A name for a chart's file: its title, or what stands up, without what file systems refuse.
#[must_use]
pub fn file_name(chart: &Chart) -> String {
    let named = if chart.title.is_empty() {
        &chart.y.label
    } else {
        &chart.title
    };
    let safe: String = named
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '-' | '_') {
                c
            } else {
                ' '
            }
        })
        .take(80)
        .collect();
    let joined = safe.split_whitespace().collect::<Vec<_>>().join("-");
    if joined.is_empty() {
        "chart".to_owned()
    } else {
        joined
    }
}

/// A chart's data by column, in exact form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataTable {
    pub columns: Vec<(String, Option<String>)>,
    pub rows: Vec<Vec<String>>,
}

/// One row for each x, one column for each series, two for a band; gaps are empty cells.
#[must_use]
pub fn data_table(chart: &Chart) -> DataTable {
    let xs: Vec<String> = match &chart.x.values {
        XValues::Numbers(values) => values.iter().map(cell).collect(),
        XValues::Names(names) => names.clone(),
    };
    let x_name = if chart.x.label.is_empty() {
        "x".to_owned()
    } else {
        chart.x.label.clone()
    };
    let mut columns = vec![(x_name, chart.x.unit.clone())];
    let mut rows: Vec<Vec<String>> = xs.into_iter().map(|x| vec![x]).collect();
    for series in &chart.series {
        let label = if series.label.is_empty() {
            &chart.y.label
        } else {
            &series.label
        };
        let mut add = |name: String, values: Vec<String>| {
            columns.push((name, chart.y.unit.clone()));
            let mut values = values.into_iter();
            for row in &mut rows {
                row.push(values.next().unwrap_or_default());
            }
        };
        match &series.values {
            SeriesValues::Single(values) => add(label.clone(), values.iter().map(cell).collect()),
            SeriesValues::Band(pairs) => {
                let low = pairs.iter().map(|pair| cell(&pair.map(|p| p.0))).collect();
                let high = pairs.iter().map(|pair| cell(&pair.map(|p| p.1))).collect();
                add(format!("{label} ≥"), low);
                add(format!("{label} ≤"), high);
            }
        }
    }
    DataTable { columns, rows }
}

fn cell(value: &Option<f64>) -> String {
    value.map(number::exact).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chart::{Series, XAxis, YAxis};

    fn joint() -> Chart {
        let series = |label: &str| Series {
            label: label.to_owned(),
            kind: SeriesKind::Line,
            values: SeriesValues::Single(vec![Some(0.0), None]),
        };
        Chart {
            title: "Joint diagram".to_owned(),
            x: XAxis {
                label: "Deformation".to_owned(),
                unit: Some("µm".to_owned()),
                values: XValues::Numbers(vec![Some(0.0), Some(0.1)]),
                ..Default::default()
            },
            y: YAxis {
                label: "Force".to_owned(),
                unit: Some("kN".to_owned()),
                ..Default::default()
            },
            series: vec![series("Bolt"), series("Clamped parts")],
        }
    }

    #[test]
    fn a_chart_is_named_in_one_sentence() {
        assert_eq!(
            sentence(&joint(), Lang::En),
            "Joint diagram: Force (kN) over Deformation (µm), Bolt and Clamped parts."
        );
        assert_eq!(
            sentence(&Chart::default(), Lang::Fr),
            "Graphique\u{A0}: courbes."
        );
    }

    #[test]
    fn its_table_has_a_column_for_each_series_and_empty_gaps() {
        let table = data_table(&joint());
        assert_eq!(table.columns[1], ("Bolt".to_owned(), Some("kN".to_owned())));
        assert_eq!(table.rows, [["0", "0", "0"], ["0.1", "", ""]]);
    }
}
