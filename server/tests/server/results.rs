//! `/api/runs/{id}/result`, figures, charts and the self-contained page.

use crate::support::{Answer, Server};
use reqwest::Method;
use serde_json::json;

const ALL_KINDS: &str = "def calculate():
    import numpy as np
    from mecapy import Chart
    x = np.linspace(0, 1, 2000)
    chart = Chart('Line', x=[1, 2, 3]).line([4, 5, 6])
    return {'x': x, 'big': 2**80, 'nan': float('nan'), 'chart': chart}
";

#[tokio::test]
async fn json_is_lists_by_default_and_packed_for_who_asks() {
    let server = Server::start();
    let run = completed(&server).await;
    let path = format!("/api/runs/{run}/result");
    let plain = server.get(&path).await;
    assert!(plain.header("content-type").starts_with("application/json"));
    assert!(plain.text.contains("1208925819614629174706176"));
    let plain = plain.json();
    assert_eq!(plain["x"].as_array().map(Vec::len), Some(2000));
    assert_eq!(plain["nan"], json!({"$type": "number", "value": "NaN"}));
    let packed = server
        .request(Method::GET, &path)
        .header("Accept", "application/vnd.mecapy.typed+json");
    let packed = Answer::of(packed).await;
    assert_eq!(
        packed.header("content-type"),
        "application/vnd.mecapy.typed+json"
    );
    assert_eq!(packed.json()["x"]["$type"], "array");
    assert_eq!(packed.json()["x"]["shape"], json!([2000]));
}

#[tokio::test]
async fn csv_and_json_are_saved_as_files_for_who_asks() {
    let server = Server::start();
    let run = completed(&server).await;
    let path = format!("/api/runs/{run}/result");
    let csv = server.get(&format!("{path}?format=csv&download=1")).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert_eq!(
        csv.header("content-disposition"),
        format!("attachment; filename=\"result-{run}.csv\"")
    );
    let by_accept = server
        .request(Method::GET, &path)
        .header("Accept", "text/csv");
    assert_eq!(Answer::of(by_accept).await.text, csv.text);
    let json = server.get(&format!("{path}?download=1")).await;
    assert!(json.header("content-disposition").ends_with(".json\""));
    server
        .get(&format!("{path}?format=xlsx"))
        .await
        .problem(422);
}

#[tokio::test]
async fn a_ragged_matrix_is_a_file_little_larger_than_itself() {
    let server = Server::start();
    let code = "def calculate():\n    return [[0] * 20_000] + [[0]] * 20_000\n";
    let run = server.ran(code, json!({})).await;
    let path = format!(
        "/api/runs/{}/result?format=csv",
        run["id"].as_str().expect("an id")
    );
    let csv = server.get(&path).await;
    assert_eq!(csv.status, 200);
    assert!(csv.text.len() < 1_000_000, "{}", csv.text.len());
    assert_eq!(csv.text.lines().filter(|line| *line == "0").count(), 20_000);
}

#[tokio::test]
async fn a_chart_is_downloaded_as_svg_and_png() {
    let server = Server::start();
    let run = completed(&server).await;
    let svg = server.get(&format!("/api/runs/{run}/charts/0.svg")).await;
    assert_eq!(svg.status, 200, "{}", svg.text);
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert!(svg.text.contains("<svg") && svg.text.contains("Line"));
    let png = server.request(Method::GET, &format!("/api/runs/{run}/charts/0.png"));
    let png = png.send().await.expect("an answer");
    assert_eq!(png.headers()["content-type"], "image/png");
    assert!(png.bytes().await.expect("a body").starts_with(b"\x89PNG"));
    for name in ["1.svg", "0.gif", "0", "x.svg", "-1.png", "0.svg.png"] {
        server
            .get(&format!("/api/runs/{run}/charts/{name}"))
            .await
            .problem(404);
    }
}

#[tokio::test]
async fn the_exported_page_stands_alone() {
    let server = Server::start();
    let run = completed(&server).await;
    let page = server.get(&format!("/api/runs/{run}/export.html")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.header("content-disposition")
            .starts_with("attachment; filename=")
    );
    for outside in ["src=\"/", "href=\"/", "src=\"http", "url(/"] {
        assert!(!page.text.contains(outside), "{outside}");
    }
    assert!(page.text.contains("<svg"));
}

async fn completed(server: &Server) -> String {
    let run = server.ran(ALL_KINDS, json!({})).await;
    assert_eq!(run["status"], "completed", "{}", run["error"]);
    run["id"].as_str().expect("an id").to_owned()
}
