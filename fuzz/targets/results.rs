//! The encoded result of a run, and everything that is made of it.
#![no_main]

use domain::{
    Lang, csv,
    number::format_value,
    preview, tabular,
    value::{Arrays, Value, charts, columns, figures, files},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(value) = Value::parse(text) else {
        return;
    };
    for arrays in [Arrays::Nested, Arrays::Packed] {
        let written = value.to_json(arrays);
        let again = Value::parse(&written).expect("own results can be read");
        assert_eq!(again.to_json(arrays), written);
    }
    only_texts_begin_like_formulas(&csv::of_result(&value));
    if let Some(columns) = tabular::of_result(&value) {
        assert!(!columns.is_empty());
    }
    let _ = (columns(&value), charts(&value), figures(&value), files(&value));
    let _ = (preview::headline(&value), preview::miniature(&value));
    for lang in [Lang::En, Lang::Fr] {
        let _ = format_value(&value, lang);
    }
});

/// No cell of a CSV begins with what makes a spreadsheet compute; a minus may begin a number.
fn only_texts_begin_like_formulas(csv: &str) {
    let mut quoted = false;
    let mut begins = true;
    for c in csv.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | '\n' | '\r' if !quoted => begins = true,
            c => {
                assert!(!begins || !matches!(c, '=' | '+' | '@' | '\t'), "{csv:?}");
                begins = false;
            }
        }
    }
}
