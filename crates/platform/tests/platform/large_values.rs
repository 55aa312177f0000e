//! Inputs, results and figures that do not fit a row go through presigned URLs, and nobody sees
//! the difference.

use crate::harness::*;
use domain::run::{RunChange, RunStatus};
use futures::FutureExt;
use platform::{Config, runs};
use protocol::execute::ExecuteRequest;
use std::{
    cell::Cell,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

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
    // A figure in a slot is found without its result.
    let stored = platform.data.object(&format!("runs/{run}/1/result"));
    std::fs::remove_file(stored).expect("it is there");
    assert!(runs::result(s, c, run).await.is_err(), "control");
    runs::figure(s, c, run, 0).await.expect("still a figure");
}

#[tokio::test]
async fn everything_can_be_an_object() {
    let worker = FakeWorker::start(4, |request, _| {
        assert!(request.inputs.is_none() && request.inputs_url.is_some());
        success()
    })
    .await;
    let platform = Platform::open_with(|config| config.objects.inline_bytes = 0).await;
    platform.dispatch_to(&worker).await;
    let task = platform.task(CODE).await;
    let run = platform.submit(task, r#"{"force":1}"#).await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert_eq!(detail.inputs, r#"{"force":1}"#);
    let stored = platform.data.object(&format!("runs/{run}"));
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

/// What `work` makes, the longest time in which nobody else had a turn, and the whole time.
async fn longest_pause<T>(work: impl Future<Output = T>) -> (T, Duration, Duration) {
    let longest = Cell::new(Duration::ZERO);
    let others = async {
        loop {
            let before = Instant::now();
            tokio::time::sleep(Duration::from_millis(1)).await;
            longest.set(longest.get().max(before.elapsed()));
        }
    };
    let begun = Instant::now();
    let done = tokio::select! {
        // The others see a pause before the work is over.
        biased;
        () = others => unreachable!("they go on"),
        done = work => done,
    };
    (done, longest.get(), begun.elapsed())
}

fn many_keys(value: usize) -> String {
    let keys: Vec<_> = (0..400_000).map(|n| format!("\"k{n}\":{value}")).collect();
    format!("{{{}}}", keys.join(","))
}

#[tokio::test]
async fn large_inputs_and_results_keep_nobody_waiting() {
    let finished = completed(&format!("[{}]", many_keys(1)));
    let worker = FakeWorker::always(Answer::Script(vec![finished])).await;
    // All inline, so that the run before can be compared in full.
    let inline = |config: &mut Config| config.objects.inline_bytes = 32 << 20;
    let platform = Platform::open_with(inline).await;
    let task = platform.task(CODE).await;
    platform.submit(task, &many_keys(1)).await;
    let inputs = many_keys(2);
    let submitted = platform.submit(task, &inputs);
    let (run, longest, whole) = longest_pause(submitted).await;
    assert!(longest < whole / 3, "{longest:?} of {whole:?}");
    let change = platform.get(run).await.summary.change;
    assert!(
        matches!(
            change,
            RunChange::Input {
                others: 399_999,
                ..
            }
        ),
        "{change:?}"
    );
    let ended = async {
        platform.dispatch_to(&worker).await;
        platform.ended(run).await
    };
    let (detail, longest, whole) = longest_pause(ended).await;
    assert_eq!(detail.summary.status, RunStatus::Completed);
    assert!(longest < whole / 3, "{longest:?} of {whole:?}");
}
