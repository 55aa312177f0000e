//! Objects with `"$type"`: what they mean, or `None` when their parts do not fit.

use super::{
    Array, Entries, Figure, FigureFormat, File, NonFinite, Quantity, Table, TableColumn, Value,
};
use crate::chart::{Chart, Scale, Series, SeriesKind, SeriesValues, XAxis, XValues, YAxis};

const TYPE_KEY: &str = "$type";

/// An object as it was read: decoded when typed, else plain with its escaped keys unescaped.
pub(super) fn object(mut entries: Entries) -> Value {
    let kind = entries.iter().find_map(|(key, value)| match value {
        Value::Text(kind) if key == TYPE_KEY => Some(kind.clone()),
        _ => None,
    });
    if let Some(value) = kind.and_then(|kind| decode(&kind, &mut entries)) {
        return value;
    }
    for (key, _) in &mut entries {
        if is_escaped(key) {
            key.remove(0);
        }
    }
    Value::Object(entries)
}

/// `$$type`, `$$$type`, …
fn is_escaped(key: &str) -> bool {
    key.len() > TYPE_KEY.len() && must_escape(key)
}

/// `$type`, `$$type`, …: a user's key that gets one more `$` when written.
pub(super) fn must_escape(key: &str) -> bool {
    key.strip_suffix("type")
        .is_some_and(|dollars| !dollars.is_empty() && dollars.bytes().all(|b| b == b'$'))
}

/// Takes the parts it needs only when all of them fit.
fn decode(kind: &str, entries: &mut Entries) -> Option<Value> {
    let part = |name: &str| {
        entries
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    match kind {
        "number" => non_finite(part("value")?).map(Value::NonFinite),
        "complex" => Some(Value::Complex {
            re: part("re")?.as_f64()?,
            im: part("im")?.as_f64()?,
        }),
        "datetime" => text(part("value")?).map(Value::DateTime),
        "timedelta" => part("seconds")?
            .as_f64()
            .map(|seconds| Value::TimeDelta { seconds }),
        "quantity" => {
            let unit = text(part("unit")?)?;
            let headline = part("headline") == Some(&Value::Bool(true));
            let place = entries.iter().position(|(key, _)| key == "value")?;
            let value = std::mem::take(&mut entries[place].1);
            Some(Value::Quantity(Box::new(Quantity {
                value,
                unit,
                headline,
            })))
        }
        "table" => {
            let columns = table_columns(part("columns")?)?;
            let place = entries.iter().position(|(key, _)| key == "data")?;
            table(columns, &mut entries[place].1)
        }
        "figure" => figure(part),
        "file" => file(part).map(|file| Value::File(Box::new(file))),
        "chart" => chart(part).map(|chart| Value::Chart(Box::new(chart))),
        "array" => {
            let shape = list(part("shape")?)?
                .iter()
                .map(size)
                .collect::<Option<Vec<_>>>()?;
            let array = Array::decode(shape, &text(part("dtype")?)?, &text(part("data")?)?)?;
            Some(Value::Array(Box::new(array)))
        }
        _ => None,
    }
}

fn non_finite(value: &Value) -> Option<NonFinite> {
    let name = text(value)?;
    [
        NonFinite::NaN,
        NonFinite::Infinity,
        NonFinite::NegativeInfinity,
    ]
    .into_iter()
    .find(|number| number.name() == name)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn list(value: &Value) -> Option<&[Value]> {
    match value {
        Value::List(items) => Some(items),
        _ => None,
    }
}

fn size(value: &Value) -> Option<usize> {
    match value {
        Value::Integer(super::Integer::Small(size)) => usize::try_from(*size).ok(),
        _ => None,
    }
}

fn table_columns(columns: &Value) -> Option<Vec<TableColumn>> {
    let one = |column: &Value| {
        Some(TableColumn {
            name: column.get("name")?.exact_text()?,
            dtype: column.get("dtype").and_then(text).unwrap_or_default(),
            unit: column
                .get("unit")
                .and_then(text)
                .filter(|unit| !unit.is_empty()),
            values: Vec::new(),
        })
    };
    list(columns)?.iter().map(one).collect()
}

fn table(mut columns: Vec<TableColumn>, data: &mut Value) -> Option<Value> {
    let length = |column: &Value| match column {
        Value::List(values) => Some(values.len()),
        Value::Array(array) if array.shape().len() == 1 => Some(array.len()),
        _ => None,
    };
    let Value::List(data) = data else { return None };
    let lengths = data.iter().map(length).collect::<Option<Vec<_>>>()?;
    if lengths.len() != columns.len() || lengths.windows(2).any(|pair| pair[0] != pair[1]) {
        return None;
    }
    for (column, values) in columns.iter_mut().zip(data) {
        column.values = match std::mem::take(values) {
            Value::List(values) => values,
            Value::Array(array) => (0..array.len()).map(|index| array.element(index)).collect(),
            _ => Vec::new(),
        };
    }
    Some(Value::Table(Box::new(Table { columns })))
}

fn figure<'a>(part: impl Fn(&str) -> Option<&'a Value>) -> Option<Value> {
    let format = match text(part("format")?)?.as_str() {
        "svg" => FigureFormat::Svg,
        "png" => FigureFormat::Png,
        _ => return None,
    };
    let pixels = |name| {
        part(name)
            .and_then(Value::as_f64)
            .filter(|p| p.is_finite() && *p > 0.0)
    };
    let figure = Figure {
        format,
        index: part("index")
            .and_then(size)
            .and_then(|index| u32::try_from(index).ok()),
        width: pixels("width")?,
        height: pixels("height")?,
        title: part("title")
            .and_then(text)
            .filter(|title| !title.is_empty()),
        data: part("data").and_then(text),
    };
    (figure.index.is_some() || figure.data.is_some()).then(|| Value::Figure(Box::new(figure)))
}

fn file<'a>(part: impl Fn(&str) -> Option<&'a Value>) -> Option<File> {
    let sha256 = text(part("sha256")?)?;
    let is_digest = sha256.len() == 64
        && sha256
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let name = text(part("name")?).filter(|name| File::may_be_called(name))?;
    is_digest.then_some(File {
        name,
        bytes: size(part("bytes")?)? as u64,
        sha256,
    })
}

fn chart<'a>(part: impl Fn(&str) -> Option<&'a Value>) -> Option<Chart> {
    let x = part("x")?;
    let y = part("y");
    let series = list(part("series")?)?
        .iter()
        .map(series)
        .collect::<Option<Vec<_>>>()?;
    Some(Chart {
        title: part("title").and_then(text).unwrap_or_default(),
        x: XAxis {
            label: label(Some(x)),
            unit: unit(Some(x)),
            scale: scale(Some(x)),
            values: x_values(x.get("values")?)?,
        },
        y: YAxis {
            label: label(y),
            unit: unit(y),
            scale: scale(y),
        },
        series,
    })
}

fn label(axis: Option<&Value>) -> String {
    axis.and_then(|axis| axis.get("label"))
        .and_then(text)
        .unwrap_or_default()
}

fn unit(axis: Option<&Value>) -> Option<String> {
    axis.and_then(|axis| axis.get("unit"))
        .and_then(text)
        .filter(|unit| !unit.is_empty())
}

fn scale(axis: Option<&Value>) -> Scale {
    match axis.and_then(|axis| axis.get("scale")) {
        Some(Value::Text(scale)) if scale == "log" => Scale::Log,
        _ => Scale::Linear,
    }
}

fn x_values(values: &Value) -> Option<XValues> {
    let items = items(values)?;
    let names: Option<Vec<String>> = items.iter().map(text).collect();
    match names {
        Some(names) if !names.is_empty() => Some(XValues::Names(names)),
        _ => items
            .iter()
            .map(point)
            .collect::<Option<_>>()
            .map(XValues::Numbers),
    }
}

fn series(series: &Value) -> Option<Series> {
    let kind = match series.get("kind") {
        None => SeriesKind::Line,
        Some(kind) => match text(kind)?.as_str() {
            "line" => SeriesKind::Line,
            "scatter" => SeriesKind::Scatter,
            "bar" => SeriesKind::Bar,
            "band" => SeriesKind::Band,
            _ => return None,
        },
    };
    let items = items(series.get("values")?)?;
    let values = if kind == SeriesKind::Band {
        SeriesValues::Band(items.iter().map(band).collect::<Option<_>>()?)
    } else {
        SeriesValues::Single(items.iter().map(point).collect::<Option<_>>()?)
    };
    Some(Series {
        label: label(Some(series)),
        kind,
        values,
    })
}

fn items(values: &Value) -> Option<Vec<Value>> {
    match values {
        Value::List(items) => Some(items.clone()),
        Value::Array(array) => match array.nested() {
            Value::List(items) => Some(items),
            _ => None,
        },
        _ => None,
    }
}

/// A number that can be drawn, or a gap.
fn point(value: &Value) -> Option<Option<f64>> {
    match value {
        Value::Null => Some(None),
        value => value
            .as_f64()
            .map(|number| Some(number).filter(|n| n.is_finite())),
    }
}

fn band(value: &Value) -> Option<Option<(f64, f64)>> {
    match value {
        Value::Null => Some(None),
        Value::List(pair) => match pair.as_slice() {
            [low, high] => Some(point(low)?.zip(point(high)?)),
            _ => None,
        },
        _ => None,
    }
}
