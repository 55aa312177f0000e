//! A run's error in the language of the page: what happened, then what to do.

use super::mistake;
use crate::i18n::{Locale, td_string};
use domain::run::{ErrorKind, RunError};

/// What happened as a title, and what to do about it.
#[must_use]
pub fn full(error: &RunError, code: &str, locale: Locale) -> (String, String) {
    if error.kind == ErrorKind::Python
        && let Some(line) = error.line
    {
        return python(error, line, code, locale);
    }
    let message = sentence(error, locale);
    match message.split_once(". ") {
        Some((first, rest)) => (first.to_owned(), rest.to_owned()),
        None => (message.trim_end_matches('.').to_owned(), String::new()),
    }
}

/// What happened and what to do in one text, where the code is not at hand.
#[must_use]
pub fn of(error: &RunError, locale: Locale) -> String {
    let (title, advice) = full(error, "", locale);
    format!("{title}. {advice}").trim_end().to_owned()
}

/// What happened, in the few words a list has room for.
#[must_use]
pub fn short(error: &RunError, locale: Locale) -> String {
    match error.line {
        Some(line) if error.kind == ErrorKind::Python => {
            let said = without_quotes(said(error).1);
            td_string!(locale, runs.error_line, line = line, said = said).to_string()
        }
        _ => {
            let message = sentence(error, locale);
            let first = message.split_once(". ").map(|(first, _)| first.to_owned());
            first.unwrap_or(message)
        }
    }
}

fn python(error: &RunError, line: u32, code: &str, locale: Locale) -> (String, String) {
    let found = mistake::of_run(error, code, locale);
    let hint = found.as_ref().and_then(|found| found.hint.clone());
    let (kind, text) = said(error);
    let title = match found.and_then(|found| found.name) {
        Some(name) => td_string!(locale, runs.error_name, line = line, name = name).to_string(),
        None => {
            td_string!(locale, runs.error_line, line = line, said = text.to_owned()).to_string()
        }
    };
    let correct = td_string!(locale, runs.correct_line);
    let advice = match (hint, kind) {
        (Some(hint), _) => format!("{hint} {correct}"),
        (None, Some(kind)) => {
            let named = td_string!(locale, runs.python_calls_it, name = kind.to_owned());
            format!("{named} {correct}")
        }
        (None, None) => correct.to_owned(),
    };
    (title, advice)
}

/// `d_2 is not defined` for `name 'd_2' is not defined`.
fn without_quotes(said: &str) -> String {
    let name = said
        .strip_prefix("name '")
        .and_then(|rest| rest.split_once('\''));
    match name {
        Some((name, rest)) => format!("{name}{rest}"),
        None => said.to_owned(),
    }
}

/// What Python said last: the kind of exception, and its text without a suggestion.
fn said(error: &RunError) -> (Option<&str>, &str) {
    let last = error
        .traceback
        .as_deref()
        .and_then(|traceback| {
            traceback
                .lines()
                .map(str::trim)
                .rfind(|line| !line.is_empty())
        })
        .or_else(|| error.message.lines().next())
        .unwrap_or_default();
    let (kind, text) = match last.split_once(": ") {
        Some((kind, text))
            if kind
                .chars()
                .all(|c| c.is_alphanumeric() || "._".contains(c)) =>
        {
            (Some(kind), text)
        }
        _ => (None, last),
    };
    (kind, text.split(". Did you mean").next().unwrap_or(text))
}

/// The stored sentence is English; another language says the kind of error itself.
fn sentence(error: &RunError, locale: Locale) -> String {
    if locale == Locale::en {
        return error.message.lines().next().unwrap_or_default().to_owned();
    }
    let known = match error.kind {
        ErrorKind::Python => return said(error).1.to_owned(),
        ErrorKind::Syntax => td_string!(locale, runs.error_syntax),
        ErrorKind::MissingCalculate => td_string!(locale, runs.error_missing_calculate),
        ErrorKind::MissingPackage => td_string!(locale, runs.error_missing_package),
        ErrorKind::InvalidInputs => td_string!(locale, runs.error_invalid_inputs),
        ErrorKind::Network => td_string!(locale, runs.error_network),
        ErrorKind::Timeout => td_string!(locale, runs.error_timeout),
        ErrorKind::OutOfMemory => td_string!(locale, runs.error_out_of_memory),
        ErrorKind::OutputLimit => td_string!(locale, runs.error_output_limit),
        ErrorKind::ResultTooLarge => td_string!(locale, runs.error_result_too_large),
        ErrorKind::Unserialisable => td_string!(locale, runs.error_unserialisable),
        ErrorKind::Killed => td_string!(locale, runs.error_killed),
        ErrorKind::Infrastructure => td_string!(locale, runs.error_infrastructure),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(said: &str) -> RunError {
        RunError {
            kind: ErrorKind::Python,
            message: said.to_owned(),
            line: Some(21),
            traceback: Some(format!("Traceback (most recent call last):\n{said}\n")),
        }
    }

    #[test]
    fn an_undefined_name_is_said_in_words() {
        let error = error("NameError: name 'd_2' is not defined. Did you mean: 'd2'?");
        let (title, advice) = full(&error, "d2 = 1", Locale::en);
        assert_eq!(title, "Line 21 uses d_2, which is not defined");
        assert_eq!(
            advice,
            "Python suggests d2, assigned on line 1. Correct the line and run again."
        );
        assert_eq!(short(&error, Locale::en), "Line 21: d_2 is not defined");
    }

    #[test]
    fn any_other_exception_keeps_its_own_text() {
        let error = error("ZeroDivisionError: division by zero");
        let (title, advice) = full(&error, "", Locale::fr);
        assert_eq!(title, "Ligne 21\u{a0}: division by zero");
        assert!(advice.contains("ZeroDivisionError"), "{advice}");
    }
}
