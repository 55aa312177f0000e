//! What a run is stored with: every input by name and value, also those its code has defaults for,
//! so that a result can be read and made again without reading the code.

use crate::signature::{Signature, Style};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// The inputs with the defaults of the code filled in, in the order of its parameters; unchanged
/// when nothing is missing, or when they are no JSON object. Numbers stay as they were written.
#[must_use]
pub fn complete<'a>(inputs: &'a str, signature: &Signature) -> Cow<'a, str> {
    if signature.style != Style::Parameters {
        return Cow::Borrowed(inputs);
    }
    let Ok(mut given) = serde_json::from_str::<BTreeMap<String, &RawValue>>(inputs) else {
        return Cow::Borrowed(inputs);
    };
    let missing = |name: &str| !given.contains_key(name);
    if !signature
        .parameters
        .iter()
        .any(|p| p.default.is_some() && missing(&p.name))
    {
        return Cow::Borrowed(inputs);
    }
    let mut parts = Vec::with_capacity(signature.parameters.len());
    for parameter in &signature.parameters {
        let value = match (given.remove(&parameter.name), &parameter.default) {
            (Some(value), _) => value.get().to_owned(),
            (None, Some(default)) => default.to_string(),
            (None, None) => continue,
        };
        parts.push(entry(&parameter.name, &value));
    }
    parts.extend(given.iter().map(|(name, value)| entry(name, value.get())));
    Cow::Owned(format!("{{{}}}", parts.join(",")))
}

fn entry(name: &str, value: &str) -> String {
    format!("{}:{value}", serde_json::Value::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::{Parameter, ParameterKind};
    use serde_json::json;

    fn signature(style: Style) -> Signature {
        let parameter = |name: &str, default| Parameter {
            name: name.into(),
            label: name.into(),
            kind: ParameterKind::Float,
            unit: None,
            default,
            required: false,
            nullable: false,
            description: None,
        };
        let parameters = vec![
            parameter("force", Some(json!(1000.0))),
            parameter("section", Some(json!(10))),
            parameter("length", None),
        ];
        Signature {
            style,
            parameters,
            summary: None,
        }
    }

    #[test]
    fn defaults_fill_what_is_missing_in_the_order_of_the_code() {
        let full = complete(r#"{"σ":"a","section":1e1}"#, &signature(Style::Parameters));
        assert_eq!(full, r#"{"force":1000.0,"section":1e1,"σ":"a"}"#);
    }

    #[test]
    fn what_is_complete_or_has_no_parameters_is_left_alone() {
        let inputs = r#"{"section": 10, "force": 123456789012345678901234567890}"#;
        assert_eq!(complete(inputs, &signature(Style::Parameters)), inputs);
        assert_eq!(complete("{}", &signature(Style::Dict)), "{}");
        assert_eq!(complete("[1]", &signature(Style::Parameters)), "[1]");
    }
}
