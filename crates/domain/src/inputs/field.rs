//! One field of the form: its text, and the value the text stands for.

use super::{
    fault::{Expected, Fault, InputError},
    list::{list_text, parse_list, shown_list, shown_plain},
    same,
};
use crate::{
    Lang,
    number::{input_text, parse_integer, parse_number, shown_input},
    signature::{Parameter, ParameterKind},
    value::{Arrays, Value, number},
};

/// A field of the form. Groups are not fields: their fields are, one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Keys from the outermost group to this input.
    pub path: Vec<String>,
    /// Labels of the groups around it, outermost first.
    pub groups: Vec<String>,
    pub parameter: Parameter,
    /// What the field holds: a number as typed, `true` or `false`, a choice's text, a list
    /// of numbers, or JSON.
    pub text: String,
    /// The text of the code's default, where it has one.
    pub default_text: Option<String>,
}

impl Field {
    pub(super) fn new(
        path: &[String],
        groups: &[String],
        parameter: &Parameter,
        saved: Option<&Value>,
        lang: Lang,
    ) -> Self {
        let default = parameter.default.as_ref().map(Value::from);
        let default_text = default
            .as_ref()
            .map(|value| text_of(&parameter.kind, value, lang));
        let usable = saved.filter(|value| match &parameter.kind {
            ParameterKind::Choice { options } => options
                .iter()
                .any(|option| same(&Value::from(option), value)),
            _ => true,
        });
        let text = usable.map(|value| text_of(&parameter.kind, value, lang));
        Self {
            path: path.to_vec(),
            groups: groups.to_vec(),
            parameter: parameter.clone(),
            text: text.or_else(|| default_text.clone()).unwrap_or_default(),
            default_text,
        }
    }

    /// The path as one name, unique in its form.
    #[must_use]
    pub fn id(&self) -> String {
        self.path.join(".")
    }

    /// Holds something else than the code's default.
    #[must_use]
    pub fn is_changed(&self, lang: Lang) -> bool {
        self.default_text.as_ref().is_some_and(|default| {
            let now = self.parse(lang).ok().flatten();
            let default = self
                .parameter
                .default
                .as_ref()
                .map(Value::from)
                .filter(|_| *default != self.text);
            match (now, default) {
                (Some(now), Some(default)) => !same(&now, &default),
                (None, Some(_)) => true,
                (_, None) => false,
            }
        })
    }

    /// The text while nobody edits the field: numbers grouped, the decimal sign of the language.
    #[must_use]
    pub fn shown(&self, lang: Lang) -> String {
        match self.parameter.kind {
            ParameterKind::Float | ParameterKind::Int => shown_input(&self.text, lang),
            ParameterKind::Numbers { .. }
                if !self.text.starts_with("[[") && self.parse(lang).is_ok() =>
            {
                shown_list(&self.text, lang)
            }
            _ => self.text.clone(),
        }
    }

    /// The value of the text; `None` leaves the key out, so that the code's own default counts.
    ///
    /// # Errors
    /// When the text is not what the parameter asks for.
    pub fn parse(&self, lang: Lang) -> Result<Option<Value>, InputError> {
        let text = self.text.trim();
        let read = if text.is_empty() {
            self.parse_empty()
        } else {
            self.parse_text(text, lang).map(Some)
        };
        read.map_err(|fault| InputError {
            path: self.path.clone(),
            label: self.parameter.label.clone(),
            fault,
        })
    }

    fn parse_empty(&self) -> Result<Option<Value>, Fault> {
        let parameter = &self.parameter;
        let default = parameter.default.as_ref().map(Value::from);
        match (&parameter.kind, default) {
            _ if parameter.nullable => Ok(Some(Value::Null)),
            (ParameterKind::Str, _) => Ok(Some(Value::Text(self.text.clone()))),
            (ParameterKind::Numbers { .. }, Some(Value::List(items))) if items.is_empty() => {
                Ok(Some(Value::List(items)))
            }
            (_, None) if !parameter.required => Ok(None),
            (kind, _) => Err(Fault::Missing {
                expected: expected(kind),
            }),
        }
    }

    fn parse_text(&self, text: &str, lang: Lang) -> Result<Value, Fault> {
        let number_fault = |fault| Fault::Number {
            typed: text.to_owned(),
            fault,
        };
        match &self.parameter.kind {
            ParameterKind::Float => {
                let typed = parse_number(text, lang).map_err(number_fault)?;
                Ok(number(&typed.text))
            }
            ParameterKind::Int => {
                let typed = parse_integer(text, lang).map_err(number_fault)?;
                Ok(number(&typed.text))
            }
            ParameterKind::Bool => match text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(Fault::WrongType {
                    expected: Expected::YesNo,
                    found: super::fault::shortened(text),
                }),
            },
            ParameterKind::Str => Ok(Value::Text(self.text.clone())),
            ParameterKind::Choice { options } => options
                .iter()
                .find(|option| option_text(option) == text)
                .map(Value::from)
                .ok_or_else(|| Fault::NotAChoice {
                    found: text.to_owned(),
                    options: options.iter().map(option_text).collect(),
                }),
            ParameterKind::Numbers { .. } if text.starts_with("[[") => {
                Value::parse(text).map_err(Fault::Json)
            }
            ParameterKind::Numbers { integers } => {
                parse_list(text, *integers, lang).map(Value::List)
            }
            // Where the code does not say what it takes, a number may be written as anywhere else.
            ParameterKind::Group { .. } | ParameterKind::Json => match parse_number(text, lang) {
                Ok(typed) => Ok(number(&typed.text)),
                Err(_) => Value::parse(text).map_err(Fault::Json),
            },
        }
    }
}

/// A choice as the form shows it.
#[must_use]
pub fn option_text(option: &serde_json::Value) -> String {
    Value::from(option)
        .exact_text()
        .unwrap_or_else(|| option.to_string())
}

pub(super) fn expected(kind: &ParameterKind) -> Expected {
    match kind {
        ParameterKind::Float => Expected::Number,
        ParameterKind::Int => Expected::Integer,
        ParameterKind::Bool => Expected::YesNo,
        ParameterKind::Str => Expected::Text,
        ParameterKind::Choice { .. } => Expected::Choice,
        ParameterKind::Numbers { integers: false } => Expected::Numbers,
        ParameterKind::Numbers { integers: true } => Expected::Integers,
        ParameterKind::Group { .. } => Expected::Group,
        ParameterKind::Json => Expected::Json,
    }
}

fn text_of(kind: &ParameterKind, value: &Value, lang: Lang) -> String {
    match (kind, value) {
        (ParameterKind::Json | ParameterKind::Group { .. }, value) => value.to_json(Arrays::Nested),
        (ParameterKind::Float | ParameterKind::Int, Value::Float(number)) => {
            shown_plain(&input_text(*number), lang)
        }
        (ParameterKind::Numbers { .. }, Value::List(items))
            if items.iter().all(Value::is_scalar) =>
        {
            list_text(items, lang)
        }
        (ParameterKind::Numbers { .. }, Value::Array(array)) => {
            text_of(kind, &array.nested(), lang)
        }
        (_, value) => value
            .exact_text()
            .unwrap_or_else(|| value.to_json(Arrays::Nested)),
    }
}
