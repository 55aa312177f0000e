//! Lists, matrices, records, arrays and tables as one thing: named columns of cells that are
//! formatted only when they are shown.

use super::plan::readable_time;
use domain::{
    Lang,
    number::{Formatted, format_value},
    value::{Array, Table, Value},
};
use std::sync::Arc;

/// Columns that are shown; more are in the files.
pub const MAX_COLUMNS: usize = 60;
/// Rows of one page.
pub const PAGE: usize = 100;
/// Characters of a cell that are shown.
const CELL_TEXT: usize = 120;

#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    pub name: String,
    pub columns: Vec<GridColumn>,
    pub rows: usize,
    /// Rows have no name of their own, and show their place as Python counts it, from 0.
    pub numbered: bool,
    pub hidden_columns: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GridColumn {
    /// Empty for the only column of a list.
    pub name: String,
    pub unit: Option<String>,
    cells: Cells,
}

#[derive(Clone, Debug, PartialEq)]
enum Cells {
    Values(Vec<Value>),
    /// Every `step`-th element from `first` on.
    Array {
        array: Arc<Array>,
        first: usize,
        step: usize,
    },
}

/// A cell as shown, and as copies give it.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub number: Formatted,
    pub exact: String,
}

impl GridColumn {
    fn new(name: impl Into<String>, unit: Option<String>, values: Vec<Value>) -> Self {
        Self {
            name: name.into(),
            unit,
            cells: Cells::Values(values),
        }
    }

    fn value(&self, row: usize) -> Value {
        match &self.cells {
            Cells::Values(values) => values.get(row).cloned().unwrap_or_default(),
            Cells::Array { array, first, step } => array.element(first + row * step),
        }
    }

    /// What stands in a row; a cell that holds more than one value shows what it is.
    #[must_use]
    pub fn cell(&self, row: usize, lang: Lang) -> Cell {
        let value = self.value(row);
        let exact = value.exact_text();
        let number = match &value {
            Value::DateTime(text) => word(readable_time(text)),
            Value::Text(text) => word(cut(text)),
            value => {
                format_value(value, lang).unwrap_or_else(|| word(kind(value, lang).to_owned()))
            }
        };
        Cell {
            number,
            exact: exact.unwrap_or_default(),
        }
    }

    /// Whether its cells are mostly words, which stand to the left.
    #[must_use]
    pub fn is_words(&self, lang: Lang) -> bool {
        (0..8).any(|row| {
            matches!(self.value(row), Value::Text(_) | Value::DateTime(_))
                && self.cell(row, lang).number.is_word
        })
    }
}

impl Grid {
    #[must_use]
    pub fn from_table(name: String, table: Table) -> Self {
        let rows = table.rows();
        let columns = table
            .columns
            .into_iter()
            .map(|column| GridColumn::new(column.name, column.unit, column.values))
            .collect();
        Self::new(name, columns, rows, false)
    }

    /// An array of one or two dimensions; gives back any other.
    ///
    /// # Errors
    /// The name and the array, unchanged.
    pub fn from_array(
        name: String,
        array: Array,
        unit: Option<String>,
    ) -> Result<Self, (String, Array)> {
        let (rows, width) = match *array.shape() {
            [length] => (length, 1),
            [rows, width] if width > 0 => (rows, width),
            _ => return Err((name, array)),
        };
        let single = array.shape().len() == 1;
        let array = Arc::new(array);
        let columns = (0..width)
            .map(|index| GridColumn {
                name: if single {
                    String::new()
                } else {
                    index.to_string()
                },
                unit: unit.clone(),
                cells: Cells::Array {
                    array: Arc::clone(&array),
                    first: index,
                    step: width,
                },
            })
            .collect();
        Ok(Self::new(name, columns, rows, true))
    }

    /// A list of scalars, of equally long rows, or of records; gives back any other.
    ///
    /// # Errors
    /// The name and the items, unchanged.
    pub fn from_list(
        name: String,
        items: Vec<Value>,
        unit: Option<String>,
    ) -> Result<Self, (String, Vec<Value>)> {
        let rows = items.len();
        if items.iter().all(Value::is_scalar) {
            let of_items = items
                .first()
                .and_then(|item| item.without_unit().1)
                .map(str::to_owned);
            let column = GridColumn::new("", unit.or(of_items), items);
            return Ok(Self::new(name, vec![column], rows, true));
        }
        if let Some(width) = matrix_width(&items) {
            let mut columns: Vec<Vec<Value>> =
                (0..width).map(|_| Vec::with_capacity(rows)).collect();
            for item in items {
                let Value::List(cells) = item else { continue };
                for (column, cell) in columns.iter_mut().zip(cells) {
                    column.push(cell);
                }
            }
            let columns = columns
                .into_iter()
                .enumerate()
                .map(|(index, values)| GridColumn::new(index.to_string(), unit.clone(), values))
                .collect();
            return Ok(Self::new(name, columns, rows, true));
        }
        match record_keys(&items) {
            Some(keys) => Ok(Self::new(name, record_columns(&items, keys), rows, true)),
            None => Err((name, items)),
        }
    }

    fn new(name: String, mut columns: Vec<GridColumn>, rows: usize, numbered: bool) -> Self {
        let hidden_columns = columns.len().saturating_sub(MAX_COLUMNS);
        columns.truncate(MAX_COLUMNS);
        Self {
            name,
            columns,
            rows,
            numbered,
            hidden_columns,
        }
    }

    /// The unit that all columns share, to be shown once.
    #[must_use]
    pub fn shared_unit(&self) -> Option<&str> {
        let first = self.columns.first()?.unit.as_deref()?;
        (self.columns.len() == 1).then_some(first)
    }
}

fn matrix_width(items: &[Value]) -> Option<usize> {
    let width = |item: &Value| match item {
        Value::List(cells) if cells.iter().all(Value::is_scalar) => Some(cells.len()),
        _ => None,
    };
    let first = width(items.first()?)?;
    (first > 0 && items.iter().all(|item| width(item) == Some(first))).then_some(first)
}

/// The keys of records that hold scalars only, in the order they first appear.
fn record_keys(items: &[Value]) -> Option<Vec<String>> {
    let mut keys: Vec<String> = Vec::new();
    for item in items {
        let Value::Object(entries) = item else {
            return None;
        };
        for (key, value) in entries {
            if !value.is_scalar() {
                return None;
            }
            if !keys.contains(key) {
                keys.push(key.clone());
            }
            if keys.len() > 4 * MAX_COLUMNS {
                return None;
            }
        }
    }
    (items.len() > 1 && !keys.is_empty()).then_some(keys)
}

fn record_columns(items: &[Value], keys: Vec<String>) -> Vec<GridColumn> {
    keys.into_iter()
        .map(|key| {
            let cells: Vec<&Value> = items
                .iter()
                .map(|item| item.get(&key).unwrap_or(&Value::Null))
                .collect();
            let unit = cells
                .iter()
                .find_map(|cell| cell.without_unit().1)
                .map(str::to_owned);
            let values = cells.into_iter().cloned().collect();
            GridColumn::new(key, unit, values)
        })
        .collect()
}

fn word(text: String) -> Formatted {
    Formatted {
        integer_part: text,
        is_word: true,
        ..Formatted::default()
    }
}

fn cut(text: &str) -> String {
    let line = text.replace(['\n', '\r', '\t'], " ");
    match line.char_indices().nth(CELL_TEXT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn kind(value: &Value, lang: Lang) -> &'static str {
    match value {
        Value::List(_) | Value::Array(_) => lang.pick("list", "liste"),
        Value::Table(_) => lang.pick("table", "tableau"),
        Value::Chart(_) => lang.pick("chart", "graphique"),
        Value::Figure(_) => lang.pick("figure", "figure"),
        _ => lang.pick("group", "groupe"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(json: &str) -> Grid {
        let Ok(Value::List(items)) = Value::parse(json) else {
            panic!("a list")
        };
        Grid::from_list("g".to_owned(), items, None).expect("a grid")
    }

    #[test]
    fn records_with_missing_keys_have_empty_cells() {
        let grid =
            grid(r#"[{"F":{"$type":"quantity","value":1.5,"unit":"kN"}},{"F":2,"note":"x\ny"}]"#);
        let names: Vec<_> = grid
            .columns
            .iter()
            .map(|c| (c.name.as_str(), c.unit.as_deref()))
            .collect();
        assert_eq!(names, [("F", Some("kN")), ("note", None)]);
        assert_eq!(
            grid.columns[0].cell(0, Lang::Fr).number.to_string(),
            "1,500"
        );
        assert_eq!(grid.columns[1].cell(0, Lang::En).exact, "");
        assert_eq!(grid.columns[1].cell(1, Lang::En).number.to_string(), "x y");
    }

    #[test]
    fn ragged_lists_are_no_grid_and_come_back_unchanged() {
        let items = vec![Value::List(vec![Value::Null]), Value::List(Vec::new())];
        assert_eq!(
            Grid::from_list("r".to_owned(), items.clone(), None),
            Err(("r".to_owned(), items))
        );
    }

    #[test]
    fn a_wide_matrix_says_how_many_columns_it_hides() {
        let row = format!("[{}]", vec!["1"; MAX_COLUMNS + 5].join(","));
        let grid = grid(&format!("[{row},{row}]"));
        assert_eq!((grid.columns.len(), grid.hidden_columns), (MAX_COLUMNS, 5));
    }
}
