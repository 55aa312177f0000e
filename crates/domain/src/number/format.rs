//! Results as they are shown, in parts, so that a page can align them on the decimal point.

use super::{
    GROUP, GROUP_FROM_DIGITS, MAX_INTEGER_DIGITS, MINUS, SIGNIFICANT_DIGITS, decimal::Decimal,
};
use crate::{Lang, value::Value};
use std::fmt;

/// Fixed notation up to here: |x| < 10⁵.
const FIXED_BELOW_POINT: i32 = 5;
/// Fixed notation from here: |x| ≥ 10⁻³.
const FIXED_FROM_POINT: i32 = -2;

/// A shown number. Its `Display` is the whole in one line, the exponent in superscript digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formatted {
    /// With its minus sign and grouping; or the word when `is_word`.
    pub integer_part: String,
    /// With its decimal point or comma; empty for integers.
    pub fraction_part: String,
    /// The power of ten, a multiple of 3, to be shown as `× 10` and a raised number.
    pub exponent: Option<i32>,
    /// Not digits: yes, no, not a number, ∞, a complex number, a text.
    pub is_word: bool,
}

impl Formatted {
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self {
            integer_part: text.into(),
            is_word: true,
            ..Self::default()
        }
    }

    /// The exponent as it stands raised after `× 10`, with the minus sign of shown numbers.
    #[must_use]
    pub fn exponent_text(&self) -> Option<String> {
        self.exponent.map(|exponent| {
            let minus = if exponent < 0 {
                MINUS.to_string()
            } else {
                String::new()
            };
            minus + &exponent.unsigned_abs().to_string()
        })
    }
}

impl fmt::Display for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.integer_part, self.fraction_part)?;
        match self.exponent {
            Some(exponent) => write!(f, "\u{A0}×\u{A0}10{}", superscript(exponent)),
            None => Ok(()),
        }
    }
}

fn superscript(exponent: i32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised: String = exponent
        .unsigned_abs()
        .to_string()
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| digits[digit as usize])
        .collect();
    if exponent < 0 {
        format!("⁻{raised}")
    } else {
        raised
    }
}

/// A floating-point result: four significant digits, fixed from 10⁻³ to 10⁵, else a power of ten
/// whose exponent is a multiple of 3.
#[must_use]
pub fn format(value: f64, lang: Lang) -> Formatted {
    if value.is_nan() {
        return Formatted::word(lang.pick("not a number", "non défini"));
    }
    if value.is_infinite() {
        let minus = if value < 0.0 {
            MINUS.to_string()
        } else {
            String::new()
        };
        return Formatted::word(minus + "∞");
    }
    significant(Decimal::from_f64(value), lang)
}

/// An integer given as ASCII digits with an optional minus: in full up to 15 digits.
#[must_use]
pub fn format_integer(text: &str, lang: Lang) -> Formatted {
    let decimal = Decimal::from_integer(text);
    if decimal.point > i32::try_from(MAX_INTEGER_DIGITS).unwrap_or(i32::MAX) {
        return significant(decimal, lang);
    }
    let (digits, _) = decimal.split(0);
    Formatted {
        integer_part: signed(decimal.negative, &group(&digits)),
        ..Formatted::default()
    }
}

fn significant(decimal: Decimal, lang: Lang) -> Formatted {
    if decimal.digits.is_empty() {
        return Formatted {
            integer_part: "0".to_owned(),
            ..Formatted::default()
        };
    }
    let rounded = decimal.clone().round_to(SIGNIFICANT_DIGITS);
    if (FIXED_FROM_POINT..=FIXED_BELOW_POINT).contains(&rounded.point) {
        // Digits before the point are never zeroed: they are all significant.
        let digits = usize::try_from(decimal.point)
            .unwrap_or(0)
            .max(SIGNIFICANT_DIGITS);
        let whole = decimal.round_to(digits);
        if whole.point <= FIXED_BELOW_POINT {
            return parts(&whole, 0, lang);
        }
        return parts(&rounded, 3 * (rounded.point - 1).div_euclid(3), lang);
    }
    parts(&rounded, 3 * (rounded.point - 1).div_euclid(3), lang)
}

fn parts(decimal: &Decimal, exponent: i32, lang: Lang) -> Formatted {
    let (integer, fraction) = decimal.split(exponent);
    let fraction_part = if fraction.is_empty() {
        String::new()
    } else {
        format!("{}{fraction}", lang.pick('.', ','))
    };
    Formatted {
        integer_part: signed(decimal.negative, &group(&integer)),
        fraction_part,
        exponent: (exponent != 0).then_some(exponent),
        is_word: false,
    }
}

fn signed(negative: bool, digits: &str) -> String {
    if negative {
        format!("{MINUS}{digits}")
    } else {
        digits.to_owned()
    }
}

fn group(digits: &str) -> String {
    if digits.len() < GROUP_FROM_DIGITS {
        return digits.to_owned();
    }
    let mut grouped = String::with_capacity(digits.len() + digits.len());
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(GROUP);
        }
        grouped.push(digit);
    }
    grouped
}

/// The shortest form that reads back as the same double: point, ASCII minus, no grouping.
#[must_use]
pub fn exact(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return match value {
            v if v.is_nan() => "NaN",
            v if v > 0.0 => "Infinity",
            _ => "-Infinity",
        }
        .to_owned();
    }
    if (1e-5..1e16).contains(&value.abs()) {
        return value.to_string();
    }
    format!("{value:e}")
}

#[must_use]
pub fn yes_no(value: bool, lang: Lang) -> &'static str {
    match (value, lang) {
        (true, Lang::En) => "yes",
        (false, Lang::En) => "no",
        (true, Lang::Fr) => "oui",
        (false, Lang::Fr) => "non",
    }
}

/// A complex result in one line: `1.200 + 3.400 i`.
#[must_use]
pub fn format_complex(re: f64, im: f64, lang: Lang) -> Formatted {
    let sign = if im < 0.0 { MINUS } else { '+' };
    let (re, im) = (format(re, lang), format(im.abs(), lang));
    Formatted::word(format!("{re} {sign} {im}\u{A0}i"))
}

/// Any scalar of a result, shown; `None` for lists, objects, tables, charts and figures.
#[must_use]
pub fn format_value(value: &Value, lang: Lang) -> Option<Formatted> {
    Some(match value {
        Value::Integer(integer) => format_integer(&integer.to_string(), lang),
        Value::Float(number) => format(*number, lang),
        Value::NonFinite(number) => format(number.as_f64(), lang),
        Value::Bool(truth) => Formatted::word(yes_no(*truth, lang)),
        Value::Null => Formatted::word("–"),
        Value::Text(text) | Value::DateTime(text) => Formatted::word(text.as_str()),
        Value::Complex { re, im } => format_complex(*re, *im, lang),
        Value::TimeDelta { seconds } => {
            let shown = super::duration(seconds.abs() * 1000.0, lang);
            Formatted::word(signed(*seconds < 0.0, &shown))
        }
        Value::Quantity(quantity) => format_value(&quantity.value, lang)?,
        _ => return None,
    })
}

/// An input's exact text as a page shows it: `210000` grouped, `-0.1` with the minus sign, the
/// decimal sign of the language. What is not a number stays as it is.
#[must_use]
pub fn shown_input(text: &str, lang: Lang) -> String {
    let Ok(number) = super::parse_number(text, lang) else {
        return text.to_owned();
    };
    let (mantissa, exponent) = match number.text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, format!("e{}", exponent.replace('-', "\u{2212}"))),
        None => (number.text.as_str(), String::new()),
    };
    let (integer, fraction) = match mantissa.split_once('.') {
        Some((integer, fraction)) => (integer, format!("{}{fraction}", lang.pick('.', ','))),
        None => (mantissa, String::new()),
    };
    let digits = group(integer.trim_start_matches('-'));
    signed(integer.starts_with('-'), &digits) + &fraction + &exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn en(value: f64) -> String {
        format(value, Lang::En).to_string()
    }

    #[test]
    fn results_have_four_significant_digits() {
        for (value, text) in [
            (38.2147304, "38.21"),
            (0.02140911, "0.02141"),
            (21340.2, "21\u{202F}340"),
            (38214.7, "38\u{202F}215"),
            (8234.71, "8235"),
            (1.42, "1.420"),
            (100.0, "100.0"),
            (0.001, "0.001000"),
            (0.000_999_96, "0.001000"),
            (9.999_96, "10.00"),
            (9999.96, "10\u{202F}000"),
            (-0.1, "\u{2212}0.1000"),
            (0.0, "0"),
            (-0.0, "0"),
        ] {
            assert_eq!(en(value), text, "{value}");
        }
    }

    #[test]
    fn outside_the_fixed_range_exponents_are_multiples_of_three() {
        let nbsp = '\u{A0}';
        for (value, text) in [
            (12_345_678.9, format!("12.35{nbsp}×{nbsp}10⁶")),
            (-0.000_047_1, format!("\u{2212}47.10{nbsp}×{nbsp}10⁻⁶")),
            (210_000.0, format!("210.0{nbsp}×{nbsp}10³")),
            (99_999.7, format!("100.0{nbsp}×{nbsp}10³")),
            (0.000_999_4, format!("999.4{nbsp}×{nbsp}10⁻⁶")),
            (999.996e6, format!("1.000{nbsp}×{nbsp}10⁹")),
            (5e-324, format!("5.000{nbsp}×{nbsp}10⁻³²⁴")),
        ] {
            assert_eq!(en(value), text, "{value}");
        }
    }

    #[test]
    fn parts_align_on_the_decimal_point() {
        let shown = format(-47.1e-6, Lang::Fr);
        assert_eq!(shown.integer_part, "\u{2212}47");
        assert_eq!(shown.fraction_part, ",10");
        assert_eq!(shown.exponent, Some(-6));
        assert_eq!(shown.exponent_text().as_deref(), Some("\u{2212}6"));
    }

    #[test]
    fn integers_stand_in_full_up_to_fifteen_digits() {
        let show = |text| format_integer(text, Lang::En).to_string();
        assert_eq!(show("20000"), "20\u{202F}000");
        assert_eq!(show("-1234"), "\u{2212}1234");
        assert_eq!(show("0"), "0");
        assert_eq!(show("-0"), "0");
        assert_eq!(show("100"), "100");
        assert_eq!(
            show("123456789012345"),
            "123\u{202F}456\u{202F}789\u{202F}012\u{202F}345"
        );
        assert_eq!(show("1234567890123456"), "1.235\u{A0}×\u{A0}10¹⁵");
        let huge = "9".repeat(400);
        assert_eq!(show(&huge), "10.00\u{A0}×\u{A0}10³⁹⁹");
    }

    #[test]
    fn words_stand_for_what_is_no_number() {
        assert_eq!(en(f64::NAN), "not a number");
        assert_eq!(format(f64::NAN, Lang::Fr).to_string(), "non défini");
        assert_eq!(en(f64::NEG_INFINITY), "\u{2212}∞");
        assert_eq!(yes_no(true, Lang::Fr), "oui");
        assert_eq!(
            format_complex(1.2, -3.4, Lang::Fr).to_string(),
            "1,200 \u{2212} 3,400\u{A0}i"
        );
    }

    #[test]
    fn exact_forms_read_back() {
        for value in [
            52.028_829_801_772_23,
            1e-7,
            1e22,
            -0.1,
            123_456_789.125,
            f64::MIN_POSITIVE,
        ] {
            assert_eq!(exact(value).parse::<f64>().ok(), Some(value));
        }
        assert_eq!(exact(-0.0), "0");
        assert_eq!(exact(100.0), "100");
        assert_eq!(exact(1e22), "1e22");
    }

    #[test]
    fn inputs_keep_their_digits() {
        assert_eq!(shown_input("210000", Lang::En), "210\u{202F}000");
        assert_eq!(shown_input("18.0", Lang::Fr), "18,0");
        assert_eq!(shown_input("-0.1", Lang::En), "\u{2212}0.1");
        assert_eq!(shown_input("1e-3", Lang::En), "1e\u{2212}3");
        assert_eq!(shown_input("10.9-A2", Lang::Fr), "10.9-A2");
    }
}
