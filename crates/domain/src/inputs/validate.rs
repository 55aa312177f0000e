//! Inputs as the server gets them, checked against the code's signature before a run is stored.

use super::{
    fault::{Expected, Fault, InputError, found},
    field::{expected, option_text},
    same,
};
use crate::{
    limits::MAX_INPUTS_BYTES,
    signature::{Parameter, ParameterKind, Signature, Style},
    value::{Entries, Value},
};
use std::collections::{HashMap, HashSet};

/// Reads the inputs of a run and checks them. The value is always an object.
///
/// # Errors
/// The first input that cannot be used.
pub fn validate(json: &str, signature: &Signature) -> Result<Value, InputError> {
    let whole = |fault| InputError {
        path: Vec::new(),
        label: String::new(),
        fault,
    };
    if json.len() > MAX_INPUTS_BYTES {
        return Err(whole(Fault::TooLarge { bytes: json.len() }));
    }
    let value = Value::parse(json).map_err(|error| whole(Fault::Json(error)))?;
    let Value::Object(entries) = &value else {
        return Err(whole(Fault::WrongType {
            expected: Expected::Group,
            found: found(&value),
        }));
    };
    if signature.style == Style::Parameters {
        group(&signature.parameters, entries, &mut Vec::new())?;
    }
    Ok(value)
}

fn group(
    parameters: &[Parameter],
    entries: &Entries,
    path: &mut Vec<String>,
) -> Result<(), InputError> {
    let error = |path: &[String], name: &str, label: &str, fault| InputError {
        path: path.iter().cloned().chain([name.to_owned()]).collect(),
        label: label.to_owned(),
        fault,
    };
    let known: HashSet<&str> = parameters.iter().map(|one| one.name.as_str()).collect();
    let given: HashMap<&str, &Value> = entries
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    for (key, _) in entries {
        if !known.contains(key.as_str()) {
            let known = parameters
                .iter()
                .map(|parameter| parameter.name.clone())
                .collect();
            return Err(error(path, key, key, Fault::Unknown { known }));
        }
    }
    for parameter in parameters {
        let value = given.get(parameter.name.as_str()).copied();
        path.push(parameter.name.clone());
        let checked = match value {
            Some(value) => one(parameter, value, path),
            None if parameter.required => Err(at(
                path,
                parameter,
                Fault::Missing {
                    expected: expected(&parameter.kind),
                },
            )),
            None => Ok(()),
        };
        checked?;
        path.pop();
    }
    Ok(())
}

fn at(path: &[String], parameter: &Parameter, fault: Fault) -> InputError {
    InputError {
        path: path.to_vec(),
        label: parameter.label.clone(),
        fault,
    }
}

fn one(parameter: &Parameter, value: &Value, path: &mut Vec<String>) -> Result<(), InputError> {
    if *value == Value::Null && parameter.nullable {
        return Ok(());
    }
    let fits = match (&parameter.kind, value) {
        (ParameterKind::Group { fields }, Value::Object(entries)) => {
            return group(fields, entries, path);
        }
        (ParameterKind::Choice { options }, value) => {
            if options
                .iter()
                .any(|option| same(&Value::from(option), value))
            {
                return Ok(());
            }
            let fault = Fault::NotAChoice {
                found: value.exact_text().unwrap_or_else(|| found(value)),
                options: options.iter().map(option_text).collect(),
            };
            return Err(at(path, parameter, fault));
        }
        (ParameterKind::Float, value) => is_number(value),
        (ParameterKind::Int, value) => is_whole(value),
        (ParameterKind::Bool, value) => matches!(value, Value::Bool(_)),
        (ParameterKind::Str, value) => matches!(value, Value::Text(_)),
        (ParameterKind::Numbers { integers }, Value::List(items)) => are_numbers(items, *integers),
        (ParameterKind::Numbers { .. }, _) => false,
        (ParameterKind::Group { .. }, _) => false,
        (ParameterKind::Json, _) => true,
    };
    if fits {
        return Ok(());
    }
    Err(at(
        path,
        parameter,
        Fault::WrongType {
            expected: expected(&parameter.kind),
            found: found(value),
        },
    ))
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Integer(_) | Value::Float(_))
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Integer(_) => true,
        Value::Float(number) => number.fract() == 0.0,
        _ => false,
    }
}

/// A numpy array may have rows: how many dimensions the code wants is its own affair.
fn are_numbers(items: &[Value], integers: bool) -> bool {
    items.iter().all(|item| match item {
        Value::List(row) => are_numbers(row, integers),
        item if integers => is_whole(item),
        item => is_number(item),
    })
}
