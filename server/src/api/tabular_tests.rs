//! What was written is read back with the readers of the same crates.

use super::*;
use arrow_array::{Array, cast::AsArray, types::Float64Type};
use arrow_ipc::reader::StreamReader;
use domain::value::Value;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const ALL_TYPES: &str = r#"{"$type":"table","columns":[
    {"name":"b","dtype":"bool"},{"name":"i","dtype":"int64","unit":"mm"},{"name":"f","dtype":"float64","unit":"MPa"},
    {"name":"s","dtype":"str"},{"name":"u","dtype":"uint64"},{"name":"c","dtype":"complex128"},
    {"name":"d","dtype":"object"},{"name":"t","dtype":"datetime64[us, UTC]"},{"name":"n","dtype":"datetime64[ns]"},
    {"name":"l","dtype":"timedelta64[ns]"}],
  "data":[[true,null],[1,null],[{"$type":"number","value":"NaN"},null],["é",null],[18446744073709551615,null],
    [{"$type":"complex","re":1,"im":-2},null],[{"$type":"datetime","value":"2026-01-02"},null],
    [{"$type":"datetime","value":"2026-01-02T03:04:05.000006+01:00"},null],
    [{"$type":"datetime","value":"2026-01-02T03:04:05.000000007"},null],
    [{"$type":"timedelta","seconds":1.5},null]]}"#;

fn columns() -> Vec<Column> {
    let result = Value::parse(ALL_TYPES).expect("valid JSON");
    domain::tabular::of_result(&result).expect("a table")
}

fn from_arrow(bytes: Vec<u8>) -> RecordBatch {
    let mut reader = StreamReader::try_new(&bytes[..], None).expect("a stream");
    let batch = reader.next().expect("a batch").expect("readable");
    assert!(reader.next().is_none());
    batch
}

fn from_parquet(bytes: Vec<u8>) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes));
    let mut reader = reader.expect("a file").build().expect("a reader");
    reader.next().expect("a batch").expect("readable")
}

#[test]
fn every_type_is_read_back_as_it_was_with_its_unit_and_its_gaps() {
    let written = batch(columns()).expect("a table");
    for read in [
        from_arrow(arrow(columns()).expect("written")),
        from_parquet(parquet(columns()).expect("written")),
    ] {
        assert_eq!(read.num_rows(), 2);
        assert_eq!(read.schema().fields(), written.schema().fields());
        // NaN is equal to nothing, so that column is looked at by itself.
        for (field, (a, b)) in written
            .schema()
            .fields()
            .iter()
            .zip(read.columns().iter().zip(written.columns()))
            .filter(|(field, _)| field.name() != "f")
        {
            assert_eq!(a, b, "{}", field.name());
            assert!(a.is_null(1) && a.is_valid(0), "{}", field.name());
        }
        let floats = read.column_by_name("f").expect("there");
        let floats = floats.as_primitive::<Float64Type>();
        assert!(floats.is_valid(0) && floats.value(0).is_nan() && floats.is_null(1));
        let schema = read.schema();
        let unit = |name: &str| {
            schema
                .field_with_name(name)
                .expect("there")
                .metadata()
                .get(UNIT)
                .cloned()
        };
        assert_eq!(unit("f").as_deref(), Some("MPa"));
        assert_eq!(unit("i").as_deref(), Some("mm"));
        assert_eq!(unit("s"), None);
    }
}

#[test]
fn a_table_without_rows_keeps_its_types() {
    let empty = r#"{"$type":"table","columns":[{"name":"i","dtype":"int64"},{"name":"s","dtype":"str"}],"data":[[],[]]}"#;
    let columns = || {
        let result = Value::parse(empty).expect("valid JSON");
        domain::tabular::of_result(&result).expect("a table")
    };
    let read = from_arrow(arrow(columns()).expect("written"));
    assert_eq!(read.num_rows(), 0);
    assert_eq!(read.column(0).data_type(), &DataType::Int64);
    assert_eq!(read.column(1).data_type(), &DataType::Utf8);
    assert!(parquet(columns()).expect("written").starts_with(b"PAR1"));
}
