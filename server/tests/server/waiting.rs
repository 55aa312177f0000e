//! `?wait` on results, and the forms a result comes in.

use crate::support::{Answer, ENDLESS, STRESS, Server};
use arrow_array::{RecordBatch, cast::AsArray, types::Float64Type};
use reqwest::Method;
use serde_json::json;

const ARROW: &str = "application/vnd.apache.arrow.stream";
const PARQUET: &str = "application/vnd.apache.parquet";
const TYPED: &str = "application/vnd.mecapy.typed+json";
const TABLE: &str = "def calculate():
    import numpy as np, pandas as pd
    from mecapy import Q
    return {'x': Q([1.5, float('nan')], 'mm'), 'y': [1, None], 't': pd.to_datetime(['2026-01-02', None])}
";

#[tokio::test]
async fn a_result_is_waited_for() {
    let server = Server::start();
    let code = "import time\ndef calculate():\n    time.sleep(0.5)\n    return 1\n";
    let started = server
        .post("/api/tasks/execute", &json!({"code": code}))
        .await;
    assert_eq!(started.status, 202, "{}", started.text);
    let (task, run) = (&started.json()["task_id"], &started.json()["run_id"]);
    let (task, run) = (task.as_str().expect("an id"), run.as_str().expect("an id"));
    let result = server.get(&format!("/api/runs/{run}/result?wait=60")).await;
    assert_eq!((result.status, result.text.as_str()), (200, "1"));
    let results = server
        .get(&format!("/api/tasks/{task}/results?wait=60"))
        .await;
    assert_eq!(results.json()["result"], 1);
}

#[tokio::test]
async fn waiting_is_over_in_time_and_says_so() {
    let server = Server::start();
    let run = server.begun(ENDLESS).await;
    let task = server.get(&format!("/api/runs/{run}")).await.json()["task_id"].clone();
    let task = task.as_str().expect("an id");
    for path in [
        format!("/api/runs/{run}/result"),
        format!("/api/tasks/{task}/results"),
    ] {
        let late = server.get(&format!("{path}?wait=0.1")).await;
        assert_eq!(late.problem(409)["code"], "not_completed");
        let long = server.get(&format!("{path}?wait=61")).await;
        assert_eq!(long.problem(422)["field"], "wait");
    }
}

#[tokio::test]
async fn packed_arrays_come_wherever_a_result_does() {
    let server = Server::start();
    let code = "def calculate():\n    import numpy as np\n    return np.linspace(0, 1, 2000)\n";
    let typed = |method, path: String| {
        let request = server.request(method, &path).header("Accept", TYPED);
        Answer::of(request.json(&json!({})))
    };
    let task = server.task(code, json!({})).await;
    for plain in ["application/json", "*/*"] {
        let request = server.request(Method::POST, &format!("/api/tasks/{task}/execute?wait=60"));
        let run = Answer::of(request.header("Accept", plain)).await;
        assert_eq!(run.header("content-type"), "application/json");
        assert!(run.json()["result"].is_array());
    }
    let executed = typed(Method::POST, format!("/api/tasks/{task}/execute?wait=60")).await;
    let results = typed(Method::GET, format!("/api/tasks/{task}/results")).await;
    for answer in [executed, results] {
        assert_eq!(answer.header("content-type"), TYPED, "{}", answer.text);
        assert_eq!(answer.json()["result"]["$type"], "array");
    }
}

#[tokio::test]
async fn a_table_is_read_as_arrow_and_parquet() {
    let server = Server::start();
    let run = server.ran(TABLE, json!({})).await;
    assert_eq!(run["status"], "completed", "{run}");
    let result = format!("/api/runs/{}/result", run["id"].as_str().expect("an id"));
    let results = format!(
        "/api/tasks/{}/results",
        run["task_id"].as_str().expect("an id")
    );
    for path in [&result, &results] {
        let (kind, stream) = bytes(&server, path, ARROW).await;
        assert_eq!(kind, ARROW);
        let mut reader =
            arrow_ipc::reader::StreamReader::try_new(&stream[..], None).expect("a stream");
        check(&reader.next().expect("a batch").expect("readable"));
        let (kind, file) = bytes(&server, path, PARQUET).await;
        assert_eq!(kind, PARQUET);
        let file = bytes::Bytes::from(file);
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file);
        let mut reader = reader.expect("a file").build().expect("a reader");
        check(&reader.next().expect("a batch").expect("readable"));
    }
    let file = server
        .get(&format!("{result}?format=parquet&download=1"))
        .await;
    assert_eq!(file.header("content-type"), PARQUET);
    assert!(file.header("content-disposition").ends_with(".parquet\""));
}

fn check(batch: &RecordBatch) {
    use arrow_array::Array;
    let schema = batch.schema();
    assert_eq!(batch.num_rows(), 2);
    assert_eq!(
        schema.field(0).metadata().get("unit").map(String::as_str),
        Some("mm")
    );
    let x = batch.column(0).as_primitive::<Float64Type>();
    assert!(x.value(0) == 1.5 && x.is_valid(1) && x.value(1).is_nan());
    assert!(batch.column(1).is_valid(0) && batch.column(1).is_null(1));
    assert!(schema.field(2).data_type().is_temporal(), "{schema:?}");
}

#[tokio::test]
async fn a_result_that_is_no_table_says_what_there_is() {
    let server = Server::start();
    let run = server.ran(STRESS, json!({"force": 1, "section": 1})).await;
    let path = format!("/api/runs/{}/result", run["id"].as_str().expect("an id"));
    for format in ["arrow", "parquet"] {
        let problem = server
            .get(&format!("{path}?format={format}"))
            .await
            .problem(406);
        assert_eq!(problem["available"][0], "application/json");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|said| said.contains("text/csv"))
        );
    }
    let (kind, _) = bytes(&server, &path, &format!("{ARROW}, application/json;q=0.5")).await;
    assert_eq!(
        kind, "application/json",
        "what will do as well is sent instead"
    );
}

async fn bytes(server: &Server, path: &str, accept: &str) -> (String, Vec<u8>) {
    let request = server.request(Method::GET, path).header("Accept", accept);
    let response = request.send().await.expect("an answer");
    let kind = response.headers()["content-type"].to_str().expect("ASCII");
    (
        kind.to_owned(),
        response.bytes().await.expect("a body").to_vec(),
    )
}
