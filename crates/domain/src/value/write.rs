//! Writes the result encoding as JSON text.

use super::{Array, Entries, Figure, File, Table, Value, typed::must_escape};

/// How packed arrays are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrays {
    /// Arrays and long lists of numbers as `array` objects, for clients that ask for them.
    Packed,
    /// As nested lists.
    Nested,
}

impl Value {
    /// The encoding as compact JSON.
    #[must_use]
    pub fn to_json(&self, arrays: Arrays) -> String {
        self.written(arrays, usize::MAX)
    }

    /// The beginning of the encoding with arrays as lists, at least `bytes` long if there are as
    /// many: for a quotation of a value that may be large.
    pub(crate) fn json_beginning(&self, bytes: usize) -> String {
        self.written(Arrays::Nested, bytes)
    }

    fn written(&self, arrays: Arrays, enough: usize) -> String {
        let mut writer = Writer {
            json: String::new(),
            arrays,
            enough,
        };
        writer.value(self);
        writer.json
    }
}

struct Writer {
    json: String,
    arrays: Arrays,
    /// Bytes after which nothing more is written that could be long.
    enough: usize,
}

impl Writer {
    fn is_full(&self) -> bool {
        self.json.len() >= self.enough
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.json += "null",
            Value::Bool(truth) => self.json += if *truth { "true" } else { "false" },
            Value::Integer(integer) => self.json += &integer.to_string(),
            Value::Float(number) => self.finite(*number),
            Value::NonFinite(number) => {
                self.typed("number");
                self.part("value");
                self.text(number.name());
                self.json.push('}');
            }
            Value::Text(text) => self.text(text),
            Value::List(items) => match self.packed(items) {
                Some(array) => self.array(&array),
                None => self.list(items.iter()),
            },
            Value::Object(entries) => self.object(entries),
            Value::Complex { re, im } => {
                self.typed("complex");
                self.part("re");
                self.value(&Value::from_f64(*re));
                self.part("im");
                self.value(&Value::from_f64(*im));
                self.json.push('}');
            }
            Value::DateTime(text) => {
                self.typed("datetime");
                self.part("value");
                self.text(text);
                self.json.push('}');
            }
            Value::TimeDelta { seconds } => {
                self.typed("timedelta");
                self.part("seconds");
                self.value(&Value::from_f64(*seconds));
                self.json.push('}');
            }
            Value::Table(table) => self.table(table),
            Value::Quantity(quantity) => {
                self.typed("quantity");
                self.part("value");
                self.value(&quantity.value);
                self.part("unit");
                self.text(&quantity.unit);
                if quantity.headline {
                    self.json += ",\"headline\":true";
                }
                self.json.push('}');
            }
            Value::Chart(chart) => {
                let fields = serde_json::to_string(chart).expect("a chart has string keys");
                self.typed("chart");
                self.json.push(',');
                self.json += &fields[1..];
            }
            Value::Figure(figure) => self.figure(figure),
            Value::File(file) => self.file(file),
            Value::Array(array) if self.arrays == Arrays::Nested => {
                self.nested(array, array.shape(), &mut 0);
            }
            Value::Array(array) => self.array(array),
        }
    }

    fn typed(&mut self, kind: &str) {
        self.json += "{\"$type\":";
        self.text(kind);
    }

    fn part(&mut self, name: &str) {
        self.json.push(',');
        self.text(name);
        self.json.push(':');
    }

    fn text(&mut self, text: &str) {
        self.json += &serde_json::to_string(text).expect("a string is always JSON");
    }

    fn finite(&mut self, number: f64) {
        self.json += &serde_json::to_string(&number).expect("a double is always JSON");
    }

    fn list<'a>(&mut self, items: impl Iterator<Item = &'a Value>) {
        self.json.push('[');
        for (index, item) in items.enumerate() {
            if self.is_full() {
                break;
            }
            if index > 0 {
                self.json.push(',');
            }
            self.value(item);
        }
        self.json.push(']');
    }

    /// A packed array as nested lists, from element number `next` on.
    fn nested(&mut self, array: &Array, shape: &[usize], next: &mut usize) {
        let Some((length, inner)) = shape.split_first() else {
            self.value(&array.element(*next));
            *next += 1;
            return;
        };
        self.json.push('[');
        for index in 0..*length {
            if self.is_full() {
                break;
            }
            if index > 0 {
                self.json.push(',');
            }
            self.nested(array, inner, next);
        }
        self.json.push(']');
    }

    fn packed(&self, items: &[Value]) -> Option<Array> {
        match self.arrays {
            Arrays::Packed => Array::pack(items),
            Arrays::Nested => None,
        }
    }

    fn array(&mut self, array: &Array) {
        let shape: Vec<String> = array.shape().iter().map(usize::to_string).collect();
        self.typed("array");
        self.json += &format!(",\"shape\":[{}]", shape.join(","));
        self.part("dtype");
        self.text(array.dtype());
        self.part("data");
        self.text(&array.base64());
        self.json.push('}');
    }

    fn object(&mut self, entries: &Entries) {
        self.json.push('{');
        for (index, (key, value)) in entries.iter().enumerate() {
            if self.is_full() {
                break;
            }
            if index > 0 {
                self.json.push(',');
            }
            if must_escape(key) {
                self.text(&format!("${key}"));
            } else {
                self.text(key);
            }
            self.json.push(':');
            self.value(value);
        }
        self.json.push('}');
    }

    fn table(&mut self, table: &Table) {
        self.typed("table");
        self.json += ",\"columns\":[";
        for (index, column) in table.columns.iter().enumerate() {
            self.json += if index > 0 {
                ",{\"name\":"
            } else {
                "{\"name\":"
            };
            self.text(&column.name);
            self.part("dtype");
            self.text(&column.dtype);
            self.part("unit");
            match &column.unit {
                Some(unit) => self.text(unit),
                None => self.json += "null",
            }
            self.json.push('}');
        }
        self.json += "],\"data\":[";
        for (index, column) in table.columns.iter().enumerate() {
            if index > 0 {
                self.json.push(',');
            }
            self.list(column.values.iter());
        }
        self.json += "]}";
    }

    fn file(&mut self, file: &File) {
        self.typed("file");
        self.part("name");
        self.text(&file.name);
        self.json += &format!(",\"bytes\":{}", file.bytes);
        self.part("sha256");
        self.text(&file.sha256);
        self.json.push('}');
    }

    fn figure(&mut self, figure: &Figure) {
        self.typed("figure");
        self.part("format");
        self.text(figure.format.name());
        if let Some(index) = figure.index {
            self.json += &format!(",\"index\":{index}");
        }
        self.part("width");
        self.finite(figure.width);
        self.part("height");
        self.finite(figure.height);
        if let Some(title) = &figure.title {
            self.part("title");
            self.text(title);
        }
        if let Some(data) = &figure.data {
            self.part("data");
            self.text(data);
        }
        self.json.push('}');
    }
}
