//! Which results are one table, and its columns with their types.
//!
//! A table is: a table of the author's, a list of records, a matrix, a list, an object of lists of
//! equal length, or an object with one of these alone. Charts and figures beside it are left out; a
//! chart alone is the table of its points. The CSV of such a result is one block; [`kind_of`] decides
//! for both what a list is.

mod kind;
mod typed;

pub(crate) use kind::{ListKind, entries, kind_of};
pub use typed::{TimeUnit, Typed};

use crate::{
    chart::{Chart, SeriesValues, XValues},
    limits::{MAX_TABLE_COLUMNS, MAX_TABLE_FILLED},
    value::{Array, Entries, Table, Value},
};
use std::{borrow::Cow, collections::HashMap};

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// No other column has it.
    pub name: String,
    pub unit: Option<String>,
    pub values: Typed,
}

/// The columns of a result that is one table, all of equal length; `None` for any other, and for
/// tables with more columns, or more gaps to fill, than a file of columns can hold.
#[must_use]
pub fn of_result(result: &Value) -> Option<Vec<Column>> {
    let columns = columns_of(result)?;
    let fits = (1..=MAX_TABLE_COLUMNS).contains(&columns.len());
    let rows = columns.first()?.cells.len();
    let is_even = columns.iter().all(|column| column.cells.len() == rows);
    (fits && is_even).then(|| finished(columns))
}

/// A column whose type is not known yet.
struct Raw<'a> {
    name: String,
    unit: Option<&'a str>,
    /// The author's word for the type; may be empty.
    dtype: &'a str,
    cells: Vec<Cow<'a, Value>>,
}

const GAP: Cow<'static, Value> = Cow::Borrowed(&Value::Null);

fn columns_of(value: &Value) -> Option<Vec<Raw<'_>>> {
    let (inner, unit) = value.without_unit();
    match inner {
        Value::Table(table) => Some(of_table(table)),
        Value::Chart(chart) => of_chart(chart),
        Value::Object(entries) => of_object(entries),
        Value::List(list) => match kind_of(list) {
            ListKind::Scalars => Some(vec![Raw {
                name: "value".to_owned(),
                unit,
                dtype: "",
                cells: borrowed(list),
            }]),
            ListKind::Rows => of_rows(list, unit),
            ListKind::Records => of_records(list),
            ListKind::Mixed => None,
        },
        Value::Array(array) => match array.shape() {
            [_] => Some(vec![of_array("value", array, unit)]),
            [_, width] => of_matrix(array, *width, unit),
            _ => None,
        },
        _ => None,
    }
}

fn borrowed(values: &[Value]) -> Vec<Cow<'_, Value>> {
    values.iter().map(Cow::Borrowed).collect()
}

fn of_table(table: &Table) -> Vec<Raw<'_>> {
    let columns = table.columns.iter().map(|column| Raw {
        name: column.name.clone(),
        unit: column.unit.as_deref(),
        dtype: &column.dtype,
        cells: borrowed(&column.values),
    });
    columns.collect()
}

/// Lists side by side, or the one part that is a table.
fn of_object(entries: &Entries) -> Option<Vec<Raw<'_>>> {
    let is_picture = |value: &Value| matches!(value, Value::Chart(_) | Value::Figure(_));
    let parts: Vec<_> = entries
        .iter()
        .filter(|(_, value)| !is_picture(value))
        .collect();
    match parts.as_slice() {
        [] => match entries.as_slice() {
            [(_, chart)] => columns_of(chart),
            _ => None,
        },
        [(name, part)] => match list_column(name, part) {
            Some(column) => Some(vec![column]),
            None => columns_of(part),
        },
        parts => parts
            .iter()
            .map(|(name, part)| list_column(name, part))
            .collect(),
    }
}

fn list_column<'a>(name: &str, value: &'a Value) -> Option<Raw<'a>> {
    let (inner, unit) = value.without_unit();
    match inner {
        Value::List(list) if kind_of(list) == ListKind::Scalars => Some(Raw {
            name: name.to_owned(),
            unit,
            dtype: "",
            cells: borrowed(list),
        }),
        Value::Array(array) if array.shape().len() == 1 => Some(of_array(name, array, unit)),
        _ => None,
    }
}

fn of_array<'a>(name: &str, array: &Array, unit: Option<&'a str>) -> Raw<'a> {
    Raw {
        name: name.to_owned(),
        unit,
        dtype: "",
        cells: (0..array.len())
            .map(|at| Cow::Owned(array.element(at)))
            .collect(),
    }
}

fn of_matrix<'a>(array: &Array, width: usize, unit: Option<&'a str>) -> Option<Vec<Raw<'a>>> {
    let column = |place: usize| Raw {
        name: (place + 1).to_string(),
        unit,
        dtype: "",
        cells: (place..array.len())
            .step_by(width)
            .map(|at| Cow::Owned(array.element(at)))
            .collect(),
    };
    (width <= MAX_TABLE_COLUMNS).then(|| (0..width).map(column).collect())
}

fn of_rows<'a>(list: &'a [Value], unit: Option<&'a str>) -> Option<Vec<Raw<'a>>> {
    let rows = || list.iter().map(kind::cells);
    let width = rows().map(<[Value]>::len).max().unwrap_or(0);
    let gaps: usize = rows().map(|row| width - row.len()).sum();
    let column = |place: usize| Raw {
        name: (place + 1).to_string(),
        unit,
        dtype: "",
        cells: rows()
            .map(|row| row.get(place).map_or(GAP, Cow::Borrowed))
            .collect(),
    };
    (width <= MAX_TABLE_COLUMNS && gaps <= MAX_TABLE_FILLED)
        .then(|| (0..width).map(column).collect())
}

fn of_records(records: &[Value]) -> Option<Vec<Raw<'_>>> {
    let mut places = HashMap::new();
    let mut columns: Vec<Raw> = Vec::new();
    let mut filled = 0;
    for (row, record) in records.iter().enumerate() {
        for (key, value) in entries(record) {
            let place = *places.entry(key.as_str()).or_insert_with(|| {
                columns.push(Raw {
                    name: key.clone(),
                    unit: None,
                    dtype: "",
                    cells: Vec::new(),
                });
                columns.len() - 1
            });
            let cells = &mut columns[place].cells;
            filled += row.saturating_sub(cells.len());
            if columns.len() > MAX_TABLE_COLUMNS || filled > MAX_TABLE_FILLED {
                return None;
            }
            let cells = &mut columns[place].cells;
            cells.resize(row, GAP);
            cells.push(Cow::Borrowed(value));
        }
    }
    for column in &mut columns {
        filled += records.len() - column.cells.len();
        if filled > MAX_TABLE_FILLED {
            return None;
        }
        column.cells.resize(records.len(), GAP);
    }
    Some(columns)
}

fn of_chart(chart: &Chart) -> Option<Vec<Raw<'_>>> {
    let number = |value: &Option<f64>| value.map_or(GAP, |n| Cow::Owned(Value::from_f64(n)));
    let named = |name: &str, unit, cells| Raw {
        name: name.to_owned(),
        unit,
        dtype: "",
        cells,
    };
    let label = Some(chart.x.label.as_str()).filter(|label| !label.is_empty());
    let x = match &chart.x.values {
        XValues::Numbers(numbers) => numbers.iter().map(number).collect(),
        XValues::Names(names) => names
            .iter()
            .map(|name| Cow::Owned(Value::Text(name.clone())))
            .collect(),
    };
    let mut columns = vec![named(label.unwrap_or("x"), chart.x.unit.as_deref(), x)];
    let unit = chart.y.unit.as_deref();
    for series in &chart.series {
        match &series.values {
            SeriesValues::Single(values) => {
                columns.push(named(
                    &series.label,
                    unit,
                    values.iter().map(number).collect(),
                ));
            }
            SeriesValues::Band(pairs) => {
                let low = pairs.iter().map(|pair| number(&pair.map(|(low, _)| low)));
                let high = pairs.iter().map(|pair| number(&pair.map(|(_, high)| high)));
                columns.push(named(&format!("{} low", series.label), unit, low.collect()));
                columns.push(named(
                    &format!("{} high", series.label),
                    unit,
                    high.collect(),
                ));
            }
        }
    }
    Some(columns)
}

fn finished(columns: Vec<Raw>) -> Vec<Column> {
    let mut seen = HashMap::<String, usize>::new();
    let mut column = |raw: Raw| {
        let times = seen.entry(raw.name.clone()).or_default();
        *times += 1;
        let (unit, is_one_unit) = unit_of(&raw);
        let values = if is_one_unit {
            Typed::of(&raw.cells, raw.dtype)
        } else {
            Typed::with_units(&raw.cells)
        };
        let name = match *times {
            1 => raw.name,
            times => format!("{} ({times})", raw.name),
        };
        Column { name, unit, values }
    };
    columns.into_iter().map(&mut column).collect()
}

/// The unit of a column, and whether all its values have that one.
fn unit_of(raw: &Raw) -> (Option<String>, bool) {
    if let Some(unit) = raw.unit {
        return (Some(unit.to_owned()).filter(|unit| !unit.is_empty()), true);
    }
    let mut values = raw.cells.iter().filter(|cell| ***cell != Value::Null);
    let mut units = values.by_ref().map(|cell| cell.without_unit().1);
    let Some(first) = units.next() else {
        return (None, true);
    };
    if units.all(|unit| unit == first) {
        (first.map(str::to_owned), true)
    } else {
        (None, false)
    }
}

#[cfg(test)]
mod tests;
