use super::*;
use crate::{
    Lang,
    chart::{SeriesValues, XValues},
};

fn parse(text: &str) -> Value {
    Value::parse(text).expect("valid JSON")
}

fn round_trip(text: &str) {
    assert_eq!(parse(text).to_json(Arrays::Packed), text);
}

#[test]
fn numbers_keep_every_digit() {
    let value = parse("[9007199254740993, -123456789012345678901234567890, 0.1, 1e300, -0.0]");
    let Value::List(items) = &value else {
        panic!("a list")
    };
    assert_eq!(
        items[0],
        Value::Integer(Integer::Small(9_007_199_254_740_993))
    );
    assert_eq!(
        items[1].exact_text().as_deref(),
        Some("-123456789012345678901234567890")
    );
    assert_eq!(items[2], Value::Float(0.1));
    assert_eq!(
        value.to_json(Arrays::Nested),
        "[9007199254740993,-123456789012345678901234567890,0.1,1e+300,-0.0]"
    );
}

#[test]
fn every_type_is_read_and_written_alike() {
    for text in [
        r#"{"a":[1,2.5,null,true],"b":{"c":"é\"\n"}}"#,
        r#"{"$type":"number","value":"-Infinity"}"#,
        r#"{"$type":"complex","re":1.0,"im":{"$type":"number","value":"NaN"}}"#,
        r#"{"$type":"datetime","value":"2026-11-24T09:41:00Z"}"#,
        r#"{"$type":"timedelta","seconds":90.5}"#,
        r#"{"$type":"quantity","value":48.17,"unit":"kN","headline":true}"#,
        r#"{"$type":"quantity","value":[1,2],"unit":"mm"}"#,
        r#"{"$type":"table","columns":[{"name":"x","dtype":"float64","unit":"m"},{"name":"n","dtype":"str","unit":null}],"data":[[1.0,2.0],["a","b"]]}"#,
        r#"{"$type":"figure","format":"svg","index":2,"width":640.0,"height":480.0,"title":"Mode 1"}"#,
        r#"{"$type":"array","shape":[2],"dtype":"<f8","data":"AAAAAAAA8D8AAAAAAAAAQA=="}"#,
        r#"{"$type":"chart","title":"T","x":{"label":"t","unit":"s","scale":"linear","values":[0.0,1.0]},"y":{"label":"","unit":null,"scale":"log"},"series":[{"label":"a","kind":"band","values":[[1.0,2.0],null]}]}"#,
    ] {
        round_trip(text);
    }
}

#[test]
fn users_own_type_keys_survive() {
    let value = parse(r#"{"$$type":"number","$$$type":1}"#);
    assert_eq!(value.get("$type"), Some(&Value::Text("number".to_owned())));
    assert!(value.get("$$type").is_some());
    round_trip(r#"{"$$type":"number","$$$type":1}"#);
}

#[test]
fn malformed_types_fall_back_to_plain_objects() {
    for text in [
        r#"{"$type":"number","value":"huge"}"#,
        r#"{"$type":"table","columns":[{"name":"x"}],"data":[]}"#,
        r#"{"$type":"table","columns":[{"name":"x"},{"name":"y"}],"data":[[1],[1,2]]}"#,
        r#"{"$type":"array","shape":[3],"dtype":"<f8","data":"AAAA"}"#,
        r#"{"$type":"array","shape":[4000000000,0],"dtype":"<f8","data":""}"#,
        r#"{"$type":"array","shape":[18446744073709551615,2],"dtype":"<f8","data":""}"#,
        r#"{"$type":"chart","series":7}"#,
        r#"{"$type":"figure","format":"exe","index":0,"width":1,"height":1}"#,
        r#"{"$type":"from the future"}"#,
        r#"{"$type":3}"#,
    ] {
        assert!(matches!(parse(text), Value::Object(_)), "{text}");
    }
}

#[test]
fn arrays_expand_to_the_same_numbers() {
    let packed = parse(r#"{"$type":"array","shape":[2,2],"dtype":"<i2","data":"AQD//wMA/38="}"#);
    assert_eq!(packed.to_json(Arrays::Nested), "[[1,-1],[3,32767]]");
    let nan = parse(r#"{"$type":"array","shape":[1],"dtype":"<f8","data":"AAAAAAAA+H8="}"#);
    assert_eq!(
        nan.to_json(Arrays::Nested),
        r#"[{"$type":"number","value":"NaN"}]"#
    );
    let float32 = parse(r#"{"$type":"array","shape":[1],"dtype":"<f4","data":"AADAPw=="}"#);
    assert_eq!(float32.to_json(Arrays::Nested), "[1.5]");
}

#[test]
fn long_lists_of_numbers_are_packed_for_who_asks() {
    let list = |item: &str, count| format!("[{}]", vec![item; count].join(","));
    let nested = list(&list("[-1,9007199254740993]", 4), 64);
    for text in [list("0.1", 300), nested] {
        let packed = parse(&text).to_json(Arrays::Packed);
        assert!(packed.starts_with(r#"{"$type":"array""#));
        assert_eq!(parse(&packed).to_json(Arrays::Nested), text);
    }
    let mixed = list("0.1,1", 300);
    let ragged = format!("[{},[1.0]]", vec!["[1.0,2.0]"; 300].join(","));
    for text in [list("0.1", 10), mixed, ragged] {
        assert_eq!(parse(&text).to_json(Arrays::Packed), text);
    }
}

#[test]
fn faults_name_their_line() {
    let fault = |text: &str| Value::parse(text).expect_err("a fault");
    let error = fault("{\n  \"a\": 1,\n  b: 2\n}");
    assert_eq!(
        (error.line, error.column, error.fault),
        (3, 3, ReadFault::Unexpected('b'))
    );
    assert_eq!(
        error.message(Lang::En),
        "Line 3 of the JSON: 'b' is not expected here; check commas and quotation marks."
    );
    assert_eq!(fault("[1, 2").fault, ReadFault::Ended);
    assert_eq!(fault("[01]").fault, ReadFault::BadNumber);
    assert_eq!(fault("[1.]").fault, ReadFault::BadNumber);
    assert_eq!(fault("NaN").fault, ReadFault::Unexpected('N'));
    assert_eq!(fault("1 2").fault, ReadFault::Trailing);
    assert_eq!(fault("\"a\tb\"").fault, ReadFault::BadText);
    assert_eq!(fault("\"\\x\"").fault, ReadFault::BadText);
    assert_eq!(fault("\"\\").fault, ReadFault::Ended);
    assert_eq!(fault("\"é\\é").fault, ReadFault::Ended);
    assert_eq!(fault("").fault, ReadFault::Ended);
    assert_eq!(fault(&"[".repeat(1_000_000)).fault, ReadFault::TooDeep);
}

#[test]
fn lone_surrogates_become_replacement_characters() {
    assert_eq!(
        parse(r#""a\ud800b\\ud800 \ud83d\ude00""#),
        Value::Text("a\u{FFFD}b\\ud800 😀".to_owned())
    );
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    assert_eq!(
        parse(r#"{"a":1,"b":2,"a":3}"#).to_json(Arrays::Nested),
        r#"{"a":3,"b":2}"#
    );
}

#[test]
fn overflowing_numbers_are_infinite() {
    assert_eq!(parse("1e999"), Value::NonFinite(NonFinite::Infinity));
}

#[test]
fn columns_are_found_wherever_they_stand() {
    let value = parse(
        r#"{"x":{"$type":"quantity","value":[0,1,2],"unit":"m"},
            "mesh":{"y":[1.5,null,3],"names":["a","b"]},
            "table":{"$type":"table","columns":[{"name":"t","dtype":"float64","unit":"s"},{"name":"n","dtype":"str"}],"data":[[1,2],["a","b"]]},
            "rows":[{"f":{"$type":"quantity","value":1,"unit":"kN"},"g":"a"},{"f":{"$type":"quantity","value":2,"unit":"kN"},"g":"b"}],
            "matrix":[[1,10],[2,20],[3,30]],"wide":[[1,2,3],[4,5,6]],
            "packed":{"$type":"array","shape":[2],"dtype":"<f8","data":"AAAAAAAA8D8AAAAAAAAAQA=="},
            "one":[1],"empty":[]}"#,
    );
    let found = columns(&value);
    let summary: Vec<(&str, &str, Option<&str>, usize)> = found
        .iter()
        .map(|c| {
            (
                c.path.as_str(),
                c.label.as_str(),
                c.unit.as_deref(),
                c.values.len(),
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            ("x", "x", Some("m"), 3),
            ("mesh › y", "y", None, 3),
            ("table › t", "t", Some("s"), 2),
            ("rows › f", "f", Some("kN"), 2),
            ("matrix › column 1", "column 1", None, 3),
            ("matrix › column 2", "column 2", None, 3),
            ("wide › [0]", "wide [0]", None, 3),
            ("wide › [1]", "wide [1]", None, 3),
            ("packed", "packed", None, 2),
        ]
    );
    assert_eq!(found[1].values, [Some(1.5), None, Some(3.0)]);
}

#[test]
fn charts_and_figures_are_found_depth_first() {
    let chart = |title: &str| {
        format!(
            r#"{{"$type":"chart","title":"{title}","x":{{"values":["a"]}},"series":[{{"label":"s","values":[{{"$type":"number","value":"NaN"}}]}}]}}"#
        )
    };
    let text = format!(
        r#"{{"a":{{"b":[{},{}]}},"c":{}}}"#,
        chart("1"),
        chart("2"),
        chart("3")
    );
    let value = parse(&text);
    let found = charts(&value);
    let titles: Vec<&str> = found.iter().map(|chart| chart.title.as_str()).collect();
    assert_eq!(titles, ["1", "2", "3"]);
    assert_eq!(found[0].x.values, XValues::Names(vec!["a".to_owned()]));
    assert_eq!(found[0].series[0].values, SeriesValues::Single(vec![None]));
    assert!(figures(&value).is_empty());
}

/// Any text is read or refused; nothing panics, and what is read writes back to the same value.
#[test]
fn arbitrary_text_never_panics() {
    let seeds = [
        r#"{"$type":"array","shape":[2],"dtype":"<f8","data":"AAAAAAAA8D8AAAAAAAAAQA=="}"#,
        r#"{"a":[1,-2.5e3,"\u00e9\ud800",{"$$type":[]}],"$type":"quantity","value":{},"unit":""}"#,
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for round in 0..20_000 {
        let mut bytes = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(3) {
                0 => bytes[at] = b"{}[]\",:\\u0eE-+.\xC3\xA9"[random(17)],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"{}[]\",:\\u0eE-+."[random(15)]),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(value) = Value::parse(&text) {
            let written = value.to_json(Arrays::Packed);
            assert_eq!(parse(&written).to_json(Arrays::Packed), written, "{text}");
        }
    }
}

#[test]
fn columns_of_very_many_keys_are_found_by_reading_each_once() {
    let record = |n: usize| -> String {
        let keys: Vec<_> = (0..50_000).map(|k| format!("\"k{k}\":{}", n + k)).collect();
        format!("{{{}}}", keys.join(","))
    };
    let value = parse(&format!("[{},{},{{\"k1\":7}}]", record(0), record(1)));
    let begun = std::time::Instant::now();
    let found = columns(&value);
    let took = begun.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
    assert_eq!(found.len(), 1, "only one key is in every record");
    assert_eq!(found[0].path, "k1");
    assert_eq!(found[0].values, [Some(1.0), Some(2.0), Some(7.0)]);
}

#[test]
fn there_are_only_so_many_columns_and_names_only_so_long() {
    let lists: Vec<_> = (0..1_000).map(|n| format!("\"{n}\":[1,2]")).collect();
    let name = "n".repeat(10_000);
    let value = parse(&format!("{{\"{name}\":{{{}}}}}", lists.join(",")));
    let found = columns(&value);
    assert_eq!(found.len(), MAX_COLUMNS);
    let longest = found.iter().map(|column| column.path.chars().count()).max();
    assert!(longest < Some(300), "{longest:?}");
    let mut paths: Vec<_> = found.iter().map(|column| &column.path).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), found.len(), "and every path is its own");
}

#[test]
fn an_array_is_never_longer_as_lists_than_as_the_text_it_was() {
    for (shape, read) in [
        ("[16,0]", true),
        ("[17,0]", false),
        ("[4,5,0]", false),
        ("[0,9]", true),
    ] {
        let text = format!(r#"{{"$type":"array","shape":{shape},"dtype":"<f8","data":""}}"#);
        let value = parse(&text);
        assert_eq!(matches!(value, Value::Array(_)), read, "{shape}");
        if read {
            let lists = value.to_json(Arrays::Nested);
            assert!(lists.len() <= text.len(), "{shape}: {lists}");
        }
    }
}
