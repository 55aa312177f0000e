//! What the code of a task asks for: the input form is made from this.

mod problem;

pub use problem::{CodeProblem, CodeProblemKind, SyntaxFault};

use serde::{Deserialize, Serialize};

/// How `calculate` takes its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// `def calculate(inputs)`: one dictionary; the form shows the keys of the saved inputs.
    Dict,
    /// `def calculate(force: float = 1000, …)`: the form shows the parameters.
    Parameters,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    pub style: Style,
    pub parameters: Vec<Parameter>,
    /// First line of the module's or the function's docstring.
    pub summary: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The Python name, and the key in the inputs.
    pub name: String,
    /// What the form shows: the docstring's short description, else the name made readable.
    pub label: String,
    pub kind: ParameterKind,
    pub unit: Option<String>,
    /// JSON; absent when the author gave none or it is not a literal.
    pub default: Option<serde_json::Value>,
    /// No default in the code: the form must be filled in.
    pub required: bool,
    /// `Optional[...]` or `... | None`: an empty field means null.
    pub nullable: bool,
    /// The whole description from the docstring.
    pub description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ParameterKind {
    Float,
    Int,
    Bool,
    Str,
    /// `Literal[...]`: JSON scalars in the author's order.
    Choice {
        options: Vec<serde_json::Value>,
    },
    /// `list[float]`, `list[int]`, numpy arrays of one dimension.
    Numbers {
        integers: bool,
    },
    /// A dataclass or TypedDict of the same file.
    Group {
        fields: Vec<Parameter>,
    },
    /// Anything else: edited as JSON.
    Json,
}

/// A Python name as a form shows it: `grip_length` → `Grip length`. What reads as a symbol of the
/// field stays: `σ_a`, `d2`, `f_m`, `Re`.
#[must_use]
pub fn readable_name(name: &str) -> String {
    let head = name.split('_').next().unwrap_or_default();
    let is_symbol = name.chars().count() <= 2
        || head.chars().count() == 1
        || !name.is_ascii()
        || name
            .chars()
            .skip(1)
            .any(|c| c.is_ascii_uppercase() || c.is_whitespace());
    if is_symbol {
        return name.to_owned();
    }
    let words = name.trim_matches('_').replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::readable_name;

    #[test]
    fn names_read_as_words_and_symbols_stay() {
        for (name, label) in [
            ("grip_length", "Grip length"),
            ("force", "Force"),
            ("_hidden_load", "Hidden load"),
            ("σ_a", "σ_a"),
            ("d2", "d2"),
            ("f_m", "f_m"),
            ("Re", "Re"),
            ("gripLength", "gripLength"),
            ("Axial load", "Axial load"),
            ("___", "___"),
            ("", ""),
        ] {
            assert_eq!(readable_name(name), label);
        }
    }
}
