//! What the code of a task asks for: the input form is made from this.

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

/// Code that cannot be read as a calculation, before anything runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeProblem {
    pub kind: CodeProblemKind,
    pub message: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeProblemKind {
    Syntax,
    MissingCalculate,
}
