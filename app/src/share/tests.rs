//! What a shared page, its file and its end promise.

use super::{
    ExportContext, SharedPageContext, preview_png, render_export, render_gone, render_shared_page,
};
use domain::{
    Lang, RunId, TaskId, Timestamp,
    limits::Limits,
    run::{Headline, Provenance, RunChange, RunDetail, RunStatus, RunSummary},
    share::SharedRun,
    value::FigureFormat,
};
use std::collections::BTreeMap;

const CHART: &str = r#"{"$type":"chart","title":"Joint","x":{"label":"Path","unit":"mm","values":[0,1,2]},"y":{"label":"Force","unit":"kN"},"series":[{"label":"Bolt","kind":"line","values":[0,2,3]}]}"#;

fn shared() -> SharedRun {
    let at = Timestamp::from_millis(1_795_511_560_000);
    let summary = RunSummary {
        id: RunId(uuid::Uuid::from_u128(7)),
        task_id: TaskId(uuid::Uuid::from_u128(8)),
        task_name: "Bolt <b>M12</b> & \"friends\"".to_owned(),
        number: 18,
        version: 9,
        status: RunStatus::Completed,
        attempt: 1,
        enqueued_at: at,
        started_at: Some(at),
        finished_at: Some(at),
        wall_ms: Some(4.2),
        error: None,
        headline: Some(Headline {
            label: "Stress".to_owned(),
            value: "142.3".to_owned(),
            unit: Some("MPa".to_owned()),
        }),
        change: RunChange::First,
    };
    let name = summary.task_name.clone();
    SharedRun {
        task_name: name,
        description: "One bolt.".to_owned(),
        author: "Claire Morel".to_owned(),
        code: (0..40).map(|n| format!("x_{n} = '<script>'\n")).collect(),
        run: RunDetail {
            summary,
            inputs: r#"{"force":12.0,"note":"</td><script>alert(1)</script>"}"#.to_owned(),
            limits: Limits::default(),
            cpu_ms: None,
            memory_peak_mb: Some(31.0),
            provenance: Provenance {
                python: "3.11.2".to_owned(),
                code_sha256: "ca978112ca1bbdca".repeat(4),
                ..Provenance::default()
            },
            result_bytes: None,
            position: None,
        },
        result: Some(format!(
            r#"{{"Stress":{{"$type":"quantity","value":142.3,"unit":"MPa"}},"chart":{CHART},
               "figure":{{"$type":"figure","format":"png","index":3,"width":10,"height":10}}}}"#
        )),
        shared_at: at,
        expires_at: None,
    }
}

fn page(lang: Lang) -> String {
    let context = SharedPageContext {
        lang,
        pkg: "/pkg/abc",
        path: "/r/tok",
        origin: "https://mecapy.example",
        parameters: &[],
    };
    render_shared_page(&shared(), &context)
}

/// Every value of an attribute in a document.
fn all<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    html.split(&opening)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn the_page_shows_inputs_result_chart_code_and_provenance() {
    let html = page(Lang::En);
    for part in [
        "Claire Morel",
        "24 November 2026",
        "v9, run 18",
        "142",
        "MPa",
        "Show all 40 lines",
        "Python 3.11.2",
        "ca978112 ca1bbdca",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    assert!(
        html.contains("role=\"img\"") && html.contains("class=\"c1\""),
        "the chart is drawn"
    );
    assert!(html.contains("src=\"/r/tok/figures/3\""));
    assert!(html.contains("action=\"/r/tok/copy\""));
}

#[test]
fn nothing_that_a_user_wrote_becomes_markup() {
    let html = page(Lang::En);
    assert!(!html.contains("<b>M12") && !html.contains("alert(1)</script>"));
    // The one script of the page is our file.
    assert_eq!(html.matches("<script").count(), 1);
    assert!(html.contains("<script src=\"/share.js\" defer></script>"));
}

#[test]
fn other_programs_are_told_with_whole_addresses() {
    let html = page(Lang::Fr);
    assert!(html.contains("<html lang=\"fr\">"));
    assert!(
        html.contains("property=\"og:image\" content=\"https://mecapy.example/r/tok/preview.png\"")
    );
    assert!(
        html.contains(
            "og:title\" content=\"Bolt &lt;b&gt;M12&lt;/b&gt; &amp; &quot;friends&quot;\""
        )
    );
    assert!(
        html.contains("Stress 142,3 MPa"),
        "the description begins with the headline"
    );
    let preview = preview_png(&shared(), Lang::Fr).expect("drawn");
    assert_eq!(&preview[1..4], b"PNG");
}

#[test]
fn the_file_asks_for_nothing() {
    let figures = BTreeMap::from([(3, (FigureFormat::Png, b"png".to_vec()))]);
    let context = ExportContext {
        lang: Lang::En,
        css: "@font-face{src:url(fonts/a-core.woff2)}@font-face{src:url(fonts/b.woff2)}p{color:red}",
        file: &|_| Some(b"font".to_vec()),
        figures: &figures,
        parameters: &[],
    };
    let html = render_export(&shared(), &context);
    assert!(html.contains("Content-Security-Policy") && html.contains("data:image/png;base64,"));
    for address in all(&html, "src").into_iter().chain(all(&html, "href")) {
        assert!(
            address.starts_with("data:") || address.starts_with('#'),
            "{address}"
        );
    }
    assert!(!html.contains("url(fonts") && !html.contains("<script") && !html.contains("<form"));
}

#[test]
fn a_run_without_a_result_says_why() {
    let mut shared = shared();
    shared.result = None;
    shared.run.summary.status = RunStatus::Cancelled;
    let context = SharedPageContext {
        lang: Lang::En,
        pkg: "/pkg/abc",
        path: "/r/tok",
        origin: "http://127.0.0.1:7979",
        parameters: &[],
    };
    let html = render_shared_page(&shared, &context);
    assert!(html.contains("cancelled before it had a result"));
}

#[test]
fn links_that_open_nothing_say_what_to_do_in_both_languages() {
    let english = render_gone(Lang::En, "/pkg/abc");
    assert!(english.contains("This link opens nothing") && english.contains("Ask who sent it"));
    assert!(render_gone(Lang::Fr, "/pkg/abc").contains("Ce lien n’ouvre rien"));
}
