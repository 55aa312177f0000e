//! What the code of a task asks for, read from its text without running it.
//!
//! `calculate` takes its inputs in one of two styles. One parameter without a default that is named
//! `inputs`, has no annotation, or is annotated as a dictionary gets them as one dictionary; every
//! other signature gets its parameters by name. The runner inside the worker goes by the same rule.
//!
//! Nothing here fails on any text: what cannot be understood becomes a field that takes JSON.

mod annotation;
mod docstring;
mod literal;
mod module;
mod parameters;
mod source;

use domain::signature::{CodeProblem, Signature, Style};
use module::{Calculate, Module};

/// Reads the signature of `calculate`.
///
/// # Errors
/// When the code is no Python, or has no `calculate`.
pub fn read(code: &str) -> Result<Signature, CodeProblem> {
    let parsed = source::parse(code)?;
    let module = Module::new(code, parsed.suite());
    let calculate = module
        .calculate()
        .ok_or_else(CodeProblem::missing_calculate)?;
    let (style, parameters) = match calculate {
        // It exists, and only Python knows how it is called.
        Calculate::Opaque => (Style::Dict, Vec::new()),
        Calculate::Function {
            parameters,
            docstring,
        } => parameters::read(&module, parameters, docstring),
    };
    Ok(Signature {
        style,
        parameters,
        summary: module.summary(calculate),
    })
}

#[cfg(test)]
mod tests;
