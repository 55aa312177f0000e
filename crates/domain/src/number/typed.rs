//! Numbers as people type or paste them, in both languages: `0.12`, `0,12`, `4e1`, `210 000`,
//! `−5`, and what our own pages show (`12.35 × 10⁶`).

use super::{GROUP, MINUS, exact};
use crate::Lang;

/// A number that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    pub value: f64,
    /// The same digits as a JSON number: what was typed, nothing rounded.
    pub text: String,
}

/// Why a text is not the number a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    Empty,
    NotANumber,
    /// `1,234`: one and a quarter, or more than a thousand?
    Ambiguous,
    /// A fraction where an integer is asked for.
    NotWhole,
    /// Beyond ±1.8 × 10³⁰⁸.
    OutOfRange,
}

impl NumberFault {
    /// What happened, then what to do.
    #[must_use]
    pub fn message(self, typed: &str, lang: Lang) -> String {
        let typed = typed.trim();
        match (self, lang) {
            (Self::Empty, Lang::En) => "Nothing is written here. Write a number.".to_owned(),
            (Self::Empty, Lang::Fr) => "Rien n’est écrit ici. Écrivez un nombre.".to_owned(),
            (Self::NotANumber, Lang::En) => {
                format!("\"{typed}\" is not a number. Write digits, for example 40 or 4e1.")
            }
            (Self::NotANumber, Lang::Fr) => format!(
                "«\u{A0}{typed}\u{A0}» n’est pas un nombre. Écrivez des chiffres, par exemple 40 ou 4e1."
            ),
            (Self::Ambiguous, _) => ambiguous(typed, lang),
            (Self::NotWhole, Lang::En) => {
                format!("\"{typed}\" is not a whole number. Write digits only, for example 40.")
            }
            (Self::NotWhole, Lang::Fr) => format!(
                "«\u{A0}{typed}\u{A0}» n’est pas un nombre entier. Écrivez seulement des chiffres, par exemple 40."
            ),
            (Self::OutOfRange, Lang::En) => {
                format!("\"{typed}\" is too large to calculate with. Write a number below 1.7e308.")
            }
            (Self::OutOfRange, Lang::Fr) => format!(
                "«\u{A0}{typed}\u{A0}» est trop grand pour un calcul. Écrivez un nombre inférieur à 1,7e308."
            ),
        }
    }
}

fn ambiguous(typed: &str, lang: Lang) -> String {
    let (whole, decimal) = (typed.replace(',', ""), typed.replacen(',', ".", 1));
    match lang {
        Lang::En => format!("\"{typed}\" can be read in two ways. Write {whole} or {decimal}."),
        Lang::Fr => format!(
            "«\u{A0}{typed}\u{A0}» peut se lire de deux façons. Écrivez {whole} ou {decimal}."
        ),
    }
}

/// Reads a number of either language. The language only decides what is ambiguous: `1,234` is a
/// decimal number in French, and refused in English.
pub fn parse_number(typed: &str, lang: Lang) -> Result<Typed, NumberFault> {
    let plain = plain(typed.trim());
    if plain.is_empty() {
        return Err(NumberFault::Empty);
    }
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (plain.as_str(), None),
    };
    let (negative, unsigned) = sign(mantissa.trim_end());
    if lang == Lang::En && looks_grouped_by_commas(unsigned) {
        return Err(NumberFault::Ambiguous);
    }
    let mut text = if negative {
        "-".to_owned()
    } else {
        String::new()
    };
    text += &digits(unsigned).ok_or(NumberFault::NotANumber)?;
    if let Some(exponent) = exponent {
        let (negative, unsigned) = sign(exponent.trim());
        if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NumberFault::NotANumber);
        }
        text += if negative { "e-" } else { "e" };
        text += unsigned;
    }
    let value: f64 = text.parse().map_err(|_| NumberFault::NotANumber)?;
    if !value.is_finite() {
        return Err(NumberFault::OutOfRange);
    }
    Ok(Typed { value, text })
}

/// Reads an integer: `40`, `20 000`, `4e1`, `40.0`. The text is plain digits with an optional minus.
pub fn parse_integer(typed: &str, lang: Lang) -> Result<Typed, NumberFault> {
    let number = parse_number(typed, lang)?;
    if !number.text.contains(['.', 'e']) {
        return Ok(number);
    }
    // Beyond 2^53 a double no longer says which integer was meant.
    if number.value.fract() != 0.0 || number.value.abs() > 9_007_199_254_740_992.0 {
        return Err(NumberFault::NotWhole);
    }
    Ok(Typed {
        text: exact(number.value),
        value: number.value,
    })
}

/// How a number stands in a field before anybody types: `12.0`, `0.12`, `210000`.
///
/// A whole double keeps its `.0`, which shows that fractions are welcome, until it is long enough
/// to be grouped.
#[must_use]
pub fn input_text(value: f64) -> String {
    let text = exact(value);
    if value.fract() == 0.0 && value.abs() < 1e4 && !text.contains('e') {
        return text + ".0";
    }
    text
}

/// ASCII signs, and a power of ten as an exponent.
fn plain(typed: &str) -> String {
    let mut text = String::with_capacity(typed.len());
    let mut raised = false;
    for c in typed.chars() {
        let superscript = superscript(c);
        if superscript.is_some() && !raised {
            text.push('^');
        }
        raised = superscript.is_some();
        text.push(superscript.unwrap_or(match c {
            MINUS | '–' => '-',
            '\u{A0}' | GROUP | '\u{2009}' => ' ',
            '·' | '*' | 'x' => '×',
            other => other,
        }));
    }
    let exponent = text.split_once('×').and_then(|(mantissa, power)| {
        let exponent = power.trim_start().strip_prefix("10")?;
        let exponent = exponent.strip_prefix('^').or(exponent.strip_prefix("××"))?;
        Some(format!("{}e{exponent}", mantissa.trim_end()))
    });
    exponent.unwrap_or(text)
}

fn superscript(c: char) -> Option<char> {
    match c {
        '⁻' => Some('-'),
        '⁰' => Some('0'),
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        '⁴'..='⁹' => char::from_digit(c as u32 - '⁴' as u32 + 4, 10),
        _ => None,
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim_start()),
    }
}

fn looks_grouped_by_commas(unsigned: &str) -> bool {
    let mut groups = unsigned.split(',');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    rest.peek().is_some()
        && (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && first.bytes().all(|b| b.is_ascii_digit())
        && rest.all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit()))
}

/// `0210 000,5` → `210000.5`; `None` when it is not digits, correctly grouped, with one decimal sign.
fn digits(unsigned: &str) -> Option<String> {
    let (integer, fraction) = match unsigned.split_once(['.', ',']) {
        Some((integer, fraction)) => (integer, Some(fraction)),
        None => (unsigned, None),
    };
    let fraction = fraction.unwrap_or_default();
    if integer.is_empty() && fraction.is_empty() {
        return None;
    }
    let integer = ungrouped(integer)?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let integer = integer.trim_start_matches('0');
    let integer = if integer.is_empty() { "0" } else { integer };
    Some(match fraction {
        "" if unsigned.ends_with(['.', ',']) => format!("{integer}.0"),
        "" => integer.to_owned(),
        fraction => format!("{integer}.{fraction}"),
    })
}

/// Groups are one to three digits, then three each.
fn ungrouped(integer: &str) -> Option<String> {
    let groups: Vec<&str> = integer.split([' ', '_', '\'', '’']).collect();
    let all_digits = groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_digit()));
    let well_grouped = groups.len() == 1
        || ((1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|g| g.len() == 3));
    (all_digits && well_grouped).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_are_read() {
        for (typed, text) in [
            ("0.12", "0.12"),
            ("0,12", "0.12"),
            ("4e1", "4e1"),
            ("4E+1", "4e1"),
            ("1,5e-3", "1.5e-3"),
            ("210 000", "210000"),
            ("210\u{202F}000", "210000"),
            ("1_000_000.5", "1000000.5"),
            (" \u{2212}5 ", "-5"),
            ("+3", "3"),
            (".5", "0.5"),
            ("007", "7"),
            ("5.", "5.0"),
            ("12.35\u{A0}×\u{A0}10⁶", "12.35e6"),
            ("\u{2212}47,10 × 10⁻⁶", "-47.10e-6"),
            ("2*10^3", "2e3"),
            ("0,125", "0.125"),
        ] {
            for lang in Lang::ALL {
                let read = parse_number(typed, lang).map(|n| n.text);
                assert_eq!(read.as_deref(), Ok(text), "{typed}");
            }
        }
    }

    #[test]
    fn what_is_no_number_is_refused_in_words() {
        for typed in [
            "4o", "4 0", "1.2.3", "1,2,3", "e5", "1e", "--1", "nan", "inf", "0x10", "1 mm", ".",
            "2*103", "5²",
        ] {
            assert_eq!(
                parse_number(typed, Lang::En),
                Err(NumberFault::NotANumber),
                "{typed}"
            );
        }
        assert_eq!(parse_number("  ", Lang::En), Err(NumberFault::Empty));
        assert_eq!(
            parse_number("1e999", Lang::Fr),
            Err(NumberFault::OutOfRange)
        );
        assert_eq!(
            NumberFault::NotANumber.message("4o", Lang::En),
            "\"4o\" is not a number. Write digits, for example 40 or 4e1."
        );
        assert_eq!(
            NumberFault::NotANumber.message("4o", Lang::Fr),
            "«\u{A0}4o\u{A0}» n’est pas un nombre. Écrivez des chiffres, par exemple 40 ou 4e1."
        );
    }

    #[test]
    fn a_comma_before_three_digits_is_ambiguous_in_english_only() {
        assert_eq!(parse_number("1,234", Lang::En), Err(NumberFault::Ambiguous));
        assert_eq!(parse_number("1,234", Lang::Fr).map(|n| n.value), Ok(1.234));
        assert_eq!(
            NumberFault::Ambiguous.message("1,234", Lang::En),
            "\"1,234\" can be read in two ways. Write 1234 or 1.234."
        );
    }

    #[test]
    fn integers_are_whole() {
        assert_eq!(
            parse_integer("20 000", Lang::En).map(|n| n.text).as_deref(),
            Ok("20000")
        );
        assert_eq!(
            parse_integer("4e1", Lang::En).map(|n| n.text).as_deref(),
            Ok("40")
        );
        assert_eq!(parse_integer("4,5", Lang::Fr), Err(NumberFault::NotWhole));
        let exact = "123456789012345678901234567890";
        assert_eq!(
            parse_integer(exact, Lang::En).map(|n| n.text).as_deref(),
            Ok(exact)
        );
    }

    #[test]
    fn defaults_stand_in_fields_as_their_author_wrote_them() {
        for (value, text) in [
            (12.0, "12.0"),
            (0.12, "0.12"),
            (210_000.0, "210000"),
            (1e-9, "1e-9"),
            (0.0, "0.0"),
        ] {
            assert_eq!(input_text(value), text);
        }
    }
}
