//! A JSON reader that keeps every digit, in one pass over the text.
//!
//! serde_json rounds integers beyond 64 bits, or with `arbitrary_precision` changes how untagged
//! enums read in every crate of the workspace; its `RawValue` scans a text once per level.

use super::{Integer, Value, typed};
use crate::{Lang, limits::MAX_ENCODED_DEPTH};
use std::collections::HashSet;
use thiserror::Error;

/// A text that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {}", .fault.words(Lang::En))]
pub struct ReadError {
    pub fault: ReadFault,
    /// From 1.
    pub line: usize,
    /// Characters, from 1.
    pub column: usize,
}

impl ReadError {
    /// What happened, then what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let (line, words) = (self.line, self.fault.words(lang));
        match lang {
            Lang::En => format!("Line {line} of the JSON: {words}."),
            Lang::Fr => format!("Ligne {line} du JSON\u{A0}: {words}."),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFault {
    Ended,
    Unexpected(char),
    BadNumber,
    BadText,
    TooDeep,
    Trailing,
}

impl ReadFault {
    fn words(self, lang: Lang) -> String {
        let (en, fr) = match self {
            Self::Ended => (
                "it ends too early; close every bracket and quotation mark",
                "il finit trop tôt ; fermez chaque parenthèse et chaque guillemet",
            ),
            Self::Unexpected(c) => {
                return lang.pick(
                    format!("{c:?} is not expected here; check commas and quotation marks"),
                    format!("{c:?} n’est pas attendu ici ; vérifiez virgules et guillemets"),
                );
            }
            Self::BadNumber => (
                "this number is not written as JSON asks; use digits, a point and e",
                "ce nombre n’est pas écrit comme JSON le demande ; utilisez des chiffres, un point et e",
            ),
            Self::BadText => (
                "a text has a character that must be escaped; put a backslash before it",
                "un texte a un caractère à échapper ; mettez une barre oblique inverse devant",
            ),
            Self::TooDeep => (
                "values are nested too deep; use at most 64 levels",
                "les valeurs sont trop imbriquées ; utilisez 64 niveaux au plus",
            ),
            Self::Trailing => (
                "something follows the end of the value; remove it",
                "quelque chose suit la fin de la valeur ; supprimez-le",
            ),
        };
        lang.pick(en, fr).to_owned()
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Read<T> = Result<T, ReadFault>;

pub(super) fn parse(text: &str) -> Result<Value, ReadError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let value = reader.value().and_then(|value| match reader.peek() {
        None => Ok(value),
        Some(_) => Err(ReadFault::Trailing),
    });
    value.map_err(|fault| {
        let mut end = reader.at.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        ReadError {
            fault,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    })
}

/// A JSON number, exactly; `text` is well formed.
pub(crate) fn number(text: &str) -> Value {
    if text.contains(['.', 'e', 'E']) {
        return Value::from_f64(text.parse().unwrap_or(f64::NAN));
    }
    Value::Integer(match text.parse() {
        Ok(small) => Integer::Small(small),
        Err(_) => Integer::Big(text.into()),
    })
}

impl Reader<'_> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn unexpected<T>(&self) -> Read<T> {
        let next = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next());
        Err(next.map_or(ReadFault::Ended, ReadFault::Unexpected))
    }

    fn value(&mut self) -> Read<Value> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => self.unexpected(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Read<Value> {
        if !self.text[self.at..].starts_with(word) {
            return self.unexpected();
        }
        self.at += word.len();
        Ok(value)
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<Value>) -> Read<Value> {
        self.depth += 1;
        if self.depth > MAX_ENCODED_DEPTH {
            return Err(ReadFault::TooDeep);
        }
        self.at += 1;
        let value = read(self)?;
        self.at += 1;
        self.depth -= 1;
        Ok(value)
    }

    /// After the opening bracket, up to the closing one.
    fn list(&mut self) -> Read<Value> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value()?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => return Ok(Value::List(items)),
                _ => return self.unexpected(),
            }
        }
    }

    fn object(&mut self) -> Read<Value> {
        let mut entries = Vec::new();
        if self.peek() == Some(b'}') {
            return Ok(Value::Object(entries));
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.unexpected();
            }
            let key = self.string()?;
            if self.peek() != Some(b':') {
                return self.unexpected();
            }
            self.at += 1;
            let value = self.value()?;
            entries.push((key, value));
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => return Ok(typed::object(last_of_each_key(entries))),
                _ => return self.unexpected(),
            }
        }
    }

    fn string(&mut self) -> Read<String> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                Some(0..=0x1F) => {
                    self.at = end;
                    return Err(ReadFault::BadText);
                }
                Some(_) => end += 1,
                None => {
                    self.at = bytes.len();
                    return Err(ReadFault::Ended);
                }
            }
        }
        self.at = end + 1;
        if !escaped {
            return Ok(self.text[start + 1..end].to_owned());
        }
        let raw = &self.text[start..=end];
        serde_json::from_str(raw)
            .or_else(|_| serde_json::from_str(&without_lone_surrogates(raw)))
            .map_err(|_| ReadFault::BadText)
    }

    fn number(&mut self) -> Read<Value> {
        let rest = &self.text[self.at..];
        let length = rest
            .bytes()
            .take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
            .count();
        let text = &rest[..length];
        if !is_json_number(text.as_bytes()) {
            return Err(ReadFault::BadNumber);
        }
        self.at += length;
        Ok(number(text))
    }
}

/// Python writes lone surrogates as escapes; they become the replacement character.
fn without_lone_surrogates(raw: &str) -> String {
    let mut repaired = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired += before;
        let length = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(_), _) => 6,
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        repaired += if length == 6 {
            "\\ufffd"
        } else {
            &escape[..length]
        };
        rest = &escape[length..];
    }
    repaired + rest
}

/// The code of the surrogate whose escape the text begins with.
fn surrogate(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16)
        .ok()
        .filter(|code| (0xD800..0xE000).contains(code))
}

fn is_json_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let integer = digits(unsigned);
    if integer == 0 || (integer > 1 && unsigned[0] == b'0') {
        return false;
    }
    let mut rest = &unsigned[integer..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent
            .strip_prefix(b"+")
            .or(exponent.strip_prefix(b"-"))
            .unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

/// As in Python, the last of two equal keys counts; it stands where the first one stood.
fn last_of_each_key(entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let distinct: HashSet<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    if distinct.len() == entries.len() {
        return entries;
    }
    let mut kept: Vec<(String, Value)> = Vec::with_capacity(distinct.len());
    let mut places = std::collections::HashMap::new();
    for (key, value) in entries {
        match places.get(&key) {
            Some(&place) => {
                let slot: &mut (String, Value) = &mut kept[place];
                slot.1 = value;
            }
            None => {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
    }
    kept
}
