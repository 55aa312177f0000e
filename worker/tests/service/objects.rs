//! Large inputs come from a presigned URL, large results and figures go to presigned slots.

use crate::harness::{Request, workers};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

/// What was put, by path, with its media type.
type Objects = Arc<Mutex<BTreeMap<String, (String, Vec<u8>)>>>;

/// A store that keeps what it is given, and refuses everything below `/refused`. The first request
/// below `/late` fails, as stores sometimes do.
fn store() -> (String, Objects) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let objects = Objects::default();
    let kept = Arc::clone(&objects);
    thread::spawn(move || {
        let mut late = true;
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("one more handle"));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n")
                && reader.read_line(&mut head).is_ok_and(|read| read > 0)
            {}
            let mut words = head.split(' ');
            let (method, path) = (
                words.next().unwrap_or_default(),
                words.next().unwrap_or_default(),
            );
            let header = |name: &str| {
                let lower = head.to_ascii_lowercase();
                let at = lower.find(&format!("\r\n{name}: "))? + name.len() + 4;
                Some(head[at..].lines().next()?.to_owned())
            };
            let length = header("content-length")
                .and_then(|length| length.parse().ok())
                .unwrap_or(0);
            let mut body = vec![0; length];
            let _ = reader.read_exact(&mut body);
            let mut objects = kept.lock().expect("no panic with the lock held");
            let (status, answer) = if path.starts_with("/refused") {
                (403, Vec::new())
            } else if path.starts_with("/late") && std::mem::take(&mut late) {
                (503, Vec::new())
            } else if method == "PUT" {
                objects.insert(
                    path.to_owned(),
                    (header("content-type").unwrap_or_default(), body),
                );
                (200, Vec::new())
            } else {
                (
                    200,
                    objects
                        .get(path)
                        .map(|(_, body)| body.clone())
                        .unwrap_or_default(),
                )
            };
            drop(objects);
            let mut stream = stream;
            let _ = write!(
                stream,
                "HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            let _ = stream.write_all(&answer);
        }
    });
    (base, objects)
}

fn slots(base: &str, folder: &str) -> serde_json::Value {
    let slot = |name: &str| json!({"key": format!("runs/1/{name}"), "url": format!("{base}{folder}/{name}?sig=x")});
    json!({"result": slot("result"), "figures": [slot("figure-0"), slot("figure-1")]})
}

const LARGE: &str = "def calculate(n: int = 50_000):\n    return list(range(n))";
const DRAWING: &str = "import matplotlib.pyplot as plt\ndef calculate():\n    fig, ax = plt.subplots()\n    ax.plot([1, 2])\n    return {'fig': fig}";

#[test]
fn large_inputs_are_fetched() {
    let (base, objects) = store();
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
fn a_large_result_is_uploaded_and_a_small_one_is_not() {
    let (base, objects) = store();
    for worker in workers() {
        let request = Request::new(LARGE).with("upload_urls", slots(&base, ""));
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
    let (base, objects) = store();
    let request = Request::new("def calculate():\n    return 1")
        .with("upload_urls", slots(&base, ""))
        .with("inline_bytes", json!(0));
    let run = workers()[0].run(&request);
    assert_eq!(run.finished.result_key.as_deref(), Some("runs/1/result"));
    assert_eq!(objects.lock().expect("the store")["/result?sig=x"].1, b"1");
}

#[test]
fn figures_are_uploaded_to_their_slots() {
    let (base, objects) = store();
    for worker in workers() {
        let run = worker.run(&Request::new(DRAWING).with("upload_urls", slots(&base, "")));
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
    let (base, objects) = store();
    let run = workers()[0].run(&Request::new(LARGE).with("upload_urls", slots(&base, "/late")));
    assert!(run.finished.error.is_none(), "{}", run.describe());
    assert_eq!(objects.lock().expect("the store").len(), 1);
}

#[test]
fn a_store_that_refuses_is_infrastructure_and_its_url_stays_secret() {
    let (base, _) = store();
    let run = workers()[0].run(&Request::new(LARGE).with("upload_urls", slots(&base, "/refused")));
    run.fails_as("infrastructure", "could not be stored");
    assert!(!run.describe().contains("sig="), "{}", run.describe());
    let request = Request::new(LARGE).with("inputs_url", json!(format!("{base}/refused?sig=x")));
    let run = workers()[0].run(&request);
    run.fails_as("infrastructure", "could not be fetched");
    assert!(!run.describe().contains("sig="), "{}", run.describe());
}
