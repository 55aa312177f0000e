//! The layout, and what keeps it small.

use super::*;

fn csv(json: &str) -> String {
    of_result(&Value::parse(json).expect("valid JSON"))
}

#[test]
fn scalars_are_rows_of_name_value_unit() {
    assert_eq!(
        csv(
            r#"{"stress":{"$type":"quantity","value":52.02882980177223,"unit":"N·mm"},"part":{"n":-5,"ok":true},"note":"a, \"b\"","none":null}"#
        ),
        "name,value,unit\r\nstress,52.02882980177223,N·mm\r\npart › n,-5,\r\npart › ok,true,\r\nnote,\"a, \"\"b\"\"\",\r\nnone,,\r\n"
    );
    assert_eq!(csv("100.0"), "name,value,unit\r\n,100,\r\n");
}

#[test]
fn a_table_alone_is_only_a_table() {
    assert_eq!(
        csv(
            r#"{"sections":{"$type":"table","columns":[{"name":"name","dtype":"str","unit":null},{"name":"I","dtype":"float64","unit":"cm⁴"}],"data":[["IPE 200","IPE 220"],[1943.0,{"$type":"number","value":"NaN"}]]}}"#
        ),
        "name,I [cm⁴]\r\nIPE 200,1943\r\nIPE 220,NaN\r\n"
    );
}

#[test]
fn several_blocks_have_names_and_equal_lists_stand_side_by_side() {
    assert_eq!(
        csv(
            r#"{"a":1,"curve":{"x":{"$type":"quantity","value":[0,1],"unit":"m"},"y":[2.5,null]},"m":[[1,2],[3]],"r":[{"k":1},{"k":2,"l":"z"}],
            "c":{"$type":"chart","title":"Plot","x":{"label":"t","unit":"s","values":[0,1]},"y":{"unit":"mm"},"series":[{"label":"u","kind":"line","values":[1,null]},{"label":"w","kind":"band","values":[[1,2],null]}]}}"#
        ),
        [
            "name,value,unit",
            "a,1,",
            "",
            "curve",
            "x [m],y",
            "0,2.5",
            "1,",
            "",
            "m",
            "1,2",
            "1,2",
            "3,",
            "",
            "r",
            "k,l",
            "1,",
            "2,z",
            "",
            "Plot",
            "t [s],u [mm],w low [mm],w high [mm]",
            "0,1,1,2",
            "1,,,",
            "",
        ]
        .join("\r\n")
    );
}

#[test]
fn texts_that_look_like_formulas_are_harmless_and_numbers_stay_numbers() {
    assert_eq!(
        csv(
            r#"{"=1+1":"=cmd|' /C calc'!A0","b":"-5","c":-5,"d":"@SUM(A1)","e":"\tx","f":"+1","g":"\rx","h":"＝1","i":"a;=1;b-2","j":"a\r\nb"}"#
        ),
        "name,value,unit\r\n'=1+1,'=cmd|' /C calc'!A0,\r\nb,'-5,\r\nc,-5,\r\nd,'@SUM(A1),\r\ne,'\tx,\r\nf,'+1,\r\ng,\"'\rx\",\r\nh,'＝1,\r\ni,a;'=1;b-2,\r\nj,\"a\r\nb\",\r\n"
    );
}

#[test]
fn a_formula_in_a_table_or_header_is_harmless_too() {
    let text = csv(
        r#"{"t":{"$type":"table","columns":[{"name":"=A1","dtype":"str","unit":"=u"}],"data":[["=B1"]]},"u":{"$type":"quantity","value":1,"unit":"=C1"}}"#,
    );
    assert!(
        !text
            .lines()
            .flat_map(|line| line.split(','))
            .any(|cell| cell.starts_with('=')),
        "{text}"
    );
}

/// Far above what the layout may add, far below what it added when it filled every row.
const MOST_BYTES: usize = 2 * MAX_ADDED_BYTES;

#[test]
fn a_ragged_matrix_costs_no_more_than_its_cells() {
    let (wide, rows) = (20_000, 20_000);
    let text = format!("[[{}0]{}]", "0,".repeat(wide - 1), ",[0]".repeat(rows));
    let csv = csv(&text);
    assert!(csv.len() < MOST_BYTES, "{}", csv.len());
    assert_eq!(csv.lines().filter(|line| *line == "0").count(), rows);
    let control = self::csv("[[1,2,3],[4]]");
    assert_eq!(
        control, "1,2,3\r\n1,2,3\r\n4,,\r\n",
        "small ones are filled"
    );
}

#[test]
fn records_with_keys_of_their_own_become_scalars() {
    let records: Vec<_> = (0..20_000).map(|n| format!("{{\"k{n}\":{n}}}")).collect();
    let csv = csv(&format!("[{}]", records.join(",")));
    assert!(csv.len() < MOST_BYTES, "{}", csv.len());
    assert!(
        csv.starts_with("name,value,unit\r\n[0] › k0,0,\r\n"),
        "{}",
        &csv[..60]
    );
    assert!(csv.ends_with("[19999] › k19999,19999,\r\n"));
}

#[test]
fn long_records_are_read_once() {
    let keys: Vec<_> = (0..200_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let begun = std::time::Instant::now();
    let csv = csv(&format!("[{{{0}}},{{{0}}}]", keys.join(",")));
    assert!(csv.ends_with("199999\r\n"));
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn a_long_name_is_not_repeated_for_ever() {
    let scalars: Vec<_> = (0..10_000).map(|n| format!("\"s{n}\":{n}")).collect();
    let lists: Vec<_> = (0..10_000)
        .map(|n| format!("\"l{n}\":[{}0]", "0,".repeat(n % 2)))
        .collect();
    let name = "n".repeat(100_000);
    let csv = csv(&format!(
        "{{\"{name}\":{{{},{}}}}}",
        scalars.join(","),
        lists.join(",")
    ));
    assert!(csv.len() < MOST_BYTES, "{}", csv.len());
    assert!(csv.contains("\r\ns9999,9999,\r\n"), "the value is there");
    assert!(csv.contains("\r\nl9998\r\n0\r\n"), "so is the list");
}

#[test]
fn a_chart_of_many_short_series_is_written_series_by_series() {
    let series: Vec<_> = (0..5_000)
        .map(|n| format!("{{\"label\":\"s{n}\",\"values\":[{n}]}}"))
        .collect();
    let csv = csv(&format!(
        "{{\"$type\":\"chart\",\"x\":{{\"values\":[{}0]}},\"series\":[{}]}}",
        "0,".repeat(20_000),
        series.join(",")
    ));
    assert!(csv.len() < MOST_BYTES, "{}", csv.len());
    assert!(csv.ends_with("\r\ns4999\r\n4999\r\n"));
}

#[test]
fn packed_arrays_are_laid_out_as_the_lists_they_stand_for() {
    for lists in [
        "[1.5,2.0,3.0,4.0]",
        "[[1.5,2.0],[3.0,4.0]]",
        "[[[1.5],[2.0]],[[3.0],[4.0]]]",
    ] {
        let shape = match lists.matches("[[").count() {
            0 => "[4]",
            1 => "[2,2]",
            _ => "[2,2,1]",
        };
        let data = "AAAAAAAA+D8AAAAAAAAAQAAAAAAAAAhAAAAAAAAAEEA=";
        let packed = format!(
            "{{\"a\":{{\"$type\":\"array\",\"shape\":{shape},\"dtype\":\"<f8\",\"data\":\"{data}\"}},\"n\":1}}"
        );
        assert_eq!(
            csv(&packed),
            csv(&format!("{{\"a\":{lists},\"n\":1}}")),
            "{lists}"
        );
    }
}

#[test]
fn a_key_that_stands_twice_in_a_record_is_one_column() {
    assert_eq!(csv(r#"[{"$type":1,"$$type":2}]"#), "$type\r\n2\r\n");
}
