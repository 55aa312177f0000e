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

use crate::{
    chart::{Chart, SeriesValues, XValues},
    number::exact,
    value::{Table, Value},
};

/// Put before a file that a person will open in a spreadsheet, so that it is read as UTF-8.
pub const BOM: &str = "\u{FEFF}";

/// Characters with which a spreadsheet may begin a formula, in their narrow and wide forms.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The result as CSV, without a byte order mark.
#[must_use]
pub fn of_result(result: &Value) -> String {
    let mut layout = Layout::default();
    layout.add(&mut Vec::new(), result);
    layout.write()
}

#[derive(Default)]
struct Layout {
    scalars: Vec<Vec<String>>,
    blocks: Vec<Block>,
}

struct Block {
    name: Vec<String>,
    /// Cells, ready to be written.
    header: Vec<String>,
    columns: Vec<Vec<String>>,
    /// Further lists of the same group and length may stand beside these.
    open: bool,
}

impl Layout {
    fn add(&mut self, path: &mut Vec<String>, value: &Value) {
        let (inner, unit) = value.without_unit();
        if inner.is_scalar() {
            let name = text(&path.join(" › "));
            self.scalars
                .push(vec![name, cell(inner), text(unit.unwrap_or_default())]);
            return;
        }
        match inner {
            Value::Object(entries) => {
                for (key, value) in entries {
                    path.push(key.clone());
                    self.add(path, value);
                    path.pop();
                }
            }
            Value::Array(array) => self.list(path, &items(array.nested()), unit),
            Value::List(list) => self.list(path, list, unit),
            Value::Table(table) => self.blocks.push(table_block(path, table)),
            Value::Chart(chart) => self.blocks.push(chart_block(path, chart)),
            _ => {}
        }
    }

    fn list(&mut self, path: &mut Vec<String>, list: &[Value], unit: Option<&str>) {
        if list.iter().all(Value::is_scalar) {
            self.column(path, list, unit);
        } else if list.iter().all(is_row) {
            self.blocks.push(matrix_block(path, list));
        } else if list.iter().all(is_record) {
            self.blocks.push(records_block(path, list));
        } else {
            for (index, item) in list.iter().enumerate() {
                path.push(format!("[{index}]"));
                self.add(path, item);
                path.pop();
            }
        }
    }

    fn column(&mut self, path: &[String], list: &[Value], unit: Option<&str>) {
        let (name, group) = path
            .split_last()
            .map_or(("value", path), |(name, group)| (name, group));
        let unit = unit.or_else(|| list.first().and_then(|item| item.without_unit().1));
        let header = named(name, unit);
        let values: Vec<String> = list.iter().map(cell).collect();
        if let Some(block) = self.blocks.last_mut()
            && block.open
            && block.name == group
            && block.columns[0].len() == values.len()
        {
            block.header.push(header);
            block.columns.push(values);
            return;
        }
        self.blocks.push(Block {
            name: group.to_vec(),
            header: vec![header],
            columns: vec![values],
            open: true,
        });
    }

    fn write(self) -> String {
        let mut csv = String::new();
        let alone = self.blocks.len() == 1 && self.scalars.is_empty();
        if !self.scalars.is_empty() {
            csv += "name,value,unit\r\n";
            self.scalars.iter().for_each(|row| line(&mut csv, row));
        }
        for block in &self.blocks {
            if !csv.is_empty() {
                csv += "\r\n";
            }
            if !alone && !block.name.is_empty() {
                line(&mut csv, &[text(&block.name.join(" › "))]);
            }
            line(&mut csv, &block.header);
            let rows = block.columns.iter().map(Vec::len).max().unwrap_or(0);
            for row in 0..rows {
                let cells = block
                    .columns
                    .iter()
                    .map(|column| column.get(row).map_or("", String::as_str));
                line(&mut csv, &cells.collect::<Vec<_>>());
            }
        }
        csv
    }
}

fn line(csv: &mut String, cells: &[impl AsRef<str>]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            csv.push(',');
        }
        csv.push_str(cell.as_ref());
    }
    csv.push_str("\r\n");
}

/// A scalar, ready to be written. Only texts can look like formulas that are none.
fn cell(value: &Value) -> String {
    match value.without_unit().0 {
        Value::Text(content) | Value::DateTime(content) => text(content),
        value => quoted(&value.exact_text().unwrap_or_default()),
    }
}

/// A text, harmless and quoted. A spreadsheet may split at semicolons, tabs and line ends, whatever
/// the quotation marks say, so what follows one counts as a beginning.
fn text(content: &str) -> String {
    let mut harmless = String::with_capacity(content.len() + 1);
    let mut begins = true;
    for (at, c) in content.char_indices() {
        if begins && FORMULA_STARTS.contains(&c) && (at == 0 || !c.is_control()) {
            harmless.push('\'');
        }
        begins = matches!(c, ';' | '\t' | '\r' | '\n');
        harmless.push(c);
    }
    quoted(&harmless)
}

fn quoted(content: &str) -> String {
    if content.contains(['"', ',', '\r', '\n'])
        || content.starts_with(' ')
        || content.ends_with(' ')
    {
        return format!("\"{}\"", content.replace('"', "\"\""));
    }
    content.to_owned()
}

fn named(name: &str, unit: Option<&str>) -> String {
    match unit.filter(|unit| !unit.is_empty()) {
        Some(unit) => text(&format!("{name} [{unit}]")),
        None => text(name),
    }
}

fn items(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) => items,
        value => vec![value],
    }
}

fn is_row(value: &Value) -> bool {
    matches!(value, Value::List(cells) if cells.iter().all(Value::is_scalar))
}

fn is_record(value: &Value) -> bool {
    matches!(value, Value::Object(entries) if entries.iter().all(|(_, value)| value.is_scalar()))
}

fn table_block(path: &[String], table: &Table) -> Block {
    Block {
        name: path.to_vec(),
        header: table
            .columns
            .iter()
            .map(|column| named(&column.name, column.unit.as_deref()))
            .collect(),
        columns: table
            .columns
            .iter()
            .map(|column| column.values.iter().map(cell).collect())
            .collect(),
        open: false,
    }
}

fn matrix_block(path: &[String], rows: &[Value]) -> Block {
    let rows: Vec<Vec<Value>> = rows.iter().cloned().map(items).collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let column = |index: usize| {
        rows.iter()
            .map(|row| row.get(index).map(cell).unwrap_or_default())
            .collect()
    };
    Block {
        name: path.to_vec(),
        header: (1..=width).map(|place| place.to_string()).collect(),
        columns: (0..width).map(column).collect(),
        open: false,
    }
}

fn records_block(path: &[String], records: &[Value]) -> Block {
    let mut keys: Vec<(&String, Option<&str>)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for record in records {
        if let Value::Object(entries) = record {
            let new = entries.iter().filter(|(key, _)| seen.insert(key));
            keys.extend(new.map(|(key, value)| (key, value.without_unit().1)));
        }
    }
    let column = |key: &str| {
        records
            .iter()
            .map(|record| record.get(key).map(cell).unwrap_or_default())
            .collect()
    };
    Block {
        name: path.to_vec(),
        columns: keys.iter().map(|(key, _)| column(key)).collect(),
        header: keys
            .into_iter()
            .map(|(key, unit)| named(key, unit))
            .collect(),
        open: false,
    }
}

fn chart_block(path: &[String], chart: &Chart) -> Block {
    let optional = |value: &Option<f64>| value.map(exact).unwrap_or_default();
    let label = if chart.x.label.is_empty() {
        "x"
    } else {
        &chart.x.label
    };
    let mut header = vec![named(label, chart.x.unit.as_deref())];
    let mut columns = vec![match &chart.x.values {
        XValues::Numbers(numbers) => numbers.iter().map(optional).collect(),
        XValues::Names(names) => names.iter().map(|name| text(name)).collect::<Vec<_>>(),
    }];
    for series in &chart.series {
        let unit = chart.y.unit.as_deref();
        match &series.values {
            SeriesValues::Single(values) => {
                header.push(named(&series.label, unit));
                columns.push(values.iter().map(optional).collect());
            }
            SeriesValues::Band(pairs) => {
                header.push(named(&format!("{} low", series.label), unit));
                columns.push(
                    pairs
                        .iter()
                        .map(|pair| optional(&pair.map(|(low, _)| low)))
                        .collect(),
                );
                header.push(named(&format!("{} high", series.label), unit));
                columns.push(
                    pairs
                        .iter()
                        .map(|pair| optional(&pair.map(|(_, high)| high)))
                        .collect(),
                );
            }
        }
    }
    let name = if chart.title.is_empty() {
        path.to_vec()
    } else {
        vec![chart.title.clone()]
    };
    Block {
        name,
        header,
        columns,
        open: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(json: &str) -> String {
        of_result(&Value::parse(json).expect("valid JSON"))
    }

    #[test]
    fn scalars_are_rows_of_name_value_unit() {
        assert_eq!(
            csv(
                r#"{"stress":{"$type":"quantity","value":52.02882980177223,"unit":"N·mm"},"part":{"n":-5,"ok":true},"note":"a, \"b\"","none":null}"#
            ),
            "name,value,unit\r\nstress,52.02882980177223,N·mm\r\npart › n,-5,\r\npart › ok,true,\r\nnote,\"a, \"\"b\"\"\",\r\nnone,,\r\n"
        );
        assert_eq!(csv("100.0"), "name,value,unit\r\n,100,\r\n");
    }

    #[test]
    fn a_table_alone_is_only_a_table() {
        assert_eq!(
            csv(
                r#"{"sections":{"$type":"table","columns":[{"name":"name","dtype":"str","unit":null},{"name":"I","dtype":"float64","unit":"cm⁴"}],"data":[["IPE 200","IPE 220"],[1943.0,{"$type":"number","value":"NaN"}]]}}"#
            ),
            "name,I [cm⁴]\r\nIPE 200,1943\r\nIPE 220,NaN\r\n"
        );
    }

    #[test]
    fn several_blocks_have_names_and_equal_lists_stand_side_by_side() {
        assert_eq!(
            csv(
                r#"{"a":1,"curve":{"x":{"$type":"quantity","value":[0,1],"unit":"m"},"y":[2.5,null]},"m":[[1,2],[3]],"r":[{"k":1},{"k":2,"l":"z"}],
                "c":{"$type":"chart","title":"Plot","x":{"label":"t","unit":"s","values":[0,1]},"y":{"unit":"mm"},"series":[{"label":"u","kind":"line","values":[1,null]},{"label":"w","kind":"band","values":[[1,2],null]}]}}"#
            ),
            [
                "name,value,unit",
                "a,1,",
                "",
                "curve",
                "x [m],y",
                "0,2.5",
                "1,",
                "",
                "m",
                "1,2",
                "1,2",
                "3,",
                "",
                "r",
                "k,l",
                "1,",
                "2,z",
                "",
                "Plot",
                "t [s],u [mm],w low [mm],w high [mm]",
                "0,1,1,2",
                "1,,,",
                "",
            ]
            .join("\r\n")
        );
    }

    #[test]
    fn texts_that_look_like_formulas_are_harmless_and_numbers_stay_numbers() {
        assert_eq!(
            csv(
                r#"{"=1+1":"=cmd|' /C calc'!A0","b":"-5","c":-5,"d":"@SUM(A1)","e":"\tx","f":"+1","g":"\rx","h":"＝1","i":"a;=1;b-2","j":"a\r\nb"}"#
            ),
            "name,value,unit\r\n'=1+1,'=cmd|' /C calc'!A0,\r\nb,'-5,\r\nc,-5,\r\nd,'@SUM(A1),\r\ne,'\tx,\r\nf,'+1,\r\ng,\"'\rx\",\r\nh,'＝1,\r\ni,a;'=1;b-2,\r\nj,\"a\r\nb\",\r\n"
        );
    }

    #[test]
    fn a_formula_in_a_table_or_header_is_harmless_too() {
        let text = csv(
            r#"{"t":{"$type":"table","columns":[{"name":"=A1","dtype":"str","unit":"=u"}],"data":[["=B1"]]},"u":{"$type":"quantity","value":1,"unit":"=C1"}}"#,
        );
        assert!(
            !text
                .lines()
                .flat_map(|line| line.split(','))
                .any(|cell| cell.starts_with('=')),
            "{text}"
        );
    }
}
