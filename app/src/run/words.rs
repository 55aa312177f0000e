//! A run's error in the language of the page: what happened, then what to do.

use super::mistake;
use crate::{
    i18n::{Locale, td_string},
    retold::{is_known, retold},
};
use domain::run::{ErrorKind, RunError};

/// What happened as a title, and what to do about it.
#[must_use]
pub fn full(error: &RunError, code: &str, locale: Locale) -> (String, String) {
    if error.kind == ErrorKind::Python
        && !is_ours(error)
        && let Some(line) = error.line
    {
        return python(error, line, code, locale);
    }
    in_two(&sentence(error, locale))
}

/// The first sentence without its point, and the rest.
fn in_two(message: &str) -> (String, String) {
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
        Some(line) if error.kind == ErrorKind::Python && !is_ours(error) => {
            let said = without_quotes(said(error).1);
            td_string!(locale, runs.error_line, line = line, said = said).to_string()
        }
        _ => in_two(&sentence(error, locale)).0,
    }
}

fn python(error: &RunError, line: u32, code: &str, locale: Locale) -> (String, String) {
    let found = mistake::of_run(error, code, locale);
    let hint = found
        .as_ref()
        .and_then(|found| found.hint.clone())
        .or_else(|| hint(error, locale));
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

fn python_said(error: &RunError) -> Option<&str> {
    error.traceback.as_deref().and_then(mistake::last_line)
}

/// Whether the message is a sentence of the runner's and not Python's word.
fn is_ours(error: &RunError) -> bool {
    python_said(error).is_some_and(|last| !error.message.contains(last)) && is_known(&error.message)
}

/// What the runner adds to Python's words: what to do in a calculation.
fn hint(error: &RunError, locale: Locale) -> Option<String> {
    let last = python_said(error)?;
    let after = error.message.find(last)? + last.len();
    let hint = error.message[after..].trim_start_matches(['.', ' ']);
    if hint.is_empty() {
        return None;
    }
    retold(hint, locale)
}

/// What Python said last: the kind of exception, and its text without a suggestion.
fn said(error: &RunError) -> (Option<&str>, &str) {
    let last = python_said(error)
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

/// The stored sentence, told again; of one that is not known, the kind of error is told and the
/// sentence quoted.
fn sentence(error: &RunError, locale: Locale) -> String {
    let stored = error.message.lines().collect::<Vec<_>>().join(" ");
    if let Some(told) = retold(&stored, locale) {
        return told;
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
    let quoted = td_string!(locale, runs.error_quoted, said = stored);
    format!("{known} {quoted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(said: &str) -> RunError {
        with_message(said, said)
    }

    fn with_message(message: &str, last: &str) -> RunError {
        RunError {
            kind: ErrorKind::Python,
            message: message.to_owned(),
            line: Some(21),
            traceback: Some(format!("Traceback (most recent call last):\n{last}\n")),
        }
    }

    fn plain(kind: ErrorKind, message: &str) -> RunError {
        RunError {
            kind,
            message: message.to_owned(),
            line: None,
            traceback: None,
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

    #[test]
    fn what_the_runner_adds_is_the_advice() {
        let last = "NameError: name 'np' is not defined";
        let error = with_message(
            &format!("{last}. Write import numpy as np at the top."),
            last,
        );
        assert_eq!(
            full(&error, "", Locale::fr),
            (
                "La ligne 21 utilise np, qui n’est pas défini".to_owned(),
                "Écrivez import numpy as np au début. Corrigez la ligne et relancez.".to_owned()
            )
        );
        let (_, advice) = full(&error, "", Locale::en);
        assert!(
            advice.starts_with("Write import numpy as np at the top."),
            "{advice}"
        );
    }

    #[test]
    fn a_run_that_ended_itself_is_told_so() {
        let message = "The calculation ended itself with sys.exit and gave no result. Return a value instead.";
        let error = with_message(message, "SystemExit: 1");
        assert_eq!(
            of(&error, Locale::en),
            message.trim_end_matches('.').to_owned() + "."
        );
        assert_eq!(
            short(&error, Locale::fr),
            "Le calcul s’est terminé par sys.exit et n’a rien renvoyé"
        );
    }

    #[test]
    fn french_names_the_limit_the_package_and_the_key() {
        let memory = "Used more than 512 MB. Work on fewer points at a time.";
        let package = "The package sklearn is not available in a calculation. Available are numpy \
                       2.3.4 and Python's standard library.";
        let key =
            "result[\"mesh\"] is a Mesh, which cannot be stored. Return numbers, lists or a table.";
        let line = "Line 2: Invalid syntax. Correct the line and run again.";
        for (kind, message, title) in [
            (ErrorKind::OutOfMemory, memory, "Plus de 512 Mo utilisés"),
            (
                ErrorKind::MissingPackage,
                package,
                "Le paquet sklearn n’est pas disponible dans un calcul",
            ),
            (
                ErrorKind::Unserialisable,
                key,
                "result[\"mesh\"] est un Mesh, qui ne peut pas être enregistré",
            ),
            (ErrorKind::Syntax, line, "Ligne 2\u{a0}: syntaxe incorrecte"),
        ] {
            assert_eq!(full(&plain(kind, message), "", Locale::fr).0, title);
            assert_eq!(short(&plain(kind, message), Locale::fr), title);
        }
    }

    #[test]
    fn an_unknown_sentence_is_quoted() {
        let error = plain(ErrorKind::Killed, "Something new happened.");
        let (title, advice) = full(&error, "", Locale::fr);
        assert_eq!(title, "Le calcul a été arrêté de l’extérieur");
        assert!(advice.ends_with("Something new happened."), "{advice}");
    }
}
