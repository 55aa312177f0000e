//! Which of a result's columns are plotted against which, and how: what the reader chooses and the
//! browser remembers for each task.

use domain::{
    chart::{Chart, Scale, Series, SeriesKind, SeriesValues, XAxis, XValues, YAxis},
    value::Column,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// Path of the column across; empty for the place in the list.
    pub x: String,
    pub y: String,
    pub kind: Kind,
    pub log_x: bool,
    pub log_y: bool,
    pub title: String,
    /// What the reader wrote in place of the columns' own units.
    pub unit_x: Option<String>,
    pub unit_y: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    Line,
    Scatter,
    Bar,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Line, Self::Scatter, Self::Bar];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Scatter => "scatter",
            Self::Bar => "bar",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Choice {
    /// The first two columns of equal length, else the first over its places.
    #[must_use]
    pub fn first(columns: &[Column]) -> Self {
        let pair = columns.iter().enumerate().find_map(|(index, x)| {
            let partner = columns[index + 1..]
                .iter()
                .find(|y| y.values.len() == x.values.len())?;
            Some((x.path.clone(), partner.path.clone()))
        });
        let (x, y) = pair.unwrap_or_else(|| {
            let alone = columns.first().map(|column| column.path.clone());
            (String::new(), alone.unwrap_or_default())
        });
        Self {
            x,
            y,
            ..Self::default()
        }
    }

    /// The choice as far as these columns allow it: a result may have changed since.
    #[must_use]
    pub fn fitted(mut self, columns: &[Column]) -> Self {
        let Some(y) = find(columns, &self.y) else {
            return Self::first(columns);
        };
        if find(columns, &self.x).is_none_or(|x| x.values.len() != y.values.len()) {
            self.x = String::new();
        }
        self
    }

    /// The chart of this choice.
    #[must_use]
    pub fn chart(&self, columns: &[Column], place_name: &str) -> Option<Chart> {
        let y = find(columns, &self.y)?;
        let x = find(columns, &self.x);
        let scale = |log: bool| if log { Scale::Log } else { Scale::Linear };
        let unit = |own: Option<&Column>, written: &Option<String>| {
            written
                .clone()
                .or_else(|| own.and_then(|column| column.unit.clone()))
        };
        Some(Chart {
            title: self.title.clone(),
            x: XAxis {
                label: x.map_or_else(|| place_name.to_owned(), |x| x.label.clone()),
                unit: unit(x, &self.unit_x),
                scale: scale(self.log_x),
                values: XValues::Numbers(x.map_or_else(
                    || {
                        (0..y.values.len())
                            .map(|place| Some(place as f64))
                            .collect()
                    },
                    |x| x.values.clone(),
                )),
            },
            y: YAxis {
                label: y.label.clone(),
                unit: unit(Some(y), &self.unit_y),
                scale: scale(self.log_y),
            },
            series: vec![Series {
                label: String::new(),
                kind: match self.kind {
                    Kind::Line => SeriesKind::Line,
                    Kind::Scatter => SeriesKind::Scatter,
                    Kind::Bar => SeriesKind::Bar,
                },
                values: SeriesValues::Single(y.values.clone()),
            }],
        })
    }
}

#[must_use]
pub fn find<'a>(columns: &'a [Column], path: &str) -> Option<&'a Column> {
    columns.iter().find(|column| column.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(path: &str, length: usize) -> Column {
        Column {
            path: path.to_owned(),
            label: path.to_owned(),
            unit: Some("mm".to_owned()),
            values: (0..length).map(|i| Some(i as f64)).collect(),
        }
    }

    #[test]
    fn the_first_pair_of_equal_length_is_chosen() {
        let columns = [column("a", 3), column("b", 5), column("c", 5)];
        let choice = Choice::first(&columns);
        assert_eq!((choice.x.as_str(), choice.y.as_str()), ("b", "c"));
        let alone = Choice::first(&columns[..1]);
        assert_eq!((alone.x.as_str(), alone.y.as_str()), ("", "a"));
    }

    #[test]
    fn a_remembered_choice_survives_only_where_it_still_fits() {
        let columns = [column("a", 3), column("b", 5), column("c", 5)];
        let remembered = Choice {
            x: "a".to_owned(),
            y: "b".to_owned(),
            log_y: true,
            ..Choice::default()
        };
        let fitted = remembered.fitted(&columns);
        assert_eq!(
            (fitted.x.as_str(), fitted.y.as_str(), fitted.log_y),
            ("", "b", true)
        );
        let chart = fitted.chart(&columns, "Place").expect("a chart");
        assert_eq!(
            (chart.x.label.as_str(), chart.y.scale),
            ("Place", Scale::Log)
        );
    }
}
