//! Numbers as engineers write them: results with four significant digits, inputs as they were
//! typed, exact forms for copies and files, and the reading of what people type, in both languages.
//!
//! Shown numbers group from five integer digits with a narrow no-break space, use the minus sign
//! U+2212, and a decimal comma in French. Exact forms use a point, an ASCII minus and no grouping.

mod decimal;
mod duration;
mod format;
mod typed;

pub use duration::duration;
pub use format::{
    Formatted, exact, format, format_complex, format_integer, format_value, shown_input, yes_no,
};
pub use typed::{NumberFault, Typed, input_text, parse_integer, parse_number};

/// Significant digits of a shown result.
pub const SIGNIFICANT_DIGITS: usize = 4;
/// Integers up to this many digits are shown in full.
pub const MAX_INTEGER_DIGITS: usize = 15;
/// Integer parts are grouped from this many digits.
pub const GROUP_FROM_DIGITS: usize = 5;
/// Narrow no-break space, between groups of digits and before `%`.
pub const GROUP: char = '\u{202F}';
/// The minus sign of shown numbers.
pub const MINUS: char = '\u{2212}';
