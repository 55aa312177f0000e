//! A packed array of numbers: shape, element type, little-endian bytes in base64.

use super::{Integer, Value};
use crate::limits::MAX_DEPTH;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Lists from this many numbers are worth packing.
const PACK_FROM: usize = 256;
/// Empty lists an array with a zero dimension may expand to: as lists, it must not be longer than the
/// text that it was.
const MAX_EMPTY_LISTS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    Bool,
    Signed(usize),
    Unsigned(usize),
    Float(usize),
    /// Bytes of both parts together.
    Complex(usize),
}

impl ElementType {
    /// Reads numpy's name: `<f8`, `|b1`, `<i4`.
    #[must_use]
    pub fn parse(dtype: &str) -> Option<Self> {
        let dtype = dtype.strip_prefix(['<', '|']).unwrap_or(dtype);
        let (kind, size) = dtype.split_at_checked(1)?;
        Some(match (kind, size.parse().ok()?) {
            ("b", 1) => Self::Bool,
            ("i", size @ (1 | 2 | 4 | 8)) => Self::Signed(size),
            ("u", size @ (1 | 2 | 4 | 8)) => Self::Unsigned(size),
            ("f", size @ (4 | 8)) => Self::Float(size),
            ("c", size @ (8 | 16)) => Self::Complex(size),
            _ => return None,
        })
    }

    const fn bytes(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Signed(size) | Self::Unsigned(size) | Self::Float(size) | Self::Complex(size) => {
                size
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    dtype: String,
    element: ElementType,
    data: Vec<u8>,
}

impl Array {
    pub(super) fn decode(shape: Vec<usize>, dtype: &str, base64: &str) -> Option<Self> {
        let element = ElementType::parse(dtype)?;
        let data = STANDARD.decode(base64).ok()?;
        let bytes = shape
            .iter()
            .try_fold(element.bytes(), |bytes, &length| bytes.checked_mul(length))?;
        let lists = shape
            .iter()
            .take_while(|&&length| length > 0)
            .try_fold(1usize, |lists, &length| lists.checked_mul(length))?;
        let expandable = bytes > 0 || lists <= MAX_EMPTY_LISTS;
        (bytes == data.len() && expandable && !shape.is_empty() && shape.len() <= MAX_DEPTH).then(
            || Self {
                shape,
                dtype: dtype.to_owned(),
                element,
                data,
            },
        )
    }

    /// Packs a long list of doubles or of 64-bit integers, or lists of such of equal length. Mixed
    /// numbers stay a list: packed, an integer among doubles would become one.
    pub(super) fn pack(items: &[Value]) -> Option<Self> {
        let mut shape = vec![items.len()];
        let mut first = items.first()?;
        while let Value::List(inner) = first {
            shape.push(inner.len());
            first = inner.first()?;
        }
        let count = shape
            .iter()
            .try_fold(1usize, |count, &length| count.checked_mul(length))?;
        if count < PACK_FROM {
            return None;
        }
        let (dtype, element) = match first {
            Value::Integer(_) => ("<i8", ElementType::Signed(8)),
            _ => ("<f8", ElementType::Float(8)),
        };
        let mut data = Vec::with_capacity(8 * count);
        append(items, &shape, element, &mut data)?;
        Some(Self {
            shape,
            dtype: dtype.to_owned(),
            element,
            data,
        })
    }

    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    #[must_use]
    pub fn dtype(&self) -> &str {
        &self.dtype
    }

    /// Elements in all dimensions together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.data.len() / self.element.bytes()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Little-endian bytes, in base64.
    pub(super) fn base64(&self) -> String {
        STANDARD.encode(&self.data)
    }

    /// The element at a place in row-major order; null past the end.
    #[must_use]
    pub fn element(&self, index: usize) -> Value {
        let size = self.element.bytes();
        let start = index.saturating_mul(size);
        let Some(bytes) = self.data.get(start..start.saturating_add(size)) else {
            return Value::Null;
        };
        match self.element {
            ElementType::Bool => Value::Bool(bytes != [0]),
            ElementType::Signed(_) => {
                let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
                let filled = widen(bytes, if negative { 0xFF } else { 0 });
                Value::Integer(Integer::Small(i64::from_le_bytes(filled)))
            }
            ElementType::Unsigned(_) => {
                let number = u64::from_le_bytes(widen(bytes, 0));
                Value::Integer(match i64::try_from(number) {
                    Ok(small) => Integer::Small(small),
                    Err(_) => Integer::Big(number.to_string().into()),
                })
            }
            ElementType::Float(_) => Value::from_f64(float(bytes)),
            ElementType::Complex(size) => {
                let (re, im) = bytes.split_at(size / 2);
                Value::Complex {
                    re: float(re),
                    im: float(im),
                }
            }
        }
    }

    /// The same as nested lists.
    #[must_use]
    pub fn nested(&self) -> Value {
        self.nest(&self.shape, &mut 0)
    }

    fn nest(&self, shape: &[usize], next: &mut usize) -> Value {
        match shape {
            [] => {
                *next += 1;
                self.element(*next - 1)
            }
            [length, inner @ ..] => {
                Value::List((0..*length).map(|_| self.nest(inner, next)).collect())
            }
        }
    }
}

fn append(
    items: &[Value],
    shape: &[usize],
    element: ElementType,
    data: &mut Vec<u8>,
) -> Option<()> {
    let (length, inner) = shape.split_first()?;
    if items.len() != *length {
        return None;
    }
    for item in items {
        let bytes = match (item, element) {
            (Value::List(items), _) => {
                append(items, inner, element, data)?;
                continue;
            }
            _ if !inner.is_empty() => return None,
            (Value::Integer(Integer::Small(number)), ElementType::Signed(_)) => {
                number.to_le_bytes()
            }
            (Value::Float(number), ElementType::Float(_)) => number.to_le_bytes(),
            (Value::NonFinite(number), ElementType::Float(_)) => number.as_f64().to_le_bytes(),
            _ => return None,
        };
        data.extend(bytes);
    }
    Some(())
}

fn widen(bytes: &[u8], fill: u8) -> [u8; 8] {
    let mut wide = [fill; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    wide
}

fn float(bytes: &[u8]) -> f64 {
    match bytes.try_into() {
        Ok(four) => f64::from(f32::from_le_bytes(four)),
        Err(_) => f64::from_le_bytes(widen(bytes, 0)),
    }
}
