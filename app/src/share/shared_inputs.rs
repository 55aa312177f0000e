//! The inputs of a run as a document shows them: what was typed, under the names and units that
//! the code gives them.

use crate::result::plan::{self, Block, Row};
use domain::{
    Lang,
    number::{Formatted, format_value, input_text, shown_input},
    signature::Parameter,
    value::{Entries, Value},
};

/// The blocks of a run's inputs, which are a JSON object as text.
#[must_use]
pub fn blocks(inputs: &str, parameters: &[Parameter], lang: Lang) -> Vec<Block> {
    let Ok(Value::Object(entries)) = Value::parse(inputs) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    let mut rest = Vec::new();
    for (label, unit, value) in named(entries, parameters) {
        if value.is_scalar() {
            rows.push(row(label, &value, unit, lang));
        } else {
            rest.push((label, value));
        }
    }
    let mut blocks = Vec::new();
    if !rows.is_empty() {
        blocks.push(Block::Values(rows));
    }
    if !rest.is_empty() {
        blocks.extend(plan::blocks(Value::Object(rest), lang));
    }
    blocks
}

/// Every input under its label with its unit, in the order of the parameters; what was not given
/// has the default that the run then used.
fn named(
    mut entries: Entries,
    parameters: &[Parameter],
) -> impl Iterator<Item = (String, Option<String>, Value)> {
    let mut found = Vec::with_capacity(entries.len());
    for parameter in parameters {
        let given = entries.iter().position(|(key, _)| *key == parameter.name);
        let value = match given {
            Some(index) => Some(entries.remove(index).1),
            None => parameter.default.as_ref().map(Value::from),
        };
        if let Some(value) = value {
            found.push((parameter.label.clone(), parameter.unit.clone(), value));
        }
    }
    let others = entries.into_iter().map(|(key, value)| (key, None, value));
    found.into_iter().chain(others)
}

fn row(name: String, value: &Value, unit: Option<String>, lang: Lang) -> Row {
    let (plain, own_unit) = value.without_unit();
    let exact = plain.exact_text().unwrap_or_default();
    let typed = match plain {
        Value::Float(number) => Some(input_text(*number)),
        Value::Integer(_) => Some(exact.clone()),
        _ => None,
    };
    let number = match typed {
        Some(typed) => in_parts(&shown_input(&typed, lang), lang),
        None => format_value(plain, lang).unwrap_or_default(),
    };
    Row {
        name,
        number,
        unit: unit.or_else(|| own_unit.map(str::to_owned)),
        exact,
    }
}

fn in_parts(shown: &str, lang: Lang) -> Formatted {
    let point = lang.pick('.', ',');
    let (integer, fraction) = match shown.find(point) {
        Some(at) => shown.split_at(at),
        None => (shown, ""),
    };
    Formatted {
        integer_part: integer.to_owned(),
        fraction_part: fraction.to_owned(),
        exponent: None,
        is_word: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::signature::ParameterKind;

    #[test]
    fn inputs_show_what_was_typed_under_their_labels() {
        let parameter = Parameter {
            name: "k".to_owned(),
            label: "Stiffness".to_owned(),
            kind: ParameterKind::Float,
            unit: Some("N/m".to_owned()),
            default: None,
            required: false,
            nullable: false,
            description: None,
        };
        let defaulted = Parameter {
            name: "zeta".to_owned(),
            label: "Damping".to_owned(),
            unit: None,
            default: Some(serde_json::json!(0.2)),
            ..parameter.clone()
        };
        let shown = blocks(
            r#"{"n":210000,"k":1800.0,"grade":"8.8"}"#,
            &[parameter, defaulted],
            Lang::Fr,
        );
        let [Block::Values(rows)] = shown.as_slice() else {
            panic!("one table: {shown:?}")
        };
        let texts: Vec<_> = rows
            .iter()
            .map(|row| (row.name.as_str(), row.number.to_string()))
            .collect();
        assert_eq!(
            texts,
            [
                ("Stiffness", "1800,0".to_owned()),
                ("Damping", "0,2".to_owned()),
                ("n", "210\u{202F}000".to_owned()),
                ("grade", "8.8".to_owned())
            ]
        );
        assert_eq!(rows[0].unit.as_deref(), Some("N/m"));
    }
}
