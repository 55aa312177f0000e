//! A table as Arrow (the IPC stream) and Parquet.
//!
//! | values | Arrow type |
//! | --- | --- |
//! | booleans, integers, floats, texts | `Bool`, `Int64` or `UInt64`, `Float64`, `Utf8` |
//! | dates, dates with time | `Date32`, `Timestamp` in UTC or without zone, µs or ns |
//! | time differences | `Duration(ns)` |
//! | complex numbers | `Struct` of `re` and `im` |
//!
//! What is absent is null, NaN is NaN. A field's metadata has the `unit` of its column.

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DurationNanosecondArray, Float64Array, Int64Array,
    RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, TimestampNanosecondArray,
    UInt64Array,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use domain::tabular::{Column, TimeUnit, Typed};
use parquet::{
    arrow::ArrowWriter, basic::Compression, errors::ParquetError,
    file::properties::WriterProperties,
};
use std::{collections::HashMap, sync::Arc};

/// Metadata of a field: the unit of its values.
const UNIT: &str = "unit";
const UTC: &str = "UTC";

/// # Errors
/// A defect: the columns do not make a table.
pub fn arrow(columns: Vec<Column>) -> Result<Vec<u8>, ArrowError> {
    let batch = batch(columns)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(&batch)?;
    writer.into_inner()
}

/// # Errors
/// A defect: the columns do not make a table.
pub fn parquet(columns: Vec<Column>) -> Result<Vec<u8>, ParquetError> {
    let batch = batch(columns)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner()
}

fn batch(columns: Vec<Column>) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for column in columns {
        let array = array(column.values);
        let unit = column.unit.map(|unit| (UNIT.to_owned(), unit));
        let field = Field::new(column.name, array.data_type().clone(), true)
            .with_metadata(HashMap::from_iter(unit));
        fields.push(field);
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

fn array(values: Typed) -> ArrayRef {
    match values {
        Typed::Bool(values) => Arc::new(BooleanArray::from(values)),
        Typed::Signed(values) => Arc::new(Int64Array::from(values)),
        Typed::Unsigned(values) => Arc::new(UInt64Array::from(values)),
        Typed::Float(values) => Arc::new(Float64Array::from(values)),
        Typed::Text(values) => Arc::new(StringArray::from(values)),
        Typed::Date(values) => Arc::new(Date32Array::from(values)),
        Typed::Duration(values) => Arc::new(DurationNanosecondArray::from(values)),
        Typed::Complex(values) => complex(&values),
        Typed::DateTime {
            unit,
            has_zone,
            values,
        } => {
            let zone = has_zone.then_some(UTC);
            match unit {
                TimeUnit::Micro => {
                    Arc::new(TimestampMicrosecondArray::from(values).with_timezone_opt(zone))
                }
                TimeUnit::Nano => {
                    Arc::new(TimestampNanosecondArray::from(values).with_timezone_opt(zone))
                }
            }
        }
    }
}

fn complex(values: &[Option<(f64, f64)>]) -> ArrayRef {
    let part = |pick: fn(&(f64, f64)) -> f64| -> ArrayRef {
        let numbers = values.iter().map(|value| value.as_ref().map_or(0.0, pick));
        Arc::new(Float64Array::from_iter_values(numbers))
    };
    let fields: Fields = ["re", "im"]
        .map(|name| Field::new(name, DataType::Float64, false))
        .to_vec()
        .into();
    let arrays = vec![part(|(re, _)| *re), part(|(_, im)| *im)];
    let present = values.iter().map(Option::is_some).collect();
    Arc::new(StructArray::new(fields, arrays, Some(present)))
}

#[cfg(test)]
#[path = "tabular_tests.rs"]
mod tests;
