//! What a result is shown as: its scalars as rows of one table, then groups, grids, charts and
//! figures in the author's order. Pure; the views below only write this down.

use super::grid::Grid;
use domain::{
    Lang,
    chart::Chart,
    number::{Formatted, format_value},
    value::{Array, Entries, Figure, Value},
};

/// A list of scalars up to this long is written in one row.
const INLINE_ITEMS: usize = 10;
/// A text longer than this, characters, or of several lines stands under its name.
const INLINE_TEXT: usize = 60;
/// Groups deeper than this are closed at first.
pub const OPEN_DEPTH: usize = 3;
/// Entries of one list or object that are shown; more are in the JSON.
pub const MAX_ENTRIES: usize = 200;

#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Values(Vec<Row>),
    Group(Group),
    Grid(Grid),
    Chart(Box<PlannedChart>),
    Figure {
        name: String,
        figure: Box<Figure>,
    },
    Text {
        name: String,
        text: String,
    },
    /// More entries than are shown.
    Rest {
        hidden: usize,
    },
}

/// One scalar: its name, its value as shown, its unit, and the value as copies give it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: String,
    pub number: Formatted,
    pub unit: Option<String>,
    pub exact: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub name: String,
    pub entries: usize,
    pub depth: usize,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlannedChart {
    /// Its number in the addresses of its files: depth first, in the author's order.
    pub index: usize,
    /// What the result calls it, for a chart without a title.
    pub name: String,
    pub chart: Chart,
}

impl PlannedChart {
    #[must_use]
    pub fn title(&self) -> &str {
        if self.chart.title.is_empty() {
            &self.name
        } else {
            &self.chart.title
        }
    }
}

/// Lays out a whole result; empty when there is nothing to show.
#[must_use]
pub fn blocks(root: Value, lang: Lang) -> Vec<Block> {
    let mut planner = Planner { lang, charts: 0 };
    match root {
        Value::Null => Vec::new(),
        Value::Object(entries) => planner.entries(entries, 0),
        other => planner.entries(vec![(lang.pick("Result", "Résultat").to_owned(), other)], 0),
    }
}

/// Every chart of the blocks, in order of their numbers.
#[must_use]
pub fn charts(blocks: &[Block]) -> Vec<&PlannedChart> {
    let mut found: Vec<&PlannedChart> = blocks
        .iter()
        .flat_map(|block| match block {
            Block::Chart(chart) => vec![chart.as_ref()],
            Block::Group(group) => charts(&group.blocks),
            _ => Vec::new(),
        })
        .collect();
    found.sort_by_key(|chart| chart.index);
    found
}

struct Planner {
    lang: Lang,
    charts: usize,
}

impl Planner {
    fn entries(&mut self, entries: Entries, depth: usize) -> Vec<Block> {
        let hidden = entries.len().saturating_sub(MAX_ENTRIES);
        let mut rows = Vec::new();
        let mut blocks = Vec::new();
        for (index, (name, value)) in entries.into_iter().enumerate() {
            // What is not shown is still counted, so that charts keep their numbers.
            let shown = index < MAX_ENTRIES;
            match self.entry(name, value, depth) {
                Entry::Row(row) if shown => rows.push(*row),
                Entry::Block(block) if shown => blocks.push(*block),
                _ => {}
            }
        }
        if !rows.is_empty() {
            blocks.insert(0, Block::Values(rows));
        }
        if hidden > 0 {
            blocks.push(Block::Rest { hidden });
        }
        blocks
    }

    fn entry(&mut self, name: String, value: Value, depth: usize) -> Entry {
        let unit = value.without_unit().1.map(str::to_owned);
        let value = match value {
            Value::Quantity(quantity) => quantity.value,
            other => other,
        };
        match value {
            Value::Text(text) if text.chars().count() > INLINE_TEXT || text.contains('\n') => {
                Entry::block(Block::Text { name, text })
            }
            value if value.is_scalar() => self.scalar(name, &value, unit),
            Value::Chart(chart) => {
                self.charts += 1;
                Entry::block(Block::Chart(Box::new(PlannedChart {
                    index: self.charts - 1,
                    name,
                    chart: *chart,
                })))
            }
            Value::Figure(figure) => Entry::block(Block::Figure { name, figure }),
            Value::Object(entries) => self.group(name, entries, depth),
            Value::List(items) => self.list(name, items, unit, depth),
            Value::Table(table) => Entry::block(Block::Grid(Grid::from_table(name, *table))),
            Value::Array(array) => match Grid::from_array(name, *array, unit) {
                Ok(grid) => Entry::block(Block::Grid(grid)),
                Err((name, array)) => self.array(name, &array, depth),
            },
            _ => Entry::Nothing,
        }
    }

    fn scalar(&self, name: String, value: &Value, unit: Option<String>) -> Entry {
        let mut number = format_value(value, self.lang).unwrap_or_default();
        if let Value::DateTime(text) = value {
            number.integer_part = readable_time(text);
        }
        Entry::Row(Box::new(Row {
            name,
            number,
            unit,
            exact: value.exact_text().unwrap_or_default(),
        }))
    }

    fn group(&mut self, name: String, entries: Entries, depth: usize) -> Entry {
        let count = entries.len();
        let blocks = self.entries(entries, depth + 1);
        Entry::block(Block::Group(Group {
            name,
            entries: count,
            depth,
            blocks,
        }))
    }

    fn list(
        &mut self,
        name: String,
        items: Vec<Value>,
        unit: Option<String>,
        depth: usize,
    ) -> Entry {
        if items.len() <= INLINE_ITEMS && items.iter().all(is_short) {
            return Entry::Row(Box::new(self.inline(name, &items, unit)));
        }
        match Grid::from_list(name, items, unit) {
            Ok(grid) => Entry::block(Block::Grid(grid)),
            Err((name, items)) => {
                let numbered = |(index, item)| (format!("[{index}]"), item);
                let entries = items.into_iter().enumerate().map(numbered).collect();
                self.group(name, entries, depth)
            }
        }
    }

    /// An array of three or more dimensions, by its first.
    fn array(&mut self, name: String, array: &Array, depth: usize) -> Entry {
        match array.nested() {
            Value::List(items) => self.list(name, items, None, depth),
            _ => Entry::Nothing,
        }
    }

    /// A short list in one row: `1.000, 2.000, 3.000`.
    fn inline(&self, name: String, items: &[Value], unit: Option<String>) -> Row {
        let shown: Vec<String> = items
            .iter()
            .filter_map(|item| format_value(item, self.lang))
            .map(|number| number.to_string())
            .collect();
        let exact: Vec<String> = items.iter().filter_map(Value::exact_text).collect();
        let item_unit = items
            .first()
            .and_then(|item| item.without_unit().1)
            .map(str::to_owned);
        Row {
            name,
            number: Formatted {
                integer_part: if shown.is_empty() {
                    "–".to_owned()
                } else {
                    shown.join(self.lang.pick(", ", " ; "))
                },
                is_word: true,
                ..Formatted::default()
            },
            unit: unit.or(item_unit),
            exact: exact.join(", "),
        }
    }
}

enum Entry {
    Row(Box<Row>),
    Block(Box<Block>),
    Nothing,
}

impl Entry {
    fn block(block: Block) -> Self {
        Self::Block(Box::new(block))
    }
}

/// Scalars that fit into one row with others.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.chars().count() <= INLINE_TEXT / 4 && !text.contains('\n'),
        value => value.is_scalar(),
    }
}

/// `2026-11-24T09:12:40Z` as `2026-11-24 09:12:40 UTC`; midnight without zone is a date.
#[must_use]
pub fn readable_time(text: &str) -> String {
    let Some((date, time)) = text.split_once('T') else {
        return text.to_owned();
    };
    let (time, zone) = match time.strip_suffix('Z') {
        Some(time) => (time, " UTC"),
        None => (time, ""),
    };
    if zone.is_empty() && time.bytes().all(|b| b"0:.".contains(&b)) {
        return date.to_owned();
    }
    let time = match time.split_once('.') {
        Some((seconds, fraction)) if fraction.bytes().all(|b| b == b'0') => seconds,
        Some((_, fraction)) if fraction.bytes().all(|b| b.is_ascii_digit()) => {
            time.trim_end_matches('0')
        }
        _ => time,
    };
    format!("{date} {time}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> Vec<Block> {
        blocks(Value::parse(json).expect("valid"), Lang::En)
    }

    fn outline(blocks: &[Block]) -> Vec<String> {
        blocks
            .iter()
            .map(|block| match block {
                Block::Values(rows) => {
                    let shown = rows.iter().map(|row| {
                        let unit = row.unit.as_deref().unwrap_or_default();
                        format!("{}={} {unit}", row.name, row.number)
                            .trim_end()
                            .to_owned()
                    });
                    shown.collect::<Vec<_>>().join("; ")
                }
                Block::Group(group) => {
                    format!("{}({})", group.name, outline(&group.blocks).join(" | "))
                }
                Block::Grid(grid) => format!("{}[{}×{}]", grid.name, grid.rows, grid.columns.len()),
                Block::Chart(chart) => format!("chart {} {}", chart.index, chart.title()),
                Block::Figure { name, .. } => format!("figure {name}"),
                Block::Text { name, text } => format!("{name}: {} characters", text.len()),
                Block::Rest { hidden } => format!("{hidden} more"),
            })
            .collect()
    }

    #[test]
    fn scalars_come_first_and_the_rest_keeps_its_order() {
        let blocks = plan(
            r#"{"curve":[1,2,3,4,5,6,7,8,9,10,11],"F":{"$type":"quantity","value":48.17,"unit":"kN"},
               "chart":{"$type":"chart","title":"Joint","x":{"values":[]},"y":{},"series":[]},
               "safe":true,"sides":[1.5,2.5],"n":123456789012345678901234567890,"empty":[]}"#,
        );
        assert_eq!(
            outline(&blocks),
            [
                "F=48.17 kN; safe=yes; sides=1.500, 2.500; n=123.5\u{A0}×\u{A0}10²⁷; empty=–",
                "curve[11×1]",
                "chart 0 Joint",
            ]
        );
        let Block::Values(rows) = &blocks[0] else {
            panic!("rows first")
        };
        assert_eq!(rows[3].exact, "123456789012345678901234567890");
    }

    #[test]
    fn nested_values_become_groups_and_lists_of_records_grids() {
        let blocks = plan(
            r#"{"cases":[{"F":1,"ok":true},{"F":2.5},{"F":3}],"bolt":{"d":12,"thread":{"pitch":1.75}},
               "mixed":[1,[2,3],{"a":4},5,6,7,8]}"#,
        );
        assert_eq!(
            outline(&blocks),
            [
                "cases[3×2]",
                "bolt(d=12 | thread(pitch=1.750))",
                "mixed([0]=1; [1]=2, 3; [3]=5; [4]=6; [5]=7; [6]=8 | [2](a=4))",
            ]
        );
    }

    #[test]
    fn charts_keep_the_numbers_of_their_addresses() {
        let chart = r#"{"$type":"chart","title":"","x":{"values":[]},"y":{},"series":[]}"#;
        let blocks = plan(&format!(
            r#"{{"a":{{"b":{chart}}},"c":[{chart},1],"d":{chart}}}"#
        ));
        let numbered: Vec<_> = charts(&blocks)
            .iter()
            .map(|c| (c.index, c.name.clone()))
            .collect();
        let names = ["b", "[0]", "d"].map(String::from);
        assert_eq!(numbered, names.into_iter().enumerate().collect::<Vec<_>>());
    }

    #[test]
    fn a_result_that_is_no_object_is_shown_too() {
        assert_eq!(outline(&plan("42")), ["Result=42"]);
        assert_eq!(outline(&plan("[[1,2],[3,4],[5,6],[7,8]]")), ["Result[4×2]"]);
        assert!(plan("null").is_empty() && plan("{}").is_empty());
    }

    #[test]
    fn moments_are_readable() {
        assert_eq!(
            readable_time("2026-11-24T09:12:40Z"),
            "2026-11-24 09:12:40 UTC"
        );
        assert_eq!(readable_time("2026-11-24T00:00:00"), "2026-11-24");
        assert_eq!(
            readable_time("2026-11-24T09:12:40.250000+01:00"),
            "2026-11-24 09:12:40.250000+01:00"
        );
    }
}
