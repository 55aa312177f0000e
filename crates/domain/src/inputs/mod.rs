//! Inputs: the form that is made from a signature, the JSON object that a run gets, and what is
//! wrong with either, in words of both languages.
//!
//! Both styles of `calculate` have the same form: where the code names no parameters, they come
//! from the keys and JSON types of the saved inputs.

mod change;
mod complete;
mod fault;
mod field;
mod form;
mod list;
mod validate;

pub use change::describe_change;
pub use complete::complete;
pub use fault::{Expected, Fault, InputError};
pub use field::{Field, option_text};
pub use form::Form;
pub use validate::validate;

use crate::{
    signature::{Parameter, ParameterKind, Signature, Style, readable_name},
    value::{Entries, Value},
};
use std::borrow::Cow;

/// What the form asks for: the code's parameters, or the keys of the saved inputs.
#[must_use]
pub fn parameters<'a>(signature: &'a Signature, saved: &Value) -> Cow<'a, [Parameter]> {
    match (signature.style, saved) {
        (Style::Parameters, _) => Cow::Borrowed(&signature.parameters),
        (Style::Dict, Value::Object(entries)) => Cow::Owned(from_entries(entries)),
        (Style::Dict, _) => Cow::Owned(Vec::new()),
    }
}

fn from_entries(entries: &Entries) -> Vec<Parameter> {
    entries
        .iter()
        .map(|(key, value)| Parameter {
            name: key.clone(),
            label: readable_name(key),
            kind: kind_of(value),
            unit: None,
            default: None,
            required: true,
            nullable: false,
            description: None,
        })
        .collect()
}

/// A whole number may be the first of many that are not: it does not make an integer field.
fn kind_of(value: &Value) -> ParameterKind {
    match value {
        Value::Integer(_) | Value::Float(_) => ParameterKind::Float,
        Value::Bool(_) => ParameterKind::Bool,
        Value::Text(_) => ParameterKind::Str,
        Value::List(items)
            if items
                .iter()
                .all(|item| matches!(item, Value::Integer(_) | Value::Float(_))) =>
        {
            ParameterKind::Numbers { integers: false }
        }
        Value::Object(entries) if !entries.is_empty() => ParameterKind::Group {
            fields: from_entries(entries),
        },
        _ => ParameterKind::Json,
    }
}

/// Whether two values are the same input: 18 and 18.0 are.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a == b,
        (Value::Integer(_) | Value::Float(_), Value::Integer(_) | Value::Float(_)) => {
            a.as_f64() == b.as_f64()
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests;
