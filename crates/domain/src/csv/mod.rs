//! A result as CSV (RFC 4180, UTF-8, CRLF), laid out in blocks:
//!
//! 1. the scalars, as `name,value,unit` rows; nested names are joined by ` › `;
//! 2. lists of numbers, those of equal length that stand together side by side;
//! 3. every table, list of records, matrix and chart, each a block of its own.
//!
//! Blocks are separated by an empty line. Where there is more than one block, each but the scalars
//! begins with a row that holds its name. A column's unit stands after its name: `stress [MPa]`.
//! Figures are left out. Numbers have their shortest exact form.
//!
//! A text that a spreadsheet would take for a formula is made harmless by an apostrophe before it.
//!
//! A file is little larger than its result: what the layout adds of its own is limited. Beyond the
//! limit, names stand without those that lead to them, rows without the cells that only fill them,
//! records as scalars, and the columns of a chart below each other.

mod cell;
mod column;

use crate::{
    chart::{Chart, SeriesValues, XValues},
    tabular::{ListKind, entries, kind_of},
    value::{Table, Value},
};
use cell::{cell, named, text};
use column::{Cells, Column, Rows};
use std::collections::HashMap;

/// Put before a file that a person will open in a spreadsheet, so that it is read as UTF-8.
pub const BOM: &str = "\u{FEFF}";

/// What the layout may add to the values: cells that only fill a row and names that are repeated,
/// bytes in the whole file.
pub const MAX_ADDED_BYTES: usize = 16 * 1024 * 1024;

const BETWEEN_NAMES: &str = " › ";

/// The result as CSV, without a byte order mark.
#[must_use]
pub fn of_result(result: &Value) -> String {
    let mut layout = Layout::default();
    layout.add(&mut Vec::new(), result, 0);
    layout.finish()
}

/// One step of the way to a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Place(usize),
}

impl Step<'_> {
    fn to_text(self) -> String {
        match self {
            Step::Key(key) => key.to_owned(),
            Step::Place(index) => format!("[{index}]"),
        }
    }
}

fn joined(path: &[Step]) -> String {
    let names: Vec<String> = path.iter().map(|step| step.to_text()).collect();
    names.join(BETWEEN_NAMES)
}

/// Columns that others may still be put beside.
struct Open<'a> {
    name: String,
    /// The object they belong to.
    group: usize,
    headers: Vec<String>,
    columns: Vec<Column<'a>>,
}

struct Layout<'a> {
    scalars: String,
    /// The name of the first block: left out when it is the only one.
    first_name: String,
    blocks: String,
    count: usize,
    open: Option<Open<'a>>,
    /// Objects so far; each is a group of its own.
    groups: usize,
    /// Bytes that may still be added.
    spare: usize,
}

impl Default for Layout<'_> {
    fn default() -> Self {
        Self {
            scalars: String::new(),
            first_name: String::new(),
            blocks: String::new(),
            count: 0,
            open: None,
            groups: 0,
            spare: MAX_ADDED_BYTES,
        }
    }
}

impl<'a> Layout<'a> {
    /// `group` is the object the value belongs to.
    fn add(&mut self, path: &mut Vec<Step<'a>>, value: &'a Value, group: usize) {
        let (inner, unit) = value.without_unit();
        if inner.is_scalar() {
            let name = self.name(path);
            let row = [text(&name), cell(inner), text(unit.unwrap_or_default())];
            column::line(&mut self.scalars, row);
            return;
        }
        match inner {
            Value::Object(entries) => {
                self.groups += 1;
                let group = self.groups;
                for (key, value) in entries {
                    path.push(Step::Key(key));
                    self.add(path, value, group);
                    path.pop();
                }
            }
            Value::Array(array) => self.cells(path, Cells::of(array), unit, group),
            Value::List(list) => self.list(path, list, unit, group),
            Value::Table(table) => self.table(path, table),
            Value::Chart(chart) => self.chart(path, chart),
            _ => {}
        }
    }

    fn list(
        &mut self,
        path: &mut Vec<Step<'a>>,
        list: &'a [Value],
        unit: Option<&str>,
        group: usize,
    ) {
        match kind_of(list) {
            ListKind::Scalars => {
                let unit = unit.or_else(|| list.first().and_then(|item| item.without_unit().1));
                self.column(path, Column::Values(list), unit, group);
            }
            ListKind::Rows => self.matrix(path, Rows::Lists(list)),
            ListKind::Records => self.records(path, list),
            ListKind::Mixed => {
                for (index, item) in list.iter().enumerate() {
                    path.push(Step::Place(index));
                    self.add(path, item, group);
                    path.pop();
                }
            }
        }
    }

    /// A packed array, by its number of dimensions.
    fn cells(
        &mut self,
        path: &mut Vec<Step<'a>>,
        cells: Cells<'a>,
        unit: Option<&str>,
        group: usize,
    ) {
        match cells.dimensions() {
            0 | 1 => self.column(path, Column::Cells(cells), unit, group),
            2 => self.matrix(path, Rows::Cells(cells)),
            _ => {
                for (index, part) in cells.parts().enumerate() {
                    path.push(Step::Place(index));
                    self.cells(path, part, unit, group);
                    path.pop();
                }
            }
        }
    }

    fn column(&mut self, path: &[Step<'a>], column: Column<'a>, unit: Option<&str>, group: usize) {
        let (name, above) = path.split_last().map_or_else(
            || ("value".to_owned(), path),
            |(name, above)| (name.to_text(), above),
        );
        let header = named(&name, unit);
        if let Some(open) = &mut self.open
            && open.group == group
            && open.columns[0].len() == column.len()
        {
            open.headers.push(header);
            open.columns.push(column);
            return;
        }
        self.close();
        let above = joined(above);
        let name = if self.take(above.len()) {
            above
        } else {
            String::new()
        };
        self.open = Some(Open {
            name,
            group,
            headers: vec![header],
            columns: vec![column],
        });
    }

    /// Writes the open block.
    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.begin(&open.name);
            column::line(&mut self.blocks, &open.headers);
            column::write_side_by_side(&mut self.blocks, &open.columns);
        }
    }

    /// Begins a block: what separates it from the one before, and its name.
    fn begin(&mut self, name: &str) {
        self.count += 1;
        if self.count == 1 {
            self.first_name = name.to_owned();
            return;
        }
        self.blocks += "\r\n";
        if !name.is_empty() {
            column::line(&mut self.blocks, [text(name)]);
        }
    }

    fn begin_at(&mut self, path: &[Step<'a>]) {
        self.close();
        let name = self.name(path);
        self.begin(&name);
    }

    fn matrix(&mut self, path: &[Step<'a>], rows: Rows<'a>) {
        self.begin_at(path);
        let width = rows.width();
        let filled = self.take(rows.missing(width));
        column::line(&mut self.blocks, (1..=width).map(|place| place.to_string()));
        rows.write(&mut self.blocks, if filled { width } else { 0 });
    }

    fn records(&mut self, path: &mut Vec<Step<'a>>, records: &'a [Value]) {
        let mut places = HashMap::new();
        let mut headers = Vec::new();
        let mut cells = 0;
        for (key, value) in records.iter().flat_map(entries) {
            cells += 1;
            places.entry(key.as_str()).or_insert_with(|| {
                headers.push(named(key, value.without_unit().1));
                headers.len() - 1
            });
        }
        // A key may stand twice in a record: one that was escaped beside one that was not.
        let filled = records.len().saturating_mul(headers.len());
        let missing = filled.saturating_sub(cells);
        if !self.take(missing) {
            for (index, record) in records.iter().enumerate() {
                path.push(Step::Place(index));
                self.add(path, record, 0);
                path.pop();
            }
            return;
        }
        self.begin_at(path);
        column::line(&mut self.blocks, &headers);
        let mut row = vec![String::new(); headers.len()];
        for record in records {
            row.iter_mut().for_each(String::clear);
            for (key, value) in entries(record) {
                row[places[key.as_str()]] = cell(value);
            }
            column::line(&mut self.blocks, &row);
        }
    }

    fn table(&mut self, path: &[Step<'a>], table: &'a Table) {
        self.begin_at(path);
        let headers = table
            .columns
            .iter()
            .map(|column| named(&column.name, column.unit.as_deref()));
        column::line(&mut self.blocks, headers);
        let columns: Vec<_> = table
            .columns
            .iter()
            .map(|column| Column::Values(&column.values))
            .collect();
        column::write_side_by_side(&mut self.blocks, &columns);
    }

    fn chart(&mut self, path: &[Step<'a>], chart: &'a Chart) {
        let columns = chart_columns(chart);
        let rows = columns.iter().map(|(_, column)| column.len()).max();
        let rows = rows.unwrap_or(0);
        let missing = columns.iter().map(|(_, column)| rows - column.len()).sum();
        self.close();
        let name = if chart.title.is_empty() {
            self.name(path)
        } else {
            chart.title.clone()
        };
        let together = if self.take(missing) { columns.len() } else { 1 };
        for (index, columns) in columns.chunks(together).enumerate() {
            self.begin(if index == 0 { &name } else { "" });
            column::line(&mut self.blocks, columns.iter().map(|(header, _)| header));
            let columns: Vec<_> = columns.iter().map(|(_, column)| *column).collect();
            column::write_side_by_side(&mut self.blocks, &columns);
        }
    }

    /// The keys that lead to a value, or its own alone when there is no room for the others.
    fn name(&mut self, path: &[Step<'a>]) -> String {
        let Some((own, above)) = path.split_last() else {
            return String::new();
        };
        let length: usize = above
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.len() + BETWEEN_NAMES.len(),
                Step::Place(_) => BETWEEN_NAMES.len() + usize::BITS as usize / 4,
            })
            .sum();
        if self.take(length) {
            joined(path)
        } else {
            own.to_text()
        }
    }

    /// Whether that many bytes may be added.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.spare.checked_sub(bytes);
        self.spare = left.unwrap_or(self.spare);
        left.is_some()
    }

    fn finish(mut self) -> String {
        self.close();
        if self.count == 0 && self.scalars.is_empty() {
            return String::new();
        }
        let mut csv = String::with_capacity(self.scalars.len() + self.blocks.len() + 64);
        if !self.scalars.is_empty() {
            csv += "name,value,unit\r\n";
            csv += &self.scalars;
        }
        let alone = self.count == 1 && self.scalars.is_empty();
        if self.count > 0 && !csv.is_empty() {
            csv += "\r\n";
        }
        if self.count > 0 && !alone && !self.first_name.is_empty() {
            column::line(&mut csv, [text(&self.first_name)]);
        }
        csv + &self.blocks
    }
}

fn chart_columns(chart: &Chart) -> Vec<(String, Column<'_>)> {
    let label = if chart.x.label.is_empty() {
        "x"
    } else {
        &chart.x.label
    };
    let x = match &chart.x.values {
        XValues::Numbers(numbers) => Column::Points(numbers),
        XValues::Names(names) => Column::Names(names),
    };
    let mut columns = vec![(named(label, chart.x.unit.as_deref()), x)];
    let unit = chart.y.unit.as_deref();
    for series in &chart.series {
        match &series.values {
            SeriesValues::Single(values) => {
                columns.push((named(&series.label, unit), Column::Points(values)));
            }
            SeriesValues::Band(pairs) => {
                let bound = |which: &str| named(&format!("{} {which}", series.label), unit);
                columns.push((bound("low"), Column::Lows(pairs)));
                columns.push((bound("high"), Column::Highs(pairs)));
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests;
