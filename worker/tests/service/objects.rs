//! Large inputs come from a presigned URL, large results and figures go to presigned slots.

use crate::harness::{Request, store, workers};
use serde_json::json;

const LARGE: &str = "def calculate(n: int = 50_000):\n    return list(range(n))";
const DRAWING: &str = "import matplotlib.pyplot as plt\ndef calculate():\n    fig, ax = plt.subplots()\n    ax.plot([1, 2])\n    return {'fig': fig}";

#[test]
fn large_inputs_are_fetched() {
    let (base, objects) = store::start();
    let inputs = json!({"values": vec![1.5; 200_000]}).to_string();
    objects
        .lock()
        .expect("the store")
        .insert("/inputs".to_owned(), (String::new(), inputs.into_bytes()));
    let code = "def calculate(values: list[float]):\n    return sum(values)";
    for worker in workers() {
        let request = Request::new(code).with("inputs_url", json!(format!("{base}/inputs")));
        assert_eq!(worker.run(&request).result().as_f64(), Some(300_000.0));
    }
}

#[test]
fn input_files_are_fetched_and_stand_under_a_path_of_the_run() {
    let (base, objects) = store::start();
    objects
        .lock()
        .expect("the store")
        .insert("/file".to_owned(), (String::new(), b"abc".to_vec()));
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let other = "0".repeat(64);
    let code =
        "def calculate(inputs):\n    path = inputs['data']\n    return [path, open(path).read()]";
    let request = |named: &str, sent: &str| {
        let value = json!({"$type": "file", "name": "a.csv", "bytes": 3, "sha256": named});
        Request::new(code)
            .with("inputs", json!({"data": value}))
            .with(
                "files",
                json!([{"sha256": sent, "bytes": 3, "url": format!("{base}/file")}]),
            )
    };
    for worker in workers() {
        let run = worker.run(&request(sha256, sha256));
        assert_eq!(run.result(), json!(["/tmp/inputs/1/a.csv", "abc"]));
        // What the store has is not what was asked for.
        worker
            .run(&request(&other, &other))
            .fails_as("infrastructure", "not the file that was asked for");
        worker
            .run(&request(&other, sha256))
            .fails_as("invalid_inputs", "did not come with the inputs");
    }
}

#[test]
fn a_large_result_is_uploaded_and_a_small_one_is_not() {
    let (base, objects) = store::start();
    for worker in workers() {
        let request = Request::new(LARGE).with("upload_urls", store::slots(&base, "", 2));
        let run = worker.run(&request);
        assert!(run.finished.result.is_none(), "{}", run.describe());
        assert_eq!(run.finished.result_key.as_deref(), Some("runs/1/result"));
        let (media_type, body) = objects
            .lock()
            .expect("the store")
            .remove("/result?sig=x")
            .expect("uploaded");
        assert_eq!(media_type, "application/json");
        assert_eq!(run.finished.result_bytes, Some(body.len() as u64));
        let values: Vec<u32> = serde_json::from_slice(&body).expect("a list");
        assert_eq!(values.len(), 50_000);

        let run = worker.run(&request.with("inputs", json!({"n": 3})));
        assert_eq!(run.result(), json!([0, 1, 2]));
        assert!(objects.lock().expect("the store").is_empty());
    }
}

#[test]
fn the_caller_says_what_is_small() {
    let (base, objects) = store::start();
    let request = Request::new("def calculate():\n    return 1")
        .with("upload_urls", store::slots(&base, "", 2))
        .with("inline_bytes", json!(0));
    let run = workers()[0].run(&request);
    assert_eq!(run.finished.result_key.as_deref(), Some("runs/1/result"));
    assert_eq!(objects.lock().expect("the store")["/result?sig=x"].1, b"1");
}

#[test]
fn figures_are_uploaded_to_their_slots() {
    let (base, objects) = store::start();
    for worker in workers() {
        let run =
            worker.run(&Request::new(DRAWING).with("upload_urls", store::slots(&base, "", 2)));
        let result = run.result();
        assert_eq!(result["fig"]["index"], 0);
        assert!(result["fig"].get("data").is_none(), "{result}");
        let (media_type, body) = objects
            .lock()
            .expect("the store")
            .remove("/figure-0?sig=x")
            .expect("uploaded");
        assert_eq!(media_type, "image/svg+xml");
        assert!(String::from_utf8_lossy(&body).contains("<svg"));
    }
}

#[test]
fn a_store_that_fails_once_is_asked_again() {
    let (base, objects) = store::start();
    let run =
        workers()[0].run(&Request::new(LARGE).with("upload_urls", store::slots(&base, "/late", 2)));
    assert!(run.finished.error.is_none(), "{}", run.describe());
    assert_eq!(objects.lock().expect("the store").len(), 1);
}

#[test]
fn a_store_that_refuses_is_infrastructure_and_its_url_stays_secret() {
    let (base, _) = store::start();
    let run = workers()[0]
        .run(&Request::new(LARGE).with("upload_urls", store::slots(&base, "/refused", 2)));
    run.fails_as("infrastructure", "could not be stored");
    assert!(!run.describe().contains("sig="), "{}", run.describe());
    let request = Request::new(LARGE).with("inputs_url", json!(format!("{base}/refused?sig=x")));
    let run = workers()[0].run(&request);
    run.fails_as("infrastructure", "could not be fetched");
    assert!(!run.describe().contains("sig="), "{}", run.describe());
}

#[test]
fn a_slow_store_does_not_make_the_worker_silent() {
    let (base, objects) = store::start();
    let slow = json!(format!("{base}/slow/inputs"));
    objects
        .lock()
        .expect("the store")
        .insert("/slow/inputs".to_owned(), (String::new(), b"{}".to_vec()));
    let code = "def calculate():\n    return 1";
    let run = workers()[0].run(&Request::new(code).with("inputs_url", slow));
    assert_eq!(run.result(), 1);
    assert!(run.alive >= 2, "{} alive events", run.alive);

    let slots = store::slots(&base, "/slow", 0);
    let run = workers()[0].run(&Request::new(LARGE).with("upload_urls", slots));
    assert!(run.finished.error.is_none(), "{}", run.describe());
    assert!(run.alive >= 2, "{} alive events", run.alive);
}
