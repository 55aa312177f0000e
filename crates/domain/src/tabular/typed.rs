//! One type for all values of a column. `None` is an absent value; NaN is a number.

use crate::{
    number::exact,
    value::{Arrays, Integer, Value},
};
use std::borrow::Cow;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};

/// Integers beyond this are not exact as doubles.
const MAX_EXACT: u64 = 1 << 53;
const NANOS_PER_S: f64 = 1e9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    Micro,
    Nano,
}

/// Values of one type.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    Bool(Vec<Option<bool>>),
    Signed(Vec<Option<i64>>),
    /// Where some are beyond the signed range.
    Unsigned(Vec<Option<u64>>),
    Float(Vec<Option<f64>>),
    /// Real and imaginary parts.
    Complex(Vec<Option<(f64, f64)>>),
    /// Also columns of several types, and integers beyond 64 bits.
    Text(Vec<Option<String>>),
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    /// Since 1970-01-01T00:00:00, UTC where the values have a zone.
    DateTime {
        unit: TimeUnit,
        has_zone: bool,
        values: Vec<Option<i64>>,
    },
    /// Nanoseconds.
    Duration(Vec<Option<i64>>),
}

impl Typed {
    /// The narrowest type that holds every value exactly; `dtype` decides where there is none.
    pub(super) fn of(cells: &[Cow<Value>], dtype: &str) -> Self {
        let values: Vec<&Value> = cells.iter().map(|cell| cell.without_unit().0).collect();
        match values.iter().find(|value| ***value != Value::Null) {
            None => Self::empty(dtype, values.len()),
            Some(Value::Bool(_)) => bools(&values),
            Some(Value::Integer(_) | Value::Float(_) | Value::NonFinite(_)) => numbers(&values),
            Some(Value::Complex { .. }) => complex(&values),
            Some(Value::DateTime(_)) => date_times(&values),
            Some(Value::TimeDelta { .. }) => durations(&values),
            Some(_) => None,
        }
        .unwrap_or_else(|| texts(&values))
    }

    /// Values of several units, each with its own.
    pub(super) fn with_units(cells: &[Cow<Value>]) -> Self {
        let text = |cell: &Cow<Value>| {
            let (value, unit) = cell.without_unit();
            let text = text(value)?;
            Some(unit.map_or(text.clone(), |unit| format!("{text} {unit}")))
        };
        Self::Text(cells.iter().map(text).collect())
    }

    /// A column without any value, by pandas' name of its type.
    fn empty(dtype: &str, rows: usize) -> Option<Self> {
        let dtype = dtype.to_ascii_lowercase();
        Some(match dtype.as_str() {
            "bool" | "boolean" => Self::Bool(vec![None; rows]),
            "str" | "string" | "object" | "category" => Self::Text(vec![None; rows]),
            name if name.starts_with("int") => Self::Signed(vec![None; rows]),
            name if name.starts_with("uint") => Self::Unsigned(vec![None; rows]),
            name if name.starts_with("complex") => Self::Complex(vec![None; rows]),
            name if name.starts_with("timedelta") => Self::Duration(vec![None; rows]),
            name if name.starts_with("datetime") => Self::DateTime {
                unit: TimeUnit::Micro,
                has_zone: name.contains(','),
                values: vec![None; rows],
            },
            _ => Self::Float(vec![None; rows]),
        })
    }
}

/// Reads every value that is there, or none when one cannot be read.
fn all<T>(values: &[&Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<Option<T>>> {
    values
        .iter()
        .map(|value| match value {
            Value::Null => Some(None),
            value => read(value).map(Some),
        })
        .collect()
}

fn bools(values: &[&Value]) -> Option<Typed> {
    let read = |value: &Value| match value {
        Value::Bool(truth) => Some(*truth),
        _ => None,
    };
    all(values, read).map(Typed::Bool)
}

fn numbers(values: &[&Value]) -> Option<Typed> {
    let signed = |value: &Value| match value {
        Value::Integer(Integer::Small(number)) => Some(*number),
        _ => None,
    };
    let unsigned = |value: &Value| match value {
        Value::Integer(Integer::Small(number)) => u64::try_from(*number).ok(),
        Value::Integer(Integer::Big(digits)) => digits.parse().ok(),
        _ => None,
    };
    let float = |value: &Value| match value {
        Value::Float(number) => Some(*number),
        Value::NonFinite(number) => Some(number.as_f64()),
        Value::Integer(Integer::Small(number)) if number.unsigned_abs() <= MAX_EXACT => {
            Some(*number as f64)
        }
        _ => None,
    };
    all(values, signed)
        .map(Typed::Signed)
        .or_else(|| all(values, unsigned).map(Typed::Unsigned))
        .or_else(|| all(values, float).map(Typed::Float))
}

fn complex(values: &[&Value]) -> Option<Typed> {
    let read = |value: &Value| match value {
        Value::Complex { re, im } => Some((*re, *im)),
        value => value.as_f64().map(|re| (re, 0.0)),
    };
    all(values, read).map(Typed::Complex)
}

fn durations(values: &[&Value]) -> Option<Typed> {
    let read = |value: &Value| match value {
        Value::TimeDelta { seconds } => nanos(*seconds),
        _ => None,
    };
    all(values, read).map(Typed::Duration)
}

fn nanos(seconds: f64) -> Option<i64> {
    let nanos = (seconds * NANOS_PER_S).round();
    (nanos.abs() < i64::MAX as f64).then_some(nanos as i64)
}

/// A point in time as the encoding writes it.
enum Point {
    Date(Date),
    Local(OffsetDateTime),
    Zoned(OffsetDateTime),
}

fn point(text: &str) -> Option<Point> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let text = text.replacen(' ', "T", 1);
    if !text.contains('T') {
        return parse(&format!("{text}T00:00:00Z")).map(|day| Point::Date(day.date()));
    }
    parse(&text)
        .map(Point::Zoned)
        .or_else(|| parse(&format!("{text}Z")).map(Point::Local))
}

fn date_times(values: &[&Value]) -> Option<Typed> {
    let points = all(values, |value| match value {
        Value::DateTime(text) => point(text),
        _ => None,
    })?;
    let every = |is: fn(&Point) -> bool| points.iter().flatten().all(is);
    if every(|point| matches!(point, Point::Date(_))) {
        const EPOCH: i32 = OffsetDateTime::UNIX_EPOCH.date().to_julian_day();
        let day = |point: &Point| match point {
            Point::Date(day) => day.to_julian_day() - EPOCH,
            Point::Local(at) | Point::Zoned(at) => at.date().to_julian_day() - EPOCH,
        };
        return Some(Typed::Date(
            points.iter().map(|one| one.as_ref().map(day)).collect(),
        ));
    }
    let has_zone = every(|point| matches!(point, Point::Zoned(_)));
    if !has_zone && !every(|point| matches!(point, Point::Local(_))) {
        return None;
    }
    let nanos = points.iter().map(|point| match point {
        Some(Point::Local(at) | Point::Zoned(at)) => Some(at.unix_timestamp_nanos()),
        _ => None,
    });
    let nanos: Vec<Option<i128>> = nanos.collect();
    let is_fine = nanos.iter().flatten().any(|nanos| nanos % 1000 != 0);
    let (unit, per) = if is_fine {
        (TimeUnit::Nano, 1)
    } else {
        (TimeUnit::Micro, 1000)
    };
    let count = |nanos: &Option<i128>| match nanos {
        None => Some(None),
        Some(nanos) => i64::try_from(nanos / per).ok().map(Some),
    };
    Some(Typed::DateTime {
        unit,
        has_zone,
        values: nanos.iter().map(count).collect::<Option<_>>()?,
    })
}

fn texts(values: &[&Value]) -> Typed {
    Typed::Text(values.iter().map(|value| text(value)).collect())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::TimeDelta { seconds } => Some(format!("{} s", exact(*seconds))),
        value => Some(
            value
                .exact_text()
                .unwrap_or_else(|| value.to_json(Arrays::Nested)),
        ),
    }
}
