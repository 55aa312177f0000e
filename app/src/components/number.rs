//! A formatted number in two parts that meet at the decimal point, so that a column of them aligns.

use crate::i18n::{Locale, use_locale};
use domain::{
    Lang,
    number::{Formatted, format_value},
    run::Headline,
    value::Value,
};
use leptos::prelude::*;

impl From<Locale> for Lang {
    fn from(locale: Locale) -> Self {
        match locale {
            Locale::en => Self::En,
            Locale::fr => Self::Fr,
        }
    }
}

/// Integer part to the right, fraction to the left; words stand where the integer part stands.
#[component]
#[must_use]
pub fn AlignedNumber(number: Formatted) -> impl IntoView {
    let exponent = number.exponent_text();
    view! {
        <span class="num" class:num-word=number.is_word>
            <span class="num-int">{number.integer_part}</span>
            <span class="num-frac">
                {number.fraction_part}
                {exponent.map(|exponent| view! { "\u{a0}×\u{a0}10"<sup>{exponent}</sup> })}
            </span>
        </span>
    }
}

/// Name, value and unit of a result's headline, in the cells of a row.
#[component]
#[must_use]
pub fn HeadlineCells(headline: Headline) -> impl IntoView {
    let lang = use_locale().into();
    let number = Value::parse(&headline.value)
        .ok()
        .and_then(|value| format_value(&value, lang));
    view! {
        <span class="headline-name" title=headline.label.clone()>{headline.label.clone()}</span>
        {number.map(|number| view! { <AlignedNumber number /> })}
        <span class="unit">{headline.unit}</span>
    }
    .into_any()
}

/// Name, value and unit of a headline in one line: `Safety, fatigue 2.136`.
#[must_use]
pub fn headline_text(headline: &Headline, lang: Lang) -> String {
    let number = Value::parse(&headline.value)
        .ok()
        .and_then(|value| format_value(&value, lang))
        .map(|number| number.to_string())
        .unwrap_or_default();
    let unit = headline.unit.as_deref().unwrap_or_default();
    format!("{} {number} {unit}", headline.label)
        .trim_end()
        .to_owned()
}
