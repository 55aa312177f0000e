//! What a list is on paper.

use crate::value::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    /// A column.
    Scalars,
    /// The rows of a matrix.
    Rows,
    /// The rows of a table with names.
    Records,
    /// Things of their own.
    Mixed,
}

/// An empty list is a column.
pub(crate) fn kind_of(list: &[Value]) -> ListKind {
    if list.iter().all(Value::is_scalar) {
        ListKind::Scalars
    } else if list.iter().all(is_row) {
        ListKind::Rows
    } else if list.iter().all(is_record) {
        ListKind::Records
    } else {
        ListKind::Mixed
    }
}

fn is_row(value: &Value) -> bool {
    matches!(value, Value::List(cells) if cells.iter().all(Value::is_scalar))
}

fn is_record(value: &Value) -> bool {
    matches!(value, Value::Object(entries) if entries.iter().all(|(_, value)| value.is_scalar()))
}

/// The cells of a row.
pub(crate) fn cells(row: &Value) -> &[Value] {
    match row {
        Value::List(cells) => cells,
        _ => &[],
    }
}

/// The entries of a record.
pub(crate) fn entries(record: &Value) -> &[(String, Value)] {
    match record {
        Value::Object(entries) => entries,
        _ => &[],
    }
}
