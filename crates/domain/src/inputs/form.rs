//! The form: a field for every leaf of the signature, and the JSON object they make together.

use super::{
    fault::InputError,
    field::{Field, expected},
    parameters,
};
use crate::{
    Lang,
    inputs::Fault,
    limits::MAX_DEPTH,
    signature::{Parameter, ParameterKind, Signature},
    value::{Arrays, Entries, Value},
};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    parameters: Vec<Parameter>,
    /// In the order of the code.
    pub fields: Vec<Field>,
}

impl Form {
    /// The form of a signature, filled with the saved inputs, else with the code's defaults. Saved
    /// keys that the code no longer takes are left out.
    #[must_use]
    pub fn new(signature: &Signature, saved: &Value, lang: Lang) -> Self {
        let parameters = parameters(signature, saved).into_owned();
        let mut fields = Vec::new();
        Builder {
            fields: &mut fields,
            lang,
            path: Vec::new(),
            groups: Vec::new(),
        }
        .add(&parameters, Some(saved));
        Self { parameters, fields }
    }

    /// The same form with every field back to the code's default.
    pub fn reset(&mut self) {
        for field in &mut self.fields {
            if let Some(text) = &field.default_text {
                field.text.clone_from(text);
            }
        }
    }

    /// The JSON object of the inputs, numbers with the digits that were typed.
    ///
    /// # Errors
    /// Every field that does not parse, in their order.
    pub fn to_json(&self, lang: Lang) -> Result<String, Vec<InputError>> {
        let mut errors = Vec::new();
        let mut rest = self.fields.as_slice();
        let entries = assemble(&self.parameters, &mut rest, lang, &mut errors);
        if errors.is_empty() {
            Ok(Value::Object(entries).to_json(Arrays::Nested))
        } else {
            Err(errors)
        }
    }
}

struct Builder<'a> {
    fields: &'a mut Vec<Field>,
    lang: Lang,
    path: Vec<String>,
    groups: Vec<String>,
}

impl Builder<'_> {
    fn add(&mut self, parameters: &[Parameter], saved: Option<&Value>) {
        for parameter in parameters {
            let saved = saved.and_then(|group| group.get(&parameter.name));
            self.path.push(parameter.name.clone());
            match group_fields(parameter, self.path.len()) {
                Some(fields) => self.add_group(parameter, fields, saved),
                None => self.fields.push(Field::new(
                    &self.path,
                    &self.groups,
                    parameter,
                    saved,
                    self.lang,
                )),
            }
            self.path.pop();
        }
    }

    fn add_group(&mut self, parameter: &Parameter, fields: &[Parameter], saved: Option<&Value>) {
        let default = parameter.default.as_ref().map(Value::from);
        let first = self.fields.len();
        self.groups.push(parameter.label.clone());
        let fields: Vec<Parameter> = fields
            .iter()
            .map(|field| with_default_of(field, default.as_ref()))
            .collect();
        self.add(&fields, saved);
        self.groups.pop();
        // A group that is absent by default starts empty, or its absence could not be kept.
        let absent = match saved {
            Some(value) => *value == Value::Null,
            None => default == Some(Value::Null),
        };
        if absent {
            for field in &mut self.fields[first..] {
                field.text.clear();
            }
        }
    }
}

fn group_fields(parameter: &Parameter, depth: usize) -> Option<&[Parameter]> {
    match &parameter.kind {
        ParameterKind::Group { fields } if depth < MAX_DEPTH => Some(fields),
        _ => None,
    }
}

/// The default of a whole group goes before the defaults of its fields.
fn with_default_of(field: &Parameter, group: Option<&Value>) -> Parameter {
    let mut field = field.clone();
    if let Some(default) = group.and_then(|group| group.get(&field.name)) {
        field.default = serde_json::from_str(&default.to_json(Arrays::Nested)).ok();
    }
    field
}

/// Takes the fields of the parameters from the front of `rest`.
fn assemble(
    parameters: &[Parameter],
    rest: &mut &[Field],
    lang: Lang,
    errors: &mut Vec<InputError>,
) -> Entries {
    let mut entries = Entries::new();
    for parameter in parameters {
        let depth = rest.first().map_or(0, |field| field.path.len());
        let value = match &parameter.kind {
            ParameterKind::Group { fields } if !is_leaf(parameter, rest, depth) => {
                group(parameter, fields, rest, lang, errors)
            }
            _ => leaf(rest, lang, errors),
        };
        if let Some(value) = value {
            entries.push((parameter.name.clone(), value));
        }
    }
    entries
}

/// The deepest groups of a form are one JSON field each.
fn is_leaf(parameter: &Parameter, rest: &[Field], depth: usize) -> bool {
    depth >= MAX_DEPTH
        && rest
            .first()
            .is_some_and(|field| field.parameter.name == parameter.name)
}

fn leaf(rest: &mut &[Field], lang: Lang, errors: &mut Vec<InputError>) -> Option<Value> {
    let (field, others) = rest.split_first()?;
    *rest = others;
    field.parse(lang).unwrap_or_else(|error| {
        errors.push(error);
        None
    })
}

fn group(
    parameter: &Parameter,
    fields: &[Parameter],
    rest: &mut &[Field],
    lang: Lang,
    errors: &mut Vec<InputError>,
) -> Option<Value> {
    let before = *rest;
    let mut inner_errors = Vec::new();
    let entries = assemble(fields, rest, lang, &mut inner_errors);
    let mine = &before[..before.len() - rest.len()];
    let untouched = mine.iter().all(|field| field.text.trim().is_empty());
    if untouched && parameter.nullable {
        return Some(Value::Null);
    }
    if untouched && !parameter.required && !inner_errors.is_empty() {
        return None;
    }
    if mine.is_empty() && parameter.required && !fields.is_empty() {
        errors.push(InputError {
            path: vec![parameter.name.clone()],
            label: parameter.label.clone(),
            fault: Fault::Missing {
                expected: expected(&parameter.kind),
            },
        });
    }
    errors.append(&mut inner_errors);
    Some(Value::Object(entries))
}
