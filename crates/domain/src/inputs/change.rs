//! What differs between the inputs of two runs, for the run list.

use super::{
    fault::{QUOTED_CHARS, shortened},
    same,
};
use crate::{
    number::input_text,
    run::RunChange,
    signature::{Parameter, ParameterKind, Signature, Style, readable_name},
    value::Value,
};
use std::collections::HashMap;

/// Items of a list that the run list quotes.
const LIST_ITEMS: usize = 3;
/// JSON of which a quotation can be made, bytes.
const ENOUGH_BYTES: usize = 4 * QUOTED_CHARS + 4;
/// Stands for no value.
const NONE: &str = "–";

/// The first changed input and how many more changed, in the order of the form. Numbers are in
/// exact form, as [`shown_input`](crate::number::shown_input) takes them. Looks at each value once.
#[must_use]
pub fn describe_change(before: &Value, after: &Value, signature: &Signature) -> RunChange {
    let mut changes = Changes::default();
    match signature.style {
        Style::Parameters => {
            changes.of_parameters(&signature.parameters, Some(before), Some(after));
        }
        Style::Dict => changes.of_entries(entries(Some(before)), entries(Some(after))),
    }
    changes.described()
}

/// What is found: the first change whole, of the others the number.
#[derive(Default)]
struct Changes {
    first: Option<Change>,
    count: u32,
}

struct Change {
    label: String,
    unit: Option<String>,
    before: String,
    after: String,
}

impl Changes {
    fn add(&mut self, change: impl FnOnce() -> Change) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert_with(change);
    }

    fn described(self) -> RunChange {
        match self.first {
            None => RunChange::Nothing,
            Some(change) => RunChange::Input {
                name: change.label,
                before: change.before,
                after: change.after,
                unit: change.unit,
                others: self.count - 1,
            },
        }
    }

    fn of_parameters(
        &mut self,
        parameters: &[Parameter],
        before: Option<&Value>,
        after: Option<&Value>,
    ) {
        let (before, after) = (by_key(entries(before)), by_key(entries(after)));
        for parameter in parameters {
            let default = parameter.default.as_ref().map(Value::from);
            let name = parameter.name.as_str();
            let before = before.get(name).copied().or(default.as_ref());
            let after = after.get(name).copied().or(default.as_ref());
            if let ParameterKind::Group { fields } = &parameter.kind {
                self.of_parameters(fields, before, after);
            } else if !are_same(before, after) {
                self.add(|| Change {
                    label: parameter.label.clone(),
                    unit: parameter.unit.clone(),
                    before: quoted(before),
                    after: quoted(after),
                });
            }
        }
    }

    /// Objects whose keys nobody declared: what is there now, then what is gone.
    fn of_entries(&mut self, before: &[(String, Value)], after: &[(String, Value)]) {
        let (known, kept) = (by_key(before), by_key(after));
        for (key, now) in after {
            self.of_entry(key, known.get(key.as_str()).copied(), Some(now));
        }
        for (key, value) in before {
            if !kept.contains_key(key.as_str()) {
                self.of_entry(key, Some(value), None);
            }
        }
    }

    fn of_entry(&mut self, key: &str, before: Option<&Value>, after: Option<&Value>) {
        let is_group = |value: Option<&Value>| matches!(value, Some(Value::Object(inner)) if !inner.is_empty());
        if is_group(after) || (after.is_none() && is_group(before)) {
            self.of_entries(entries(before), entries(after));
        } else if !are_same(before, after) {
            self.add(|| Change {
                label: readable_name(key),
                unit: None,
                before: quoted(before),
                after: quoted(after),
            });
        }
    }
}

type ByKey<'a> = HashMap<&'a str, &'a Value>;

fn by_key(entries: &[(String, Value)]) -> ByKey<'_> {
    entries
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect()
}

fn entries(value: Option<&Value>) -> &[(String, Value)] {
    match value {
        Some(Value::Object(entries)) => entries,
        _ => &[],
    }
}

fn are_same(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => same(before, after),
        (before, after) => before.is_none() && after.is_none(),
    }
}

fn quoted(value: Option<&Value>) -> String {
    value.map_or_else(|| NONE.to_owned(), text)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => NONE.to_owned(),
        Value::Float(number) => input_text(*number),
        Value::List(items) if items.iter().all(Value::is_scalar) => {
            let shown: Vec<String> = items.iter().take(LIST_ITEMS).map(text).collect();
            let more = if items.len() > LIST_ITEMS {
                format!(", … ({})", items.len())
            } else {
                String::new()
            };
            shortened(&format!("[{}{more}]", shown.join(", ")))
        }
        Value::Text(text) | Value::DateTime(text) => shortened(text),
        value => shortened(
            &value
                .exact_text()
                .unwrap_or_else(|| value.json_beginning(ENOUGH_BYTES)),
        ),
    }
}
