//! An object store as the platform's own: an object is written once, and other bytes are refused.

use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// What was put, by path, with its media type.
pub type Objects = Arc<Mutex<BTreeMap<String, (String, Vec<u8>)>>>;

/// How long everything below `/slow` takes.
pub const SLOW: Duration = Duration::from_secs(3);

#[derive(Clone, Default)]
struct Store {
    objects: Objects,
    failed_once: Arc<AtomicBool>,
}

/// A store at the address given. It refuses everything below `/refused`; the first request below
/// `/late` fails, as stores sometimes do; what is below `/slow` takes [`SLOW`].
pub fn start() -> (String, Objects) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let store = Store::default();
    let objects = Arc::clone(&store.objects);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let store = store.clone();
            thread::spawn(move || store.serve(stream));
        }
    });
    (base, objects)
}

/// Upload slots in `folder`: one for the result, and so many for figures.
pub fn slots(base: &str, folder: &str, figures: usize) -> serde_json::Value {
    let slot = |name: &str| json!({"key": format!("runs/1/{name}"), "url": format!("{base}{folder}/{name}?sig=x")});
    let figures: Vec<_> = (0..figures).map(|n| slot(&format!("figure-{n}"))).collect();
    json!({"result": slot("result"), "figures": figures})
}

impl Store {
    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("one more handle"));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0)
        {
        }
        let length = header(&head, "content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        let _ = reader.read_exact(&mut body);
        let (status, answer) = self.answer(&head, body);
        let _ = write!(
            stream,
            "HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        let _ = stream.write_all(&answer);
    }

    fn answer(&self, head: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
        let mut words = head.split(' ');
        let (method, path) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        if path.starts_with("/refused") {
            return (403, Vec::new());
        }
        if path.starts_with("/late") && !self.failed_once.swap(true, Ordering::SeqCst) {
            return (503, Vec::new());
        }
        if path.starts_with("/slow") {
            thread::sleep(SLOW);
        }
        let mut objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let there = objects.get(path).map(|(_, body)| body.clone());
        match (method, there) {
            ("PUT", Some(there)) if there != body => (409, Vec::new()),
            ("PUT", _) => {
                let media_type = header(head, "content-type").unwrap_or_default();
                objects.insert(path.to_owned(), (media_type, body));
                (200, Vec::new())
            }
            (_, there) => (200, there.unwrap_or_default()),
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let lower = head.to_ascii_lowercase();
    let at = lower.find(&format!("\r\n{name}: "))? + name.len() + 4;
    Some(head[at..].lines().next()?.to_owned())
}
