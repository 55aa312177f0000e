use super::*;
use crate::{Lang, Problem, ProblemCode, number::NumberFault, run::RunChange};
use serde_json::json;

fn parameter(name: &str, kind: ParameterKind, default: Option<serde_json::Value>) -> Parameter {
    Parameter {
        name: name.to_owned(),
        label: readable_name(name),
        kind,
        unit: None,
        required: default.is_none(),
        default,
        nullable: false,
        description: None,
    }
}

fn signature(parameters: Vec<Parameter>) -> Signature {
    Signature {
        style: Style::Parameters,
        parameters,
        summary: None,
    }
}

fn bolt() -> Signature {
    let options = vec![json!("8.8"), json!("10.9")];
    let geometry = vec![
        parameter("length", ParameterKind::Float, Some(json!(40.0))),
        parameter("turns", ParameterKind::Int, None),
    ];
    let mut note = parameter("note", ParameterKind::Str, Some(json!(null)));
    note.nullable = true;
    let mut load = parameter("axial_load", ParameterKind::Float, Some(json!(210_000.0)));
    load.unit = Some("kN".to_owned());
    signature(vec![
        load,
        parameter(
            "grade",
            ParameterKind::Choice { options },
            Some(json!("8.8")),
        ),
        parameter("bending", ParameterKind::Bool, Some(json!(false))),
        parameter(
            "points",
            ParameterKind::Numbers { integers: false },
            Some(json!([1, 2.5])),
        ),
        parameter("geometry", ParameterKind::Group { fields: geometry }, None),
        note,
    ])
}

fn parse(json: &str) -> Value {
    Value::parse(json).expect("valid JSON")
}

fn set(form: &mut Form, id: &str, text: &str) {
    let field = form
        .fields
        .iter_mut()
        .find(|field| field.id() == id)
        .expect("a field");
    text.clone_into(&mut field.text);
}

#[test]
fn a_form_shows_defaults_and_saved_inputs() {
    let form = Form::new(
        &bolt(),
        &parse(r#"{"geometry":{"turns":6},"gone":1,"grade":"12.9"}"#),
        Lang::Fr,
    );
    let texts: Vec<(String, &str)> = form
        .fields
        .iter()
        .map(|f| (f.id(), f.text.as_str()))
        .collect();
    let expected = [
        ("axial_load", "210000"),
        ("grade", "8.8"),
        ("bending", "false"),
        ("points", "1 ; 2,5"),
        ("geometry.length", "40,0"),
        ("geometry.turns", "6"),
        ("note", ""),
    ];
    assert_eq!(texts, expected.map(|(id, text)| (id.to_owned(), text)));
    assert_eq!(form.fields[0].shown(Lang::Fr), "210\u{202F}000");
    assert_eq!(form.fields[4].groups, ["Geometry"]);
    assert!(!form.fields[0].is_changed(Lang::Fr));
    assert_eq!(
        form.to_json(Lang::Fr).as_deref(),
        Ok(
            r#"{"axial_load":210000,"grade":"8.8","bending":false,"points":[1,2.5],"geometry":{"length":40.0,"turns":6},"note":null}"#
        )
    );
}

#[test]
fn what_is_typed_is_what_runs() {
    let mut form = Form::new(&bolt(), &parse("{}"), Lang::Fr);
    set(&mut form, "axial_load", "18,50");
    set(&mut form, "grade", "10.9");
    set(&mut form, "bending", "true");
    set(&mut form, "points", "0,5 ; 1 000 ; 3e2");
    set(&mut form, "geometry.turns", "4e1");
    set(&mut form, "note", "essai");
    assert!(form.fields[0].is_changed(Lang::Fr));
    assert_eq!(
        form.to_json(Lang::Fr).as_deref(),
        Ok(
            r#"{"axial_load":18.5,"grade":"10.9","bending":true,"points":[0.5,1000,300.0],"geometry":{"length":40.0,"turns":40},"note":"essai"}"#
        )
    );
    form.reset();
    assert_eq!(form.fields[0].text, "210000");
}

#[test]
fn every_wrong_field_is_named_in_words() {
    let mut form = Form::new(&bolt(), &parse("{}"), Lang::En);
    set(&mut form, "axial_load", "4o");
    set(&mut form, "points", "1, 2, x");
    let errors = form.to_json(Lang::En).expect_err("three errors");
    let found: Vec<(String, String)> = errors
        .iter()
        .map(|e| (e.field(), e.message(Lang::En)))
        .collect();
    let expected = [
        (
            "axial_load",
            "\"4o\" is not a number. Write digits, for example 40 or 4e1.",
        ),
        (
            "points",
            "Number 3 of the list: \"x\" is not a number. Write digits, for example 40 or 4e1.",
        ),
        ("geometry.turns", "Turns is empty. Write a whole number."),
    ];
    assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(
        errors[2].message(Lang::Fr),
        "Turns\u{a0}: rien n’est écrit. Écrivez un nombre entier."
    );
}

#[test]
fn lists_are_read_as_people_paste_them() {
    let list = |text: &str, lang| {
        list::parse_list(text, false, lang)
            .map(|v| Value::List(v).to_json(crate::value::Arrays::Nested))
    };
    for (text, lang, json) in [
        ("1, 2.5, 3", Lang::En, "[1,2.5,3]"),
        ("1,2,3", Lang::En, "[1,2,3]"),
        ("[1,2.5]", Lang::Fr, "[1,2.5]"),
        ("1,5 2,5", Lang::Fr, "[1.5,2.5]"),
        ("1, 2, 3", Lang::Fr, "[1,2,3]"),
        ("1,5; 2", Lang::Fr, "[1.5,2]"),
        ("1.5\n2.5\n", Lang::En, "[1.5,2.5]"),
        ("1\t2", Lang::En, "[1,2]"),
        ("10 000; 20 000", Lang::En, "[10000,20000]"),
        ("[]", Lang::En, "[]"),
    ] {
        assert_eq!(list(text, lang).as_deref(), Ok(json), "{text}");
    }
    assert_eq!(
        list("1 2 three", Lang::En),
        Err(Fault::Item {
            place: 3,
            typed: "three".to_owned(),
            fault: NumberFault::NotANumber
        })
    );
}

#[test]
fn a_matrix_is_written_as_json() {
    let matrix = parameter(
        "m",
        ParameterKind::Numbers { integers: false },
        Some(json!([[1.5, 2], [3, 4]])),
    );
    let form = Form::new(&signature(vec![matrix]), &parse("{}"), Lang::Fr);
    assert_eq!(form.fields[0].text, "[[1.5,2],[3,4]]");
    assert_eq!(form.fields[0].shown(Lang::Fr), "[[1.5,2],[3,4]]");
    assert_eq!(
        form.to_json(Lang::Fr).as_deref(),
        Ok(r#"{"m":[[1.5,2],[3,4]]}"#)
    );
}

#[test]
fn a_field_of_no_known_type_takes_numbers_as_typed() {
    let any = parameter("x", ParameterKind::Json, None);
    let mut form = Form::new(&signature(vec![any]), &parse("{}"), Lang::Fr);
    set(&mut form, "x", "0,12");
    assert_eq!(form.to_json(Lang::Fr).as_deref(), Ok(r#"{"x":0.12}"#));
    set(&mut form, "x", r#"{"a": "b"}"#);
    assert_eq!(form.to_json(Lang::Fr).as_deref(), Ok(r#"{"x":{"a":"b"}}"#));
    set(&mut form, "x", "steel");
    let errors = form.to_json(Lang::En).expect_err("no JSON");
    assert_eq!(
        errors[0].message(Lang::En),
        "Line 1 of the JSON: 's' is not expected here; check commas and quotation marks."
    );
}

#[test]
fn a_group_that_may_be_absent_stays_absent() {
    let fields = vec![parameter("x", ParameterKind::Float, Some(json!(1.0)))];
    let mut group = parameter("offset", ParameterKind::Group { fields }, Some(json!(null)));
    group.nullable = true;
    let signature = signature(vec![group]);
    let mut form = Form::new(&signature, &parse("{}"), Lang::En);
    assert_eq!(form.to_json(Lang::En).as_deref(), Ok(r#"{"offset":null}"#));
    set(&mut form, "offset.x", "2");
    assert_eq!(
        form.to_json(Lang::En).as_deref(),
        Ok(r#"{"offset":{"x":2}}"#)
    );
}

#[test]
fn a_dictionary_style_form_comes_from_the_saved_inputs() {
    let signature = Signature {
        style: Style::Dict,
        parameters: vec![],
        summary: None,
    };
    let saved = parse(
        r#"{"force":1000,"grip_length":2.5,"steel":"C45","wet":true,"loads":[1,2],"part":{"d":3},"raw":[[1]]}"#,
    );
    let mut form = Form::new(&signature, &saved, Lang::En);
    let labels: Vec<&str> = form
        .fields
        .iter()
        .map(|f| f.parameter.label.as_str())
        .collect();
    assert_eq!(
        labels,
        ["Force", "Grip length", "Steel", "Wet", "Loads", "d", "Raw"]
    );
    set(&mut form, "force", "12.5");
    assert_eq!(
        form.to_json(Lang::En).as_deref(),
        Ok(
            r#"{"force":12.5,"grip_length":2.5,"steel":"C45","wet":true,"loads":[1,2],"part":{"d":3},"raw":[[1]]}"#
        )
    );
}

#[test]
fn the_server_names_what_is_wrong() {
    let valid =
        r#"{"axial_load":1,"grade":"10.9","points":[],"geometry":{"turns":5.0},"note":null}"#;
    assert!(validate(valid, &bolt()).is_ok());
    for (json, field, detail) in [
        ("{}", "geometry", "Geometry is empty. Write a JSON object."),
        (
            r#"{"geometry":{}}"#,
            "geometry.turns",
            "Turns is empty. Write a whole number.",
        ),
        (
            r#"{"geometry":{"turns":1.5}}"#,
            "geometry.turns",
            "Turns must be a whole number. It is 1.5.",
        ),
        (
            r#"{"axial_load":"12","geometry":{"turns":1}}"#,
            "axial_load",
            "Axial load must be a number. It is \"12\".",
        ),
        (
            r#"{"axial_load":true,"geometry":{"turns":1}}"#,
            "axial_load",
            "Axial load must be a number. It is true.",
        ),
        (
            r#"{"axial_load":null,"geometry":{"turns":1}}"#,
            "axial_load",
            "Axial load must be a number. It is null.",
        ),
        (
            r#"{"grade":"12.9","geometry":{"turns":1}}"#,
            "grade",
            "\"12.9\" is not one of the choices of Grade. Choose 8.8 or 10.9.",
        ),
        (
            r#"{"points":[1,"a"],"geometry":{"turns":1}}"#,
            "points",
            "Points must be a list of numbers. It is [… 2].",
        ),
        (
            r#"{"geometry":{"turns":1,"lenght":2}}"#,
            "geometry.lenght",
            "There is no input called \"lenght\". Use length or turns, or remove it.",
        ),
        (
            "[1]",
            "inputs",
            "The input must be a JSON object. It is [… 1].",
        ),
        (
            "{",
            "inputs",
            "Line 1 of the JSON: it ends too early; close every bracket and quotation mark.",
        ),
    ] {
        let problem = Problem::from(validate(json, &bolt()).expect_err(json));
        assert_eq!(
            (
                problem.code,
                problem.field.as_deref(),
                problem.detail.as_str()
            ),
            (ProblemCode::Invalid, Some(field), detail)
        );
    }
    let large = format!(
        "{{\"a\":\"{}\"}}",
        "x".repeat(crate::limits::MAX_INPUTS_BYTES)
    );
    let problem = Problem::from(validate(&large, &bolt()).expect_err("too large"));
    assert_eq!(problem.code, ProblemCode::TooLarge);
    assert_eq!(
        problem.detail,
        "The inputs are 10.0 MB, above the limit of 10 MB. Send less data."
    );
}

#[test]
fn the_run_list_says_what_changed() {
    let change =
        |before: &str, after: &str| describe_change(&parse(before), &parse(after), &bolt());
    assert_eq!(
        change(r#"{"axial_load":22}"#, r#"{"axial_load":22.0}"#),
        RunChange::Nothing
    );
    assert_eq!(
        change(
            r#"{"axial_load":22.0}"#,
            r#"{"axial_load":18.0,"points":[1,2,3,4,5],"geometry":{"turns":2}}"#
        ),
        RunChange::Input {
            name: "Axial load".to_owned(),
            before: "22.0".to_owned(),
            after: "18.0".to_owned(),
            unit: Some("kN".to_owned()),
            others: 2,
        }
    );
    let points = change("{}", r#"{"points":[1,2,3,4,5]}"#);
    assert!(
        matches!(points, RunChange::Input { before, after, .. } if before == "[1, 2.5]" && after == "[1, 2, 3, … (5)]")
    );
    let dict = Signature {
        style: Style::Dict,
        parameters: vec![],
        summary: None,
    };
    let removed = describe_change(&parse(r#"{"a":1,"b":2}"#), &parse(r#"{"a":1}"#), &dict);
    assert!(
        matches!(removed, RunChange::Input { name, before, after, .. } if name == "b" && before == "2" && after == "–")
    );
}

/// What an input may say at most before a linear reading of it takes seconds.
const QUICK: std::time::Duration = std::time::Duration::from_secs(10);

#[test]
fn a_change_among_very_many_keys_is_found_by_reading_each_once() {
    let dict = Signature {
        style: Style::Dict,
        parameters: vec![],
        summary: None,
    };
    let keys = |last: usize| -> String {
        let keys: Vec<_> = (0..100_000)
            .map(|n| format!("\"k{n}\":{}", if n == 99_999 { last } else { n }))
            .collect();
        format!("{{{}}}", keys.join(","))
    };
    let (before, after) = (parse(&keys(1)), parse(&keys(2)));
    let begun = std::time::Instant::now();
    let change = describe_change(&before, &after, &dict);
    assert!(begun.elapsed() < QUICK, "{:?}", begun.elapsed());
    assert_eq!(
        change,
        RunChange::Input {
            name: "K99999".to_owned(),
            before: "1".to_owned(),
            after: "2".to_owned(),
            unit: None,
            others: 0,
        }
    );
}

#[test]
fn a_key_that_is_gone_from_a_group_is_a_change() {
    let dict = Signature {
        style: Style::Dict,
        parameters: vec![],
        summary: None,
    };
    let change = describe_change(
        &parse(r#"{"g":{"a":1,"b":2}}"#),
        &parse(r#"{"g":{"a":1}}"#),
        &dict,
    );
    assert!(
        matches!(change, RunChange::Input { name, before, after, others: 0, .. } if name == "b" && before == "2" && after == "–")
    );
}

#[test]
fn a_large_value_is_quoted_by_its_beginning() {
    let dict = Signature {
        style: Style::Dict,
        parameters: vec![],
        summary: None,
    };
    let rows = format!("{{\"a\":[{}[0]]}}", "[1,2,3],".repeat(1_000));
    let change = describe_change(&parse("{}"), &parse(&rows), &dict);
    let RunChange::Input { after, .. } = change else {
        panic!("it changed");
    };
    assert_eq!(after, "[[1,2,3],[1,2,3],[1,2,3],[1,2,3],[1,2,3…");
}

#[test]
fn very_many_inputs_are_checked_by_reading_each_once() {
    let mut signature = bolt();
    let one = signature.parameters[0].clone();
    signature.parameters = (0..30_000)
        .map(|n| Parameter {
            name: format!("p{n}"),
            ..one.clone()
        })
        .collect();
    let inputs: Vec<_> = (0..30_000).map(|n| format!("\"p{n}\":1.5")).collect();
    let inputs = format!("{{{}}}", inputs.join(","));
    let begun = std::time::Instant::now();
    validate(&inputs, &signature).expect("they fit");
    assert!(begun.elapsed() < QUICK, "{:?}", begun.elapsed());
}
