//! What can be plotted: every run of numbers in a result, with its place, name and unit.

use super::{Array, Entries, Value, collect::walk};
use std::collections::HashMap;

/// Columns of a matrix that are offered one by one; a wider one is a field, not a set of curves.
const MAX_MATRIX_COLUMNS: usize = 16;

/// Columns that are offered of one result; more than a person chooses from.
pub const MAX_COLUMNS: usize = 256;
/// Longest path and label of a column, characters; a longer one is cut.
const MAX_NAME_CHARS: usize = 200;

/// Numbers in a row, at least two. Columns of equal length can be plotted against one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The keys that lead there, joined by ` › `; unique in a result.
    pub path: String,
    /// The last key, or the name of a table's column.
    pub label: String,
    pub unit: Option<String>,
    /// `None` where there is no finite number.
    pub values: Vec<Option<f64>>,
}

/// Every plottable column, in the author's order, up to [`MAX_COLUMNS`]. Looks at each value a few
/// times at most, however they are arranged.
#[must_use]
pub fn columns(root: &Value) -> Vec<Column> {
    let mut found: Vec<Column> = Vec::new();
    let mut unit_here = None;
    walk(root, &mut |path, value| {
        if found.len() >= MAX_COLUMNS {
            return false;
        }
        // A quantity is visited just before the array it gives a unit to, under the same path.
        let unit: Option<String> = std::mem::take(&mut unit_here);
        match value {
            Value::Quantity(_) => unit_here = value.without_unit().1.map(str::to_owned),
            Value::List(items) => return from_list(path, items, unit.as_ref(), &mut found),
            Value::Array(array) => from_array(path, array, unit.as_ref(), &mut found),
            Value::Table(table) => {
                for column in &table.columns {
                    let values = column.values.iter().map(number).collect::<Option<Vec<_>>>();
                    push(
                        path,
                        Some(&column.name),
                        column.unit.as_ref(),
                        values,
                        &mut found,
                    );
                }
            }
            _ => {}
        }
        true
    });
    found.truncate(MAX_COLUMNS);
    number_equal_paths(&mut found);
    found
}

/// A number, or a gap; `None` when it is neither.
fn number(value: &Value) -> Option<Option<f64>> {
    match value {
        Value::Null => Some(None),
        value => value
            .as_f64()
            .map(|number| Some(number).filter(|n| n.is_finite())),
    }
}

fn push(
    path: &[String],
    name: Option<&String>,
    unit: Option<&String>,
    values: Option<Vec<Option<f64>>>,
    found: &mut Vec<Column>,
) {
    let Some(values) = values else { return };
    if found.len() >= MAX_COLUMNS || values.len() < 2 || values.iter().all(Option::is_none) {
        return;
    }
    let steps: Vec<&str> = path.iter().chain(name).map(String::as_str).collect();
    let label = match steps.as_slice() {
        [.., list, place] if place.starts_with('[') => format!("{list} {place}"),
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    };
    found.push(Column {
        path: shortened(&steps),
        label: label.chars().take(MAX_NAME_CHARS).collect(),
        unit: unit.cloned(),
        values,
    });
}

/// Answers whether the values inside are still to be looked at.
fn from_list(
    path: &[String],
    items: &[Value],
    unit: Option<&String>,
    found: &mut Vec<Column>,
) -> bool {
    if let Some(values) = items.iter().map(number).collect::<Option<Vec<_>>>() {
        let items_unit = items
            .first()
            .and_then(|item| item.without_unit().1)
            .map(str::to_owned);
        push(
            path,
            None,
            unit.cloned().or(items_unit).as_ref(),
            Some(values),
            found,
        );
        return false;
    }
    match items.first() {
        Some(Value::Object(record)) if items.len() > 1 => {
            for (key, unit, values) in record_columns(record, items) {
                push(path, Some(key), unit.as_ref(), values, found);
            }
            true
        }
        // A tall matrix is read by columns, a wide one by rows, a field not at all.
        Some(Value::List(row)) if row.len() <= items.len() => {
            for index in (0..row.len()).take_while(|_| row.len() <= MAX_MATRIX_COLUMNS) {
                let cell = |item: &Value| match item {
                    Value::List(cells) if cells.len() == row.len() => number(&cells[index]),
                    _ => None,
                };
                let name = format!("column {}", index + 1);
                push(
                    path,
                    Some(&name),
                    unit,
                    items.iter().map(cell).collect(),
                    found,
                );
            }
            row.iter().any(|cell| !cell.is_scalar())
        }
        Some(Value::List(_)) => items.len() <= MAX_MATRIX_COLUMNS,
        _ => true,
    }
}

type RecordColumn<'a> = (&'a String, Option<String>, Option<Vec<Option<f64>>>);

/// The columns of a list of records by the keys of the first, each record read once. A key that
/// another record lacks, or has no number for, makes no column.
fn record_columns<'a>(first: &'a Entries, records: &[Value]) -> Vec<RecordColumn<'a>> {
    let places: HashMap<&str, usize> = first
        .iter()
        .enumerate()
        .map(|(place, (key, _))| (key.as_str(), place))
        .collect();
    let mut columns = vec![Vec::new(); first.len()];
    for (row, record) in records.iter().enumerate() {
        let Value::Object(entries) = record else {
            return Vec::new();
        };
        for (key, value) in entries {
            let column = places.get(key.as_str()).map(|&place| &mut columns[place]);
            if let Some(column) = column
                && column.len() == row
                && let Some(number) = number(value)
            {
                column.push(number);
            }
        }
    }
    let complete = |column: Vec<_>| (column.len() == records.len()).then_some(column);
    let unit = |value: &Value| value.without_unit().1.map(str::to_owned);
    first
        .iter()
        .zip(columns)
        .map(|((key, value), column)| (key, unit(value), complete(column)))
        .collect()
}

/// The keys joined, up to the longest path.
fn shortened(steps: &[&str]) -> String {
    let mut path = String::new();
    for (index, step) in steps.iter().enumerate() {
        if index > 0 {
            path += " › ";
        }
        path.extend(step.chars().take(MAX_NAME_CHARS));
        if let Some((end, _)) = path.char_indices().nth(MAX_NAME_CHARS) {
            path.truncate(end);
            break;
        }
    }
    path
}

fn from_array(path: &[String], array: &Array, unit: Option<&String>, found: &mut Vec<Column>) {
    let column = |start: usize, step: usize| {
        (start..array.len())
            .step_by(step.max(1))
            .map(|index| number(&array.element(index)))
            .collect::<Option<Vec<_>>>()
    };
    match *array.shape() {
        [_] => push(path, None, unit, column(0, 1), found),
        [rows, width] if width <= MAX_MATRIX_COLUMNS && width <= rows => {
            for index in 0..width {
                let name = format!("column {}", index + 1);
                push(path, Some(&name), unit, column(index, width), found);
            }
        }
        _ => {}
    }
}

fn number_equal_paths(found: &mut [Column]) {
    let mut seen = HashMap::<String, usize>::new();
    for column in found {
        let times = seen.entry(column.path.clone()).or_default();
        *times += 1;
        if *times > 1 {
            column.path = format!("{} ({times})", column.path);
        }
    }
}
