//! Inputs, results and figures that do not fit a row go through presigned URLs, and nobody sees
//! the difference.

use crate::harness::*;
use domain::run::RunStatus;
use futures::FutureExt;
use platform::runs;
use protocol::execute::ExecuteRequest;
use std::sync::{Arc, Mutex};

fn large_inputs() -> String {
    format!(r#"{{"values":[{}0]}}"#, "1,".repeat(50_000))
}

/// A worker that reads its inputs, uploads them as its result and a figure, and names both.
async fn worker(read: Arc<Mutex<Option<String>>>) -> FakeWorker {
    FakeWorker::start(4, move |request, _| {
        let read = Arc::clone(&read);
        let slots = request.upload_urls.as_ref().expect("upload slots");
        let key = slots.result.key.clone();
        let work = move |request: ExecuteRequest| {
            let read = Arc::clone(&read);
            async move {
                let http = reqwest::Client::new();
                let get = http.get(request.inputs_url.expect("large inputs come as a URL"));
                let inputs = get.send().await.expect("an answer");
                let inputs = inputs.error_for_status().expect("readable");
                let inputs = inputs.text().await.expect("text");
                *read.lock().expect("not poisoned") = Some(inputs.clone());
                let slots = request.upload_urls.expect("upload slots");
                let result = format!(
                    r#"{{"figure":{{"$type":"figure","format":"svg","index":0,"width":10,"height":10}},"inputs":{inputs}}}"#
                );
                for (slot, body) in [
                    (&slots.figures[0], "<svg xmlns='http://www.w3.org/2000/svg'/>".into()),
                    (&slots.result, result),
                ] {
                    let put = http.put(&slot.url).body(body).send().await;
                    let put = put.expect("an answer").error_for_status();
                    put.expect("stored");
                }
            }
            .boxed()
        };
        let finished =
            format!(r#"{{"event":"finished","status":"completed","result_key":"{key}"}}"#);
        Answer::Script(vec![started(), Step::Do(Arc::new(work)), line(&finished)])
    })
    .await
}

#[tokio::test]
async fn large_values_and_figures_arrive() {
    let read = Arc::default();
    let worker = worker(Arc::clone(&read)).await;
    let platform = Platform::with(&worker).await;
    let task = platform.task(CODE).await;
    let inputs = large_inputs();
    let run = platform.submit(task, &inputs).await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.inputs, inputs);
    assert_eq!(*read.lock().expect("not poisoned"), Some(inputs.clone()));
    let (s, c) = (&platform.services, &platform.caller);
    let result = runs::result(s, c, run).await.expect("a result");
    assert!(result.json.contains(&inputs));
    assert_eq!(detail.result_bytes, Some(result.json.len() as u64));
    let figure = runs::figure(s, c, run, 0).await.expect("a figure");
    assert_eq!(figure.media_type, "image/svg+xml");
    assert!(figure.bytes.starts_with(b"<svg"));
    assert!(
        runs::figure(s, c, run, 1).await.is_err(),
        "there is no second"
    );
}

#[tokio::test]
async fn everything_can_be_an_object() {
    let worker = FakeWorker::start(4, |request, _| {
        assert!(request.inputs.is_none() && request.inputs_url.is_some());
        success()
    })
    .await;
    let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    let platform = Platform::open_at(folder, |config| config.objects.inline_bytes = 0).await;
    platform.dispatch_to(&worker).await;
    let task = platform.task(CODE).await;
    let run = platform.submit(task, r#"{"force":1}"#).await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.inputs, r#"{"force":1}"#);
    let stored = platform.folder.path().join(format!("objects/runs/{run}"));
    assert!(stored.join("inputs").is_file());
    assert!(stored.join("1/result").is_file());
    let result = runs::result(&platform.services, &platform.caller, run).await;
    assert_eq!(result.expect("a result").json, r#"{"stress":100.0}"#);
}

#[tokio::test]
async fn a_figure_without_a_slot_is_read_from_the_result() {
    let figure =
        r#"{"$type":"figure","format":"png","index":0,"width":1,"height":1,"data":"iVBORw0KGgo="}"#;
    let answer = Answer::Script(vec![completed(figure)]);
    let platform = Platform::with(&FakeWorker::always(answer).await).await;
    let run = platform.run().await;
    platform.ended(run).await;
    let figure = runs::figure(&platform.services, &platform.caller, run, 0).await;
    assert_eq!(figure.expect("a figure").media_type, "image/png");
}
