//! The charts and figures of a result and the files of inputs, depth first, in their author's order.

use super::{Figure, File, Value};
use crate::chart::Chart;

/// Calls `visit` with every value below and including `root`, and the keys that lead there, list
/// places as `[0]`. Where it answers false, what is inside is left out.
pub(crate) fn walk<'a>(root: &'a Value, visit: &mut impl FnMut(&[String], &'a Value) -> bool) {
    step(root, &mut Vec::new(), visit);
}

fn step<'a>(
    value: &'a Value,
    path: &mut Vec<String>,
    visit: &mut impl FnMut(&[String], &'a Value) -> bool,
) {
    if !visit(path, value) {
        return;
    }
    match value {
        Value::Object(entries) => {
            for (key, inner) in entries {
                path.push(key.clone());
                step(inner, path, visit);
                path.pop();
            }
        }
        // A long list of plain numbers has nothing to find.
        Value::List(items) if items.iter().any(may_hold) => {
            for (index, inner) in items.iter().enumerate() {
                path.push(format!("[{index}]"));
                step(inner, path, visit);
                path.pop();
            }
        }
        Value::Quantity(quantity) if !quantity.value.is_scalar() => {
            step(&quantity.value, path, visit);
        }
        _ => {}
    }
}

fn may_hold(item: &Value) -> bool {
    !item.is_scalar() || matches!(item, Value::File(_))
}

fn collect<'a, T>(root: &'a Value, pick: impl Fn(&'a Value) -> Option<T>) -> Vec<T> {
    let mut found = Vec::new();
    walk(root, &mut |_, value| {
        found.extend(pick(value));
        true
    });
    found
}

/// Every chart; its place here is the number in `/charts/{n}.svg`.
#[must_use]
pub fn charts(root: &Value) -> Vec<&Chart> {
    collect(root, |value| match value {
        Value::Chart(chart) => Some(chart.as_ref()),
        _ => None,
    })
}

#[must_use]
pub fn figures(root: &Value) -> Vec<&Figure> {
    collect(root, |value| match value {
        Value::Figure(figure) => Some(figure.as_ref()),
        _ => None,
    })
}

#[must_use]
pub fn files(root: &Value) -> Vec<&File> {
    collect(root, |value| match value {
        Value::File(file) => Some(file.as_ref()),
        _ => None,
    })
}
