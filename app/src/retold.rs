//! Sentences of the server and the worker in the language of the page.
//!
//! They are stored and sent in English, figures and names written in. The English text of each one
//! in the locale files is the sentence itself with gaps; what fills the gaps goes into the other
//! language's text. A sentence that is not among them stays with who asks.

use crate::i18n::{Locale, td_string};
use domain::number::shown_input;

/// Stands for a gap in a pattern; no sentence has it.
const GAP: &str = "\u{1}";

/// One sentence, in every language.
struct Sentence {
    /// Its English text with marks at the gaps.
    pattern: fn() -> String,
    tell: fn(Locale, Vec<String>) -> String,
}

macro_rules! sentence {
    ($key:ident) => {
        Sentence {
            pattern: || td_string!(Locale::en, sentences.$key).to_owned(),
            tell: |locale, _| td_string!(locale, sentences.$key).to_owned(),
        }
    };
    // The gaps in the order of the English text.
    ($key:ident, $($gap:ident),+) => {
        Sentence {
            pattern: || td_string!(Locale::en, sentences.$key, $($gap = GAP),+).to_string(),
            tell: |locale, fillings| {
                let mut fillings = fillings.into_iter();
                $(let $gap = fillings.next().unwrap_or_default();)+
                td_string!(locale, sentences.$key, $($gap = $gap),+).to_string()
            },
        }
    };
}

/// A sentence told again in another language; `None` when it is none of ours. English stays as it is.
#[must_use]
pub fn retold(said: &str, locale: Locale) -> Option<String> {
    if locale == Locale::en {
        return Some(said.to_owned());
    }
    SENTENCES.iter().find_map(|sentence| {
        let fillings = fillings(&(sentence.pattern)(), said)?;
        let fillings = fillings.into_iter().map(|text| filling(text, locale));
        Some((sentence.tell)(locale, fillings.collect()))
    })
}

/// Whether a text is one of the sentences.
#[must_use]
pub fn is_known(said: &str) -> bool {
    SENTENCES
        .iter()
        .any(|sentence| fillings(&(sentence.pattern)(), said).is_some())
}

/// What fills a gap: a sentence of its own, a figure, or a name that stays.
fn filling(text: &str, locale: Locale) -> String {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return shown_input(text, locale.into());
    }
    retold(text, locale).unwrap_or_else(|| text.to_owned())
}

/// What stands in the gaps of a pattern, when the text fits it.
fn fillings<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = pattern.split(GAP);
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut parts = parts.peekable();
    let mut found = Vec::new();
    while let Some(part) = parts.next() {
        let end = if parts.peek().is_none() {
            rest.strip_suffix(part)?.len()
        } else {
            rest.find(part)?
        };
        if end == 0 {
            return None;
        }
        found.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(found)
}

const SENTENCES: &[Sentence] = &[
    sentence!(wall_time, seconds),
    sentence!(processor_time, seconds),
    sentence!(overdue, seconds),
    sentence!(memory, megabytes),
    sentence!(memory_for, megabytes, cause),
    sentence!(printed, megabytes),
    sentence!(figures_count, count),
    sentence!(figure_size, path, megabytes),
    sentence!(result_takes, bytes, most),
    sentence!(result_has, bytes, most),
    sentence!(result_over, size, path),
    sentence!(result_over_bytes, size, path),
    sentence!(same_keys, path, key),
    sentence!(endless, path),
    sentence!(result_depth, depth, path),
    sentence!(not_stored_a, path, kind, advice),
    sentence!(not_stored_an, path, kind, advice),
    sentence!(bad_key_a, path, key, kind),
    sentence!(bad_key_an, path, key, kind),
    sentence!(return_plain),
    sentence!(return_base64),
    sentence!(return_listed),
    sentence!(return_called),
    sentence!(return_dense),
    sentence!(no_package, name, packages),
    sentence!(no_module, name),
    sentence!(no_network, said),
    sentence!(no_calculate),
    sentence!(not_function, kind),
    sentence!(syntax_line, line, said),
    sentence!(syntax_invalid),
    sentence!(syntax_indent),
    sentence!(syntax_unindent),
    sentence!(syntax_block, what, line),
    sentence!(syntax_function),
    sentence!(syntax_class),
    sentence!(syntax_statement, word),
    sentence!(syntax_open, bracket),
    sentence!(syntax_expected, sign),
    sentence!(syntax_comma),
    sentence!(syntax_text, line),
    sentence!(syntax_depth),
    sentence!(syntax_other, said),
    sentence!(ended_itself),
    sentence!(killed),
    sentence!(crashed, signal),
    sentence!(left, status),
    sentence!(tampered),
    sentence!(given_up, loss, count),
    sentence!(starts_again, loss),
    sentence!(server_stopped),
    sentence!(loss_disconnected),
    sentence!(loss_silent, seconds),
    sentence!(loss_garbled),
    sentence!(loss_long_line),
    sentence!(loss_refused, status),
    sentence!(loss_result),
    sentence!(loss_taken),
    sentence!(loss_stopped),
    sentence!(loss_storage),
    sentence!(loss_defect),
    sentence!(loss_server),
    sentence!(loss_shutdown),
    sentence!(loss_process),
    sentence!(loss_not_stored, cause),
    sentence!(loss_not_fetched, cause),
    sentence!(hint_import, line),
    sentence!(hint_threads),
    sentence!(hint_recursion),
    sentence!(hint_input),
    sentence!(hint_keys, names),
    sentence!(hint_no_keys),
    sentence!(hint_processes),
    sentence!(hint_files),
    sentence!(hint_writing),
    sentence!(hint_space),
    sentence!(input_missing, name),
    sentence!(inputs_missing, names, last),
    sentence!(field_missing, path),
    sentence!(field_unknown, path, name, names),
    sentence!(input_unknown, name, advice),
    sentence!(input_meant, name),
    sentence!(input_known, names),
    sentence!(input_none),
    sentence!(input_not, path, value, wanted, advice),
    sentence!(a_number),
    sentence!(a_whole_number),
    sentence!(true_or_false),
    sentence!(a_text),
    sentence!(a_list),
    sentence!(an_object),
    sentence!(an_array),
    sentence!(a_table),
    sentence!(one_of_the_choices),
    sentence!(write_number),
    sentence!(write_whole),
    sentence!(write_boolean),
    sentence!(write_text, example),
    sentence!(write_list, example),
    sentence!(write_object, example),
    sentence!(write_rows, example),
    sentence!(write_columns, example),
    sentence!(write_one_of, options),
    sentence!(name_empty),
    sentence!(name_control),
    sentence!(name_long, count, most),
    sentence!(description_long, count, most),
    sentence!(code_long, bytes, most),
    sentence!(inputs_long, bytes, most),
    sentence!(inputs_large, size, most),
    sentence!(inputs_no_object, example),
    sentence!(nul_character, field),
    sentence!(queue_limit, count),
    sentence!(rate_address, count, seconds),
    sentence!(rate_user, count, seconds),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn french(said: &str) -> String {
        retold(said, Locale::fr).unwrap_or_else(|| panic!("{said} is not known"))
    }

    #[test]
    fn figures_and_names_go_along() {
        assert_eq!(
            french(
                "Stopped after 60 s, the limit of this run (wall time). Shorten the loop, or ask for \
                 a longer limit."
            ),
            "Arrêté après 60 s, la limite de ce calcul (durée). Raccourcissez la boucle ou demandez \
             une limite plus longue."
        );
        assert_eq!(
            french(
                "Used more than 512 MB: Unable to allocate 8.00 GiB. Work on fewer points at a time."
            ),
            "Plus de 512 Mo utilisés\u{a0}: Unable to allocate 8.00 GiB. Traitez moins de points à la fois."
        );
        assert_eq!(
            french("The code has 300000 bytes; the limit is 262144. Move data into the inputs."),
            "Le code a 300\u{202f}000 octets\u{a0}; la limite est de 262\u{202f}144. Placez les données dans les entrées."
        );
        assert!(
            french(
                "The result is larger than 1.5 MB, the limit, reached in result[\"x\"]. Return \
                 fewer points, or a summary."
            )
            .starts_with("Le résultat dépasse 1,5 Mo, la limite, atteinte dans result[\"x\"].")
        );
    }

    #[test]
    fn a_sentence_within_a_sentence_is_told_too() {
        assert_eq!(
            french(
                "result[\"mesh\"] is a Mesh, which cannot be stored. Return numbers, lists or a table."
            ),
            "result[\"mesh\"] est un Mesh, qui ne peut pas être enregistré. Renvoyez des nombres, \
             des listes ou un tableau."
        );
        assert_eq!(
            french("The worker gave no sign of life for 30 s. The run starts again."),
            "Le serveur de calcul n’a donné aucun signe de vie pendant 30 s. Le calcul recommence."
        );
        assert_eq!(
            french("load is \"4o\", which is not a number. Write digits, for example 40 or 4e1."),
            "load vaut \"4o\", ce qui n’est pas un nombre. Écrivez des chiffres, par exemple 40 ou 4e1."
        );
    }

    #[test]
    fn what_is_not_ours_is_not_guessed_at() {
        for said in [
            "",
            "division by zero",
            "Used more than  MB.",
            "The run starts again.",
        ] {
            assert_eq!(retold(said, Locale::fr), None, "{said}");
        }
    }

    #[test]
    fn every_sentence_is_found_by_its_own_text() {
        for sentence in SENTENCES {
            let said = (sentence.pattern)().replace(GAP, "Q7");
            let told = french(&said);
            assert_ne!(told, said);
            assert_eq!(
                told.matches("Q7").count(),
                said.matches("Q7").count(),
                "{told}"
            );
        }
    }
}
