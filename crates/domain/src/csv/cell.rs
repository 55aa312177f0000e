//! One cell: quoted where CSV asks for it, and never a formula.

use crate::value::Value;

/// Characters with which a spreadsheet may begin a formula, in their narrow and wide forms.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A scalar, ready to be written. Only texts can look like formulas that are none.
pub(super) fn cell(value: &Value) -> String {
    match value.without_unit().0 {
        Value::Text(content) | Value::DateTime(content) => text(content),
        value => quoted(&value.exact_text().unwrap_or_default()),
    }
}

/// A text, harmless and quoted. A spreadsheet may split at semicolons, tabs and line ends, whatever
/// the quotation marks say, so what follows one counts as a beginning.
pub(super) fn text(content: &str) -> String {
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

pub(super) fn named(name: &str, unit: Option<&str>) -> String {
    match unit.filter(|unit| !unit.is_empty()) {
        Some(unit) => text(&format!("{name} [{unit}]")),
        None => text(name),
    }
}
