//! What is a table, and what its columns are.

use super::*;

fn columns(json: &str) -> Option<Vec<Column>> {
    of_result(&Value::parse(json).expect("valid JSON"))
}

/// Names, each with its values.
fn shown(json: &str) -> Vec<(String, Option<String>, Typed)> {
    let columns = columns(json).expect("a table");
    let parts = |column: Column| (column.name, column.unit, column.values);
    columns.into_iter().map(parts).collect()
}

fn only(json: &str) -> Typed {
    let mut columns = columns(json).expect("a table");
    assert_eq!(columns.len(), 1);
    columns.remove(0).values
}

#[test]
fn tables_records_matrices_and_lists_side_by_side_are_tables() {
    let ints = |values: &[i64]| Typed::Signed(values.iter().copied().map(Some).collect());
    for json in [
        r#"{"$type":"table","columns":[{"name":"a","dtype":"int64","unit":"mm"},{"name":"b","dtype":"int64"}],"data":[[1,2],[3,4]]}"#,
        r#"{"t":{"$type":"table","columns":[{"name":"a","dtype":"int64","unit":"mm"},{"name":"b","dtype":"int64"}],"data":[[1,2],[3,4]]}}"#,
        r#"[{"a":{"$type":"quantity","value":1,"unit":"mm"},"b":3},{"a":{"$type":"quantity","value":2,"unit":"mm"},"b":4}]"#,
        r#"{"a":{"$type":"quantity","value":[1,2],"unit":"mm"},"b":[3,4],"picture":{"$type":"figure","format":"svg","index":0,"width":1,"height":1}}"#,
    ] {
        assert_eq!(
            shown(json),
            [
                ("a".to_owned(), Some("mm".to_owned()), ints(&[1, 2])),
                ("b".to_owned(), None, ints(&[3, 4])),
            ],
            "{json}"
        );
    }
    assert_eq!(
        shown("[[1,3],[2,4]]"),
        [
            ("1".to_owned(), None, ints(&[1, 2])),
            ("2".to_owned(), None, ints(&[3, 4]))
        ]
    );
    assert_eq!(only("[1,2]"), ints(&[1, 2]));
    assert_eq!(only(r#"{"a":[1,2]}"#), ints(&[1, 2]));
}

#[test]
fn what_has_no_rows_of_its_own_is_no_table() {
    for json in [
        "1",
        "null",
        "{}",
        r#"{"stress":100.0}"#,
        r#"{"a":[1,2],"b":[1]}"#,
        r#"{"a":[1,2],"b":1}"#,
        r#"{"a":[[1]],"b":[[2]]}"#,
        "[[[1]]]",
        r#"[1,{"a":2}]"#,
    ] {
        assert_eq!(columns(json), None, "{json}");
    }
}

#[test]
fn a_list_with_gaps_keeps_them_apart_from_nan() {
    let Typed::Float(values) = only(r#"[1.5,null,{"$type":"number","value":"NaN"},2]"#) else {
        panic!("numbers");
    };
    assert_eq!(
        (values[0], values[1], values[3]),
        (Some(1.5), None, Some(2.0))
    );
    assert!(values[2].is_some_and(f64::is_nan));
    assert_eq!(only("[[1],[]]"), Typed::Signed(vec![Some(1), None]));
    assert_eq!(only(r#"[{},{"a":1}]"#), Typed::Signed(vec![None, Some(1)]));
}

#[test]
fn no_digit_is_lost() {
    assert_eq!(
        only("[18446744073709551615,1]"),
        Typed::Unsigned(vec![Some(u64::MAX), Some(1)])
    );
    let text = |values: &[&str]| Typed::Text(values.iter().map(|v| Some((*v).into())).collect());
    assert_eq!(
        only("[18446744073709551616,1]"),
        text(&["18446744073709551616", "1"])
    );
    assert_eq!(
        only("[9007199254740993,0.5]"),
        text(&["9007199254740993", "0.5"])
    );
    assert_eq!(only(r#"["a",1,true]"#), text(&["a", "1", "true"]));
    assert_eq!(
        only(
            r#"[{"$type":"quantity","value":1,"unit":"mm"},{"$type":"quantity","value":2,"unit":"m"}]"#
        ),
        text(&["1 mm", "2 m"])
    );
}

#[test]
fn times_are_times_when_they_are_of_one_kind() {
    let times = |values: &str| {
        let values: Vec<_> = values
            .split(',')
            .map(|v| format!(r#"{{"$type":"datetime","value":"{v}"}}"#))
            .collect();
        only(&format!("[{}]", values.join(",")))
    };
    let at = |unit, has_zone, value| Typed::DateTime {
        unit,
        has_zone,
        values: vec![Some(value)],
    };
    assert_eq!(times("1970-01-02"), Typed::Date(vec![Some(1)]));
    assert_eq!(
        times("1970-01-01T00:00:01"),
        at(TimeUnit::Micro, false, 1_000_000)
    );
    assert_eq!(
        times("1970-01-01T01:00:01+01:00"),
        at(TimeUnit::Micro, true, 1_000_000)
    );
    assert_eq!(
        times("1970-01-01T00:00:00.000000001Z"),
        at(TimeUnit::Nano, true, 1)
    );
    assert!(matches!(
        times("1970-01-01T00:00:00Z,1970-01-01T00:00:00"),
        Typed::Text(_)
    ));
    assert_eq!(
        only(r#"[{"$type":"timedelta","seconds":1.5}]"#),
        Typed::Duration(vec![Some(1_500_000_000)])
    );
    assert_eq!(
        only(r#"[{"$type":"complex","re":1,"im":-2},3]"#),
        Typed::Complex(vec![Some((1.0, -2.0)), Some((3.0, 0.0))])
    );
}

#[test]
fn a_table_that_is_mostly_gaps_is_none() {
    let ragged = format!("[[{}0]{}]", "0,".repeat(4000), ",[0]".repeat(4000));
    assert_eq!(columns(&ragged), None);
    let wide = format!("[[{}0]]", "0,".repeat(MAX_TABLE_COLUMNS));
    assert_eq!(columns(&wide), None);
    let records: Vec<_> = (0..3000).map(|n| format!("{{\"k{n}\":{n}}}")).collect();
    assert_eq!(columns(&format!("[{}]", records.join(","))), None);
}

#[test]
fn equal_names_are_counted() {
    let table = r#"{"$type":"table","columns":[{"name":"a","dtype":"int64"},{"name":"a","dtype":"int64"}],"data":[[1],[2]]}"#;
    let names: Vec<_> = shown(table).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["a", "a (2)"]);
}
