//! A run's error in the language of the page: what happened, then what to do.

use crate::i18n::{Locale, td_string};
use domain::run::{ErrorKind, RunError};

/// The stored sentence is English. Other languages say the kind of error themselves and keep what
/// Python said as it is.
#[must_use]
pub fn of(error: &RunError, locale: Locale) -> String {
    if locale == Locale::en {
        return error.message.clone();
    }
    let known = match error.kind {
        ErrorKind::Python => return python(error, locale),
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
    match error.line {
        Some(line) => format!("{known} {}", td_string!(locale, runs.see_line, line = line)),
        None => known.to_owned(),
    }
}

fn python(error: &RunError, locale: Locale) -> String {
    let said = error
        .traceback
        .as_deref()
        .and_then(|traceback| traceback.lines().rfind(|line| !line.trim().is_empty()))
        .unwrap_or(&error.message)
        .to_owned();
    match error.line {
        Some(line) => td_string!(locale, runs.error_python_line, line = line, said = said).to_string(),
        None => td_string!(locale, runs.error_python, said = said).to_string(),
    }
}
