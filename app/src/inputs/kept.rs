//! What the form was given and what was typed into it, kept beyond the form of the moment: while the
//! code is edited its inputs come and go, and nothing that was written goes with them.

use domain::{
    Lang,
    inputs::Form,
    signature::{Signature, Style},
    value::Value,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What every form of this page is made from. Fields are known by their dotted names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The JSON object that the form was last filled with.
    #[serde(default)]
    given: String,
    /// Texts typed since then; they need not parse.
    #[serde(default)]
    typed: BTreeMap<String, String>,
    /// Fields that were left at the code's default, so that they follow it when it changes.
    #[serde(default)]
    at_default: BTreeSet<String>,
    /// Filled after the code was read: the form of the moment says nothing about the next one.
    #[serde(skip)]
    ahead: bool,
}

impl Kept {
    /// Of a form that is filled with `inputs` and belongs to the code.
    #[must_use]
    pub fn new(inputs: String) -> Self {
        Self {
            given: inputs,
            ..Self::default()
        }
    }

    /// Starts over with these inputs.
    pub fn fill(&mut self, inputs: &str) {
        *self = Self::new(inputs.to_owned());
        self.ahead = true;
    }

    /// Takes over what was kept on an earlier visit.
    pub fn restore(&mut self, earlier: Self) {
        *self = Self {
            ahead: true,
            ..earlier
        };
    }

    /// A person wrote into a field.
    pub fn write(&mut self, field: String, text: String) {
        self.at_default.remove(&field);
        self.typed.insert(field, text);
    }

    /// The form of a signature with everything that is kept.
    #[must_use]
    pub fn form(&self, signature: &Signature, lang: Lang) -> Form {
        let mut form = Form::new(signature, &object(&self.given), lang);
        for field in &mut form.fields {
            let id = field.id();
            if let Some(text) = self.typed.get(&id) {
                field.text.clone_from(text);
            } else if let (true, Some(default)) =
                (self.at_default.contains(&id), &field.default_text)
            {
                field.text.clone_from(default);
            }
        }
        form
    }

    /// The form of a new reading of the code, after the form `before`.
    ///
    /// Code that takes a dictionary names no keys: they stay those of the form before, or are those
    /// of the `saved` inputs.
    pub fn next_form(
        &mut self,
        signature: &Signature,
        before: &Form,
        saved: &str,
        lang: Lang,
    ) -> Form {
        if !std::mem::take(&mut self.ahead) {
            self.at_default.extend(
                before
                    .fields
                    .iter()
                    .filter(|field| field.default_text.as_ref() == Some(&field.text))
                    .map(domain::inputs::Field::id)
                    .filter(|id| !self.typed.contains_key(id)),
            );
            if signature.style == Style::Dict {
                let keys = before.to_json(lang).unwrap_or_default();
                if !is_empty(&keys) {
                    self.given = keys;
                }
            }
        }
        if signature.style == Style::Dict && is_empty(&self.given) {
            saved.clone_into(&mut self.given);
        }
        self.form(signature, lang)
    }
}

/// Inputs as a value; text that is no JSON object counts as none.
fn object(inputs: &str) -> Value {
    Value::parse(inputs).unwrap_or(Value::Object(Vec::new()))
}

fn is_empty(inputs: &str) -> bool {
    !matches!(object(inputs), Value::Object(entries) if !entries.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::signature::{Parameter, ParameterKind};

    /// Code that takes these floats, each with its default.
    fn code(parameters: &[(&str, f64)]) -> Signature {
        let parameters = parameters.iter().map(|(name, default)| Parameter {
            name: (*name).to_owned(),
            label: (*name).to_owned(),
            kind: ParameterKind::Float,
            unit: None,
            default: Some((*default).into()),
            required: false,
            nullable: false,
            description: None,
        });
        Signature {
            style: Style::Parameters,
            parameters: parameters.collect(),
            summary: None,
        }
    }

    fn dictionary() -> Signature {
        Signature {
            style: Style::Dict,
            parameters: Vec::new(),
            summary: None,
        }
    }

    /// The page of one task: its form, and what is kept.
    struct Page(Kept, Form);

    impl Page {
        fn of(signature: &Signature, inputs: &str) -> Self {
            let kept = Kept::new(inputs.to_owned());
            let form = kept.form(signature, Lang::En);
            Self(kept, form)
        }

        fn write(&mut self, field: &str, text: &str) {
            self.0.write(field.to_owned(), text.to_owned());
            for known in &mut self.1.fields {
                if known.id() == field {
                    known.text = text.to_owned();
                }
            }
        }

        fn read(&mut self, signature: &Signature) {
            self.1 = self.0.next_form(signature, &self.1, "{}", Lang::En);
        }

        fn texts(&self) -> Vec<(String, String)> {
            self.1
                .fields
                .iter()
                .map(|field| (field.id(), field.text.clone()))
                .collect()
        }
    }
    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn a_parameter_that_comes_back_has_what_was_typed() {
        let both = code(&[("a", 1.0), ("b", 2.0)]);
        let mut page = Page::of(&both, "{}");
        page.write("b", "88");
        page.read(&code(&[("a", 1.0)]));
        page.read(&both);
        assert_eq!(page.texts(), [pair("a", "1.0"), pair("b", "88")]);
    }

    #[test]
    fn inputs_that_come_before_their_code_wait_for_it() {
        let mut page = Page::of(&code(&[("a", 1.0)]), "{}");
        page.write("a", "5");
        page.0.fill(r#"{"p": 42}"#);
        page.1 = page.0.form(&code(&[("a", 1.0)]), Lang::En);
        page.read(&code(&[("p", 1.0)]));
        assert_eq!(page.texts(), [pair("p", "42")]);
    }

    #[test]
    fn a_field_at_its_default_follows_the_code_and_a_typed_one_stays() {
        let mut page = Page::of(&code(&[("a", 1.0), ("b", 2.0)]), r#"{"a": 1.0, "b": 2.0}"#);
        page.write("b", "3");
        page.read(&code(&[("a", 10.0), ("b", 20.0)]));
        assert_eq!(page.texts(), [pair("a", "10.0"), pair("b", "3")]);
        page.read(&code(&[("a", 11.0), ("b", 20.0)]));
        assert_eq!(page.texts()[0], pair("a", "11.0"));
    }

    #[test]
    fn an_earlier_visit_is_taken_up_with_the_parameters_it_had() {
        let mut before = Page::of(&code(&[("a", 1.0)]), r#"{"a": 1.0}"#);
        before.read(&code(&[("a", 7.0), ("c", 3.0)]));
        before.write("c", "9,,9");
        let stored = serde_json::to_string(&before.0).expect("it is plain data");

        let mut page = Page::of(&code(&[("a", 1.0)]), r#"{"a": 1.0}"#);
        page.0
            .restore(serde_json::from_str(&stored).expect("it was just written"));
        page.1 = page.0.form(&code(&[("a", 1.0)]), Lang::En);
        page.read(&code(&[("a", 7.0), ("c", 3.0)]));
        assert_eq!(page.texts(), [pair("a", "7.0"), pair("c", "9,,9")]);
    }

    #[test]
    fn a_dictionary_keeps_the_keys_that_the_parameters_had() {
        let mut page = Page::of(&code(&[("a", 1.0)]), "{}");
        page.read(&dictionary());
        assert_eq!(page.texts(), [pair("a", "1.0")]);
        page.write("a", "4");
        page.read(&dictionary());
        assert_eq!(page.texts(), [pair("a", "4")]);
    }
}
