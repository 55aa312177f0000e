//! The names a module defines at its top level, as far as a signature can refer to them.

use super::docstring;
use ruff_python_ast::{Expr, Parameters, Stmt, StmtClassDef};
use std::{cell::Cell, collections::HashMap};

/// What `calculate` is.
#[derive(Clone, Copy)]
pub(super) enum Calculate<'a> {
    Function {
        parameters: &'a Parameters,
        docstring: Option<&'a str>,
    },
    /// Imported, wrapped or made at run time.
    Opaque,
}

pub(super) struct Module<'a> {
    pub code: &'a str,
    pub docstring: Option<&'a str>,
    names: HashMap<&'a str, Definition<'a>>,
    work: Cell<usize>,
}

/// Nodes that are looked at for one signature. A few names that refer to one another can stand for
/// any number of fields and values; what is beyond is left to Python.
const MAX_WORK: usize = 200_000;

#[derive(Clone, Copy)]
pub(super) enum Definition<'a> {
    Class(&'a StmtClassDef),
    /// A constant or a type alias.
    Value(&'a Expr),
    Function {
        parameters: &'a Parameters,
        docstring: Option<&'a str>,
    },
    Imported,
}

/// Assignments that `calculate` is looked up through.
const MAX_RENAMES: usize = 16;

impl<'a> Module<'a> {
    pub fn new(code: &'a str, body: &'a [Stmt]) -> Self {
        let mut module = Self {
            code,
            docstring: docstring_of(body),
            names: HashMap::new(),
            work: Cell::new(MAX_WORK),
        };
        module.define(body);
        module
    }

    /// The last definition of a name counts, also inside `if`, `try` and `with`.
    fn define(&mut self, body: &'a [Stmt]) {
        for statement in body {
            match statement {
                Stmt::FunctionDef(function) => {
                    let definition = Definition::Function {
                        parameters: &function.parameters,
                        docstring: docstring_of(&function.body),
                    };
                    self.names.insert(function.name.as_str(), definition);
                }
                Stmt::ClassDef(class) => {
                    self.names
                        .insert(class.name.as_str(), Definition::Class(class));
                }
                Stmt::Assign(assign) => {
                    for target in &assign.targets {
                        self.assign(target, &assign.value);
                    }
                }
                Stmt::AnnAssign(assign) => {
                    if let Some(value) = &assign.value {
                        self.assign(&assign.target, value);
                    }
                }
                Stmt::TypeAlias(alias) => self.assign(&alias.name, &alias.value),
                Stmt::Import(import) => {
                    for alias in &import.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                        self.names.insert(name, Definition::Imported);
                    }
                }
                Stmt::ImportFrom(import) => {
                    for alias in &import.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                        self.names.insert(name, Definition::Imported);
                    }
                }
                Stmt::If(branch) => {
                    self.define(&branch.body);
                    branch
                        .elif_else_clauses
                        .iter()
                        .for_each(|clause| self.define(&clause.body));
                }
                Stmt::Try(attempt) => {
                    self.define(&attempt.body);
                    self.define(&attempt.orelse);
                    self.define(&attempt.finalbody);
                }
                Stmt::With(with) => self.define(&with.body),
                _ => {}
            }
        }
    }

    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        match (target, value) {
            (Expr::Name(name), value) => {
                self.names
                    .insert(name.id.as_str(), Definition::Value(value));
            }
            (Expr::Tuple(targets), Expr::Tuple(values))
                if targets.elts.len() == values.elts.len() =>
            {
                for (target, value) in targets.elts.iter().zip(&values.elts) {
                    self.assign(target, value);
                }
            }
            _ => {}
        }
    }

    /// Whether that many nodes more may be looked at.
    pub fn spend(&self, nodes: usize) -> bool {
        let left = self.work.get().checked_sub(nodes);
        self.work.set(left.unwrap_or(0));
        left.is_some()
    }

    pub fn definition(&self, name: &str) -> Option<Definition<'a>> {
        self.names.get(name).copied()
    }

    pub fn class(&self, name: &str) -> Option<&'a StmtClassDef> {
        match self.definition(name) {
            Some(Definition::Class(class)) => Some(class),
            _ => None,
        }
    }

    pub fn value(&self, name: &str) -> Option<&'a Expr> {
        match self.definition(name) {
            Some(Definition::Value(value)) => Some(value),
            _ => None,
        }
    }

    pub fn calculate(&self) -> Option<Calculate<'a>> {
        let mut definition = self.definition("calculate")?;
        for _ in 0..MAX_RENAMES {
            definition = match definition {
                Definition::Value(Expr::Name(name)) => match self.definition(name.id.as_str()) {
                    Some(renamed) => renamed,
                    None => return Some(Calculate::Opaque),
                },
                _ => break,
            };
        }
        Some(match definition {
            Definition::Function {
                parameters,
                docstring,
                ..
            } => Calculate::Function {
                parameters,
                docstring,
            },
            Definition::Value(Expr::Lambda(lambda)) => match &lambda.parameters {
                Some(parameters) => Calculate::Function {
                    parameters,
                    docstring: None,
                },
                None => Calculate::Opaque,
            },
            _ => Calculate::Opaque,
        })
    }

    /// First line of the module's docstring, else of the function's.
    pub fn summary(&self, calculate: Calculate<'a>) -> Option<String> {
        let own = match calculate {
            Calculate::Function { docstring, .. } => docstring,
            Calculate::Opaque => None,
        };
        self.docstring
            .and_then(docstring::summary)
            .or_else(|| own.and_then(docstring::summary))
    }
}

/// The text a body begins with.
pub(super) fn docstring_of(body: &[Stmt]) -> Option<&str> {
    match body.first()? {
        Stmt::Expr(statement) => text_of(&statement.value),
        _ => None,
    }
}

pub(super) fn text_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringLiteral(literal) => Some(literal.value.to_str()),
        _ => None,
    }
}

/// The last part of a dotted name: `typing.Literal` → `Literal`.
pub(super) fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}
