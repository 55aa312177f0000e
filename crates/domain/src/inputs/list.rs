//! A list of numbers in one field: typed with separators, pasted from a spreadsheet, or as JSON.

use super::fault::Fault;
use crate::{
    Lang,
    number::{NumberFault, parse_integer, parse_number, shown_input},
    value::Value,
};

/// The numbers as a field holds them: `10, 20.5` in English, `10 ; 20,5` in French.
pub(super) fn list_text(items: &[Value], lang: Lang) -> String {
    let item = |value: &Value| match value {
        Value::Float(number) => shown_plain(&crate::number::exact(*number), lang),
        value => value.exact_text().unwrap_or_default(),
    };
    items
        .iter()
        .map(item)
        .collect::<Vec<_>>()
        .join(lang.pick(", ", " ; "))
}

/// A number text with the decimal sign of the language, otherwise as it is.
pub(super) fn shown_plain(text: &str, lang: Lang) -> String {
    lang.pick(text.to_owned(), text.replace('.', ","))
}

/// A list as it is shown while nobody edits it, each number grouped.
pub(super) fn shown_list(text: &str, lang: Lang) -> String {
    let numbers: Vec<String> = split(text, lang)
        .into_iter()
        .map(|item| shown_input(item, lang))
        .collect();
    numbers.join(lang.pick(", ", " ; "))
}

pub(super) fn parse_list(text: &str, integers: bool, lang: Lang) -> Result<Vec<Value>, Fault> {
    let items = split(text, lang).into_iter().enumerate();
    items
        .map(|(index, item)| {
            let read = if integers {
                parse_integer(item, lang)
            } else {
                parse_number(item, lang)
            };
            // Between brackets and separators a comma before three digits has one meaning left.
            let read = match read {
                Err(NumberFault::Ambiguous) => parse_number(item, Lang::Fr),
                read => read,
            };
            read.map(|number| crate::value::number(&number.text))
                .map_err(|fault| Fault::Item {
                    place: index + 1,
                    typed: item.to_owned(),
                    fault,
                })
        })
        .collect()
}

/// Semicolons, tabs and line ends always separate. Else commas do, except that in French a comma
/// without a space after it, outside brackets, is a decimal comma. Else spaces do.
fn split(text: &str, lang: Lang) -> Vec<&str> {
    let text = text.trim();
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let list = inner.unwrap_or(text);
    let items: Vec<&str> = if list.contains([';', '\n', '\t']) {
        list.split([';', '\n', '\t']).collect()
    } else if list.contains(',') && (lang == Lang::En || inner.is_some()) {
        list.split(',').collect()
    } else if list.contains(", ") {
        list.split(", ").collect()
    } else {
        list.split_whitespace().collect()
    };
    items
        .into_iter()
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}
