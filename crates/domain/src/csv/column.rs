//! Values that stand below each other or side by side, read in place.

use super::cell::{cell, text};
use crate::{
    number::exact,
    value::{Array, Value},
};

/// Writes a row of cells that are ready.
pub(super) fn line(csv: &mut String, cells: impl IntoIterator<Item = impl AsRef<str>>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            csv.push(',');
        }
        csv.push_str(cell.as_ref());
    }
    csv.push_str("\r\n");
}

/// Writes columns row by row; the shorter ones end in empty cells.
pub(super) fn write_side_by_side(csv: &mut String, columns: &[Column]) {
    let rows = columns.iter().map(Column::len).max().unwrap_or(0);
    for row in 0..rows {
        line(csv, columns.iter().map(|column| column.cell(row)));
    }
}

/// Values of one column.
#[derive(Clone, Copy)]
pub(super) enum Column<'a> {
    Values(&'a [Value]),
    Cells(Cells<'a>),
    Points(&'a [Option<f64>]),
    Names(&'a [String]),
    Lows(&'a [Option<(f64, f64)>]),
    Highs(&'a [Option<(f64, f64)>]),
}

impl Column<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Cells(cells) => cells.rows(),
            Self::Points(points) => points.len(),
            Self::Names(names) => names.len(),
            Self::Lows(pairs) | Self::Highs(pairs) => pairs.len(),
        }
    }

    /// Empty beyond the end.
    fn cell(&self, row: usize) -> String {
        let written = match self {
            Self::Values(values) => values.get(row).map(cell),
            Self::Cells(cells) => (row < cells.rows()).then(|| cells.cell(0, row)),
            Self::Points(points) => points.get(row).copied().flatten().map(exact),
            Self::Names(names) => names.get(row).map(|name| text(name)),
            Self::Lows(pairs) => pairs.get(row).copied().flatten().map(|(low, _)| exact(low)),
            Self::Highs(pairs) => pairs
                .get(row)
                .copied()
                .flatten()
                .map(|(_, high)| exact(high)),
        };
        written.unwrap_or_default()
    }
}

/// A packed array or a part of one.
#[derive(Clone, Copy)]
pub(super) struct Cells<'a> {
    array: &'a Array,
    shape: &'a [usize],
    start: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn of(array: &'a Array) -> Self {
        // An empty array has no rows, whatever its shape says of them.
        let shape = if array.is_empty() { &[] } else { array.shape() };
        Self {
            array,
            shape,
            start: 0,
        }
    }

    pub(super) fn dimensions(&self) -> usize {
        self.shape.len()
    }

    fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(0)
    }

    fn width(&self) -> usize {
        self.shape.get(1).copied().unwrap_or(1)
    }

    fn cell(&self, row: usize, column: usize) -> String {
        cell(&self.array.element(self.start + row * self.width() + column))
    }

    /// The parts along the first dimension.
    pub(super) fn parts(self) -> impl Iterator<Item = Self> {
        let (length, shape) = self.shape.split_first().unwrap_or((&0, &[]));
        let size: usize = shape.iter().product();
        (0..*length).map(move |index| Self {
            shape,
            start: self.start + index * size,
            ..self
        })
    }
}

/// The rows of a matrix.
#[derive(Clone, Copy)]
pub(super) enum Rows<'a> {
    Lists(&'a [Value]),
    Cells(Cells<'a>),
}

impl Rows<'_> {
    /// Cells of the longest row.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Lists(rows) => rows.iter().map(|row| row_of(row).len()).max().unwrap_or(0),
            Self::Cells(cells) => cells.width(),
        }
    }

    /// Cells that rows of that width lack.
    pub(super) fn missing(&self, width: usize) -> usize {
        match self {
            Self::Lists(rows) => rows.iter().map(|row| width - row_of(row).len()).sum(),
            Self::Cells(_) => 0,
        }
    }

    /// Writes every row, those of lists with at least `width` cells.
    pub(super) fn write(&self, csv: &mut String, width: usize) {
        match self {
            Self::Lists(rows) => {
                for row in rows.iter().map(row_of) {
                    let filling = width.saturating_sub(row.len());
                    let filling = std::iter::repeat_n(String::new(), filling);
                    line(csv, row.iter().map(cell).chain(filling));
                }
            }
            Self::Cells(cells) => {
                for row in 0..cells.rows() {
                    line(
                        csv,
                        (0..cells.width()).map(|column| cells.cell(row, column)),
                    );
                }
            }
        }
    }
}

fn row_of(row: &Value) -> &[Value] {
    match row {
        Value::List(cells) => cells,
        _ => &[],
    }
}
