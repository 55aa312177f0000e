//! What differs between the inputs of two runs, for the run list.

use super::{fault::shortened, parameters, same};
use crate::{
    number::input_text,
    run::RunChange,
    signature::{Parameter, ParameterKind, Signature, Style},
    value::{Arrays, Value},
};

/// Items of a list that the run list quotes.
const LIST_ITEMS: usize = 3;
/// Stands for no value.
const NONE: &str = "–";

/// The first changed input and how many more changed, in the order of the form. Numbers are in
/// exact form, as [`shown_input`](crate::number::shown_input) takes them.
#[must_use]
pub fn describe_change(before: &Value, after: &Value, signature: &Signature) -> RunChange {
    let mut changes = Vec::new();
    let now = parameters(signature, after);
    compare(&now, Some(before), Some(after), &mut changes);
    if signature.style == Style::Dict {
        let mut removed = parameters(signature, before).into_owned();
        removed.retain(|parameter| after.get(&parameter.name).is_none());
        compare(&removed, Some(before), Some(after), &mut changes);
    }
    let others = u32::try_from(changes.len().saturating_sub(1)).unwrap_or(u32::MAX);
    match changes.into_iter().next() {
        None => RunChange::Nothing,
        Some(change) => RunChange::Input {
            name: change.label,
            before: change.before,
            after: change.after,
            unit: change.unit,
            others,
        },
    }
}

struct Change {
    label: String,
    unit: Option<String>,
    before: String,
    after: String,
}

fn compare(
    parameters: &[Parameter],
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<Change>,
) {
    for parameter in parameters {
        let default = parameter.default.as_ref().map(Value::from);
        let of = |inputs: Option<&Value>| {
            inputs
                .and_then(|inputs| inputs.get(&parameter.name))
                .cloned()
                .or(default.clone())
        };
        let (before, after) = (of(before), of(after));
        if let ParameterKind::Group { fields } = &parameter.kind {
            compare(fields, before.as_ref(), after.as_ref(), changes);
            continue;
        }
        let equal = match (&before, &after) {
            (Some(before), Some(after)) => same(before, after),
            (before, after) => before.is_none() && after.is_none(),
        };
        if !equal {
            changes.push(Change {
                label: parameter.label.clone(),
                unit: parameter.unit.clone(),
                before: before.as_ref().map_or_else(|| NONE.to_owned(), text),
                after: after.as_ref().map_or_else(|| NONE.to_owned(), text),
            });
        }
    }
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
        value => shortened(
            &value
                .exact_text()
                .unwrap_or_else(|| value.to_json(Arrays::Nested)),
        ),
    }
}
