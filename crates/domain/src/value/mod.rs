//! The result encoding: JSON for what JSON can say, objects with `"$type"` for the rest.
//!
//! Inputs and results travel and rest as JSON text; this is what that text means. Integers keep
//! every digit. A `$type` object whose parts do not fit is read as the plain object it also is, so
//! that a stored result can always be shown.

mod array;
mod collect;
mod columns;
mod read;
mod typed;
mod write;

pub use array::{Array, ElementType};
pub(crate) use collect::walk;
pub use collect::{charts, figures, files};
pub use columns::{Column, MAX_COLUMNS, columns};
pub(crate) use read::number;
pub use read::{ReadError, ReadFault};
pub use write::Arrays;

use crate::{chart::Chart, limits::MAX_FILE_NAME_BYTES};
use std::fmt;

/// Entries in the author's order, keys unescaped.
pub type Entries = Vec<(String, Value)>;

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Integer(Integer),
    /// Finite.
    Float(f64),
    NonFinite(NonFinite),
    Text(String),
    List(Vec<Value>),
    Object(Entries),
    Complex {
        re: f64,
        im: f64,
    },
    /// RFC 3339, an ISO date, or a date and time without zone.
    DateTime(String),
    TimeDelta {
        seconds: f64,
    },
    Table(Box<Table>),
    Quantity(Box<Quantity>),
    Chart(Box<Chart>),
    Figure(Box<Figure>),
    File(Box<File>),
    Array(Box<Array>),
}

/// An integer of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integer {
    Small(i64),
    /// Decimal digits with an optional minus, beyond 64 bits.
    Big(Box<str>),
}

impl Integer {
    /// The nearest double; infinite beyond its range.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        match self {
            Self::Small(number) => *number as f64,
            Self::Big(digits) => digits.parse().unwrap_or(f64::NAN),
        }
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(number) => number.fmt(f),
            Self::Big(digits) => f.write_str(digits),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonFinite {
    NaN,
    Infinity,
    NegativeInfinity,
}

impl NonFinite {
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        match self {
            Self::NaN => f64::NAN,
            Self::Infinity => f64::INFINITY,
            Self::NegativeInfinity => f64::NEG_INFINITY,
        }
    }

    /// The name of the encoding, which is also JavaScript's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NaN => "NaN",
            Self::Infinity => "Infinity",
            Self::NegativeInfinity => "-Infinity",
        }
    }
}

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<TableColumn>,
}

impl Table {
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableColumn {
    pub name: String,
    /// As pandas names it: `float64`, `str`, `datetime64[us]`.
    pub dtype: String,
    pub unit: Option<String>,
    pub values: Vec<Value>,
}

/// A value with its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    pub value: Value,
    /// Empty for a pure number.
    pub unit: String,
    /// The author names it the headline of the result.
    pub headline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureFormat {
    Svg,
    Png,
}

impl FigureFormat {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

/// A picture the author drew: stored in a figure slot, or inline.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub format: FigureFormat,
    /// The slot that holds the bytes.
    pub index: Option<u32>,
    /// CSS pixels.
    pub width: f64,
    /// CSS pixels.
    pub height: f64,
    pub title: Option<String>,
    /// Base64 of the bytes, where there was no slot.
    pub data: Option<String>,
}

/// An input file: the run that gets it finds its bytes under a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The last part of that path.
    pub name: String,
    pub bytes: u64,
    /// Of its bytes, lower-case hexadecimal; what the file is known by.
    pub sha256: String,
}

impl File {
    /// A name of one plain path component, of bounded length, on one line.
    #[must_use]
    pub fn may_be_called(name: &str) -> bool {
        let special = |c: char| c.is_control() || matches!(c, '/' | '\\');
        !matches!(name, "" | "." | "..")
            && name.len() <= MAX_FILE_NAME_BYTES
            && !name.contains(special)
    }
}

impl Value {
    /// Reads the encoding.
    ///
    /// # Errors
    /// When the text is not JSON or nested too deep.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        read::parse(text)
    }

    /// The value of a key of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// A real number, with or without a unit.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(integer) => Some(integer.as_f64()),
            Self::Float(number) => Some(*number),
            Self::NonFinite(number) => Some(number.as_f64()),
            Self::Quantity(quantity) => quantity.value.as_f64(),
            _ => None,
        }
    }

    /// The value itself where it has a unit around it, and the unit unless empty.
    #[must_use]
    pub fn without_unit(&self) -> (&Self, Option<&str>) {
        match self {
            Self::Quantity(quantity) => {
                let unit = Some(quantity.unit.as_str()).filter(|unit| !unit.is_empty());
                (&quantity.value, unit)
            }
            value => (value, None),
        }
    }

    /// One value that stands in one cell, as opposed to a list, an object, a table or a picture.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        match self {
            Self::Quantity(quantity) => quantity.value.is_scalar(),
            Self::List(_)
            | Self::Object(_)
            | Self::Table(_)
            | Self::Chart(_)
            | Self::Figure(_)
            | Self::Array(_) => false,
            _ => true,
        }
    }

    /// A scalar as copies and files give it: shortest exact digits, point, ASCII minus.
    #[must_use]
    pub fn exact_text(&self) -> Option<String> {
        use crate::number::exact;
        Some(match self {
            Self::Null => String::new(),
            Self::Bool(truth) => truth.to_string(),
            Self::Integer(integer) => integer.to_string(),
            Self::Float(number) => exact(*number),
            Self::NonFinite(number) => number.name().to_owned(),
            Self::Text(text) | Self::DateTime(text) => text.clone(),
            Self::TimeDelta { seconds } => exact(*seconds),
            Self::Complex { re, im } => {
                let plus = if im.is_sign_negative() && !im.is_nan() {
                    ""
                } else {
                    "+"
                };
                format!("{}{plus}{}j", exact(*re), exact(*im))
            }
            Self::Quantity(quantity) => quantity.value.exact_text()?,
            Self::File(file) => file.name.clone(),
            _ => return None,
        })
    }

    /// A double, finite or not.
    #[must_use]
    pub fn from_f64(number: f64) -> Self {
        if number.is_finite() {
            Self::Float(number)
        } else if number.is_nan() {
            Self::NonFinite(NonFinite::NaN)
        } else if number > 0.0 {
            Self::NonFinite(NonFinite::Infinity)
        } else {
            Self::NonFinite(NonFinite::NegativeInfinity)
        }
    }
}

impl From<&serde_json::Value> for Value {
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(truth) => Self::Bool(*truth),
            serde_json::Value::Number(number) => read::number(&number.to_string()),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(entries) => typed::object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
