//! Where in the code a run went wrong, and what Python says about it.

use crate::{
    editor::Mistake,
    i18n::{Locale, td_string},
};
use domain::{run::RunError, signature::CodeProblem};

/// The mistake of a failed run, for the line it happened at.
#[must_use]
pub fn of_run(error: &RunError, code: &str, locale: Locale) -> Option<Mistake> {
    let line = error.line?;
    let said = error.traceback.as_deref().and_then(last_line);
    let suggestion = said.and_then(suggested);
    let undefined = said.and_then(quoted_name);
    let hint = suggestion.map(|name| match assigned_before(code, name, line) {
        Some(at) => td_string!(locale, workbench.suggests_line, name = name, line = at).to_string(),
        None => td_string!(locale, workbench.suggests, name = name).to_string(),
    });
    let title = said.map_or_else(|| error.message.clone(), plain);
    Some(Mistake {
        line,
        column: None,
        title,
        hint,
        name: undefined.map(ToOwned::to_owned),
        replacement: undefined
            .zip(suggestion)
            .map(|(from, to)| (from.to_owned(), to.to_owned())),
        quiet: false,
    })
}

/// The mistake of code that cannot be read, while it is being written.
#[must_use]
pub fn of_code(problem: &CodeProblem, locale: Locale) -> Mistake {
    Mistake {
        line: problem.line,
        column: Some(problem.column),
        title: problem.text(locale.into()),
        hint: None,
        name: None,
        replacement: None,
        quiet: true,
    }
}

/// What Python said, at the end of its traceback.
pub(super) fn last_line(traceback: &str) -> Option<&str> {
    traceback
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
}

/// `d2` of `… Did you mean: 'd2'?`
fn suggested(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("Did you mean: '")?;
    rest.split_once('\'').map(|(name, _)| name)
}

/// `d_2` of `NameError: name 'd_2' is not defined`
fn quoted_name(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("name '")?;
    rest.split_once('\'').map(|(name, _)| name)
}

/// The sentence without its suggestion and quotes around names.
fn plain(said: &str) -> String {
    let sentence = said.split(". Did you mean").next().unwrap_or(said);
    match quoted_name(sentence) {
        Some(name) => sentence.replace(&format!("'{name}'"), name),
        None => sentence.to_owned(),
    }
}

/// The last line before `line` that assigns `name`, from 1.
fn assigned_before(code: &str, name: &str, line: u32) -> Option<usize> {
    code.lines()
        .take(line as usize)
        .enumerate()
        .filter(|(_, text)| assigns(text, name))
        .map(|(index, _)| index + 1)
        .last()
}

fn assigns(text: &str, name: &str) -> bool {
    let Some((left, right)) = text.split_once('=') else {
        return false;
    };
    let is_comparison = right.starts_with('=');
    !is_comparison
        && left
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::run::ErrorKind;

    #[test]
    fn a_misspelt_name_comes_with_its_replacement() {
        let code = "def calculate(d: float = 1.0):\n    d2 = d\n    return d_2\n";
        let error = RunError {
            kind: ErrorKind::Python,
            message: "Line 3 uses d_2, which is not defined.".into(),
            line: Some(3),
            traceback: Some(
                "Traceback:\n  x\nNameError: name 'd_2' is not defined. Did you mean: 'd2'?\n"
                    .into(),
            ),
        };
        let mistake = of_run(&error, code, Locale::en).expect("a line is known");
        assert_eq!(mistake.title, "NameError: name d_2 is not defined");
        assert_eq!(mistake.replacement, Some(("d_2".into(), "d2".into())));
        assert_eq!(
            mistake.hint.as_deref(),
            Some("Python suggests d2, assigned on line 2.")
        );
    }

    #[test]
    fn a_mistake_without_a_suggestion_offers_nothing() {
        let error = RunError {
            kind: ErrorKind::Python,
            message: "Line 1: division by zero.".into(),
            line: Some(1),
            traceback: Some("ZeroDivisionError: division by zero".into()),
        };
        let mistake = of_run(&error, "1/0", Locale::en).expect("a line is known");
        assert_eq!((mistake.hint, mistake.replacement), (None, None));
    }
}
