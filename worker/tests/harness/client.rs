//! The dispatcher's side of `POST /execute`, as plain as it can be.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::event::LogStream;
use protocol::execute::{ExecuteEvent, Finished, Started};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// What the workers under test accept.
pub const TOKEN: &str = "token of the tests";
/// A worker that says nothing for this long has failed its test.
const SILENCE: Duration = Duration::from_secs(120);

#[derive(Clone, Debug)]
pub struct Request {
    pub body: Value,
}

impl Request {
    pub fn new(code: impl AsRef<str>) -> Self {
        Self {
            body: json!({"run_id": "test", "code": STANDARD.encode(code.as_ref())}),
        }
    }

    pub fn limit(mut self, name: &str, value: u64) -> Self {
        self.body["limits"][name] = value.into();
        self
    }

    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.body[name] = value;
        self
    }
}

/// The story of one run.
#[derive(Debug)]
pub struct Run {
    pub started: Option<Started>,
    pub stdout: String,
    pub stderr: String,
    pub notes: String,
    pub progress: Vec<(f64, String)>,
    pub alive: usize,
    pub finished: Finished,
    pub took: Duration,
}

impl Run {
    pub fn result_text(&self) -> &str {
        match &self.finished.result {
            Some(result) => result.get(),
            None => panic!("no result: {}", self.describe()),
        }
    }

    pub fn result(&self) -> Value {
        serde_json::from_str(self.result_text()).expect("a result is JSON")
    }

    /// Kind and message of the error.
    pub fn error(&self) -> (String, &str) {
        match &self.finished.error {
            Some(error) => {
                let kind = serde_json::to_value(error.kind).expect("kinds are words");
                (kind.as_str().unwrap_or_default().to_owned(), &error.message)
            }
            None => panic!("no error: {}", self.describe()),
        }
    }

    #[track_caller]
    pub fn fails_as(&self, kind: &str, words: &str) {
        let (found, message) = self.error();
        assert_eq!(found, kind, "{message}");
        assert!(message.contains(words), "{message:?} contains {words:?}");
    }

    pub fn describe(&self) -> String {
        let mut text = self.finished.to_json(false);
        text.truncate(text.floor_char_boundary(600));
        format!("{text} {}", self.stderr.get(..400).unwrap_or(&self.stderr))
    }
}

/// Sends one request and gives the connection, its status line and its headers, lower case.
pub fn send(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (BufReader<TcpStream>, u16, String) {
    let mut stream = TcpStream::connect(addr).expect("the worker listens");
    stream
        .set_read_timeout(Some(SILENCE))
        .expect("a timeout can be set");
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).expect("the worker reads");
    // A refusal may come, and the connection close, before all of a large body is written.
    let _ = stream.write_all(body);
    let mut reader = BufReader::new(stream);
    let mut answer = String::new();
    while !answer.ends_with("\r\n\r\n") {
        assert!(
            reader.read_line(&mut answer).expect("an answer") > 0,
            "{answer}"
        );
    }
    let status = answer
        .get(9..12)
        .and_then(|code| code.parse().ok())
        .expect("a status");
    (reader, status, answer.to_ascii_lowercase())
}

/// Reads what is left of an answer, whether it comes in chunks or not.
pub fn rest(reader: BufReader<TcpStream>, headers: &str) -> String {
    let mut text = Vec::new();
    if headers.contains("transfer-encoding: chunked") {
        for piece in Chunks(reader) {
            text.extend(piece);
        }
    } else {
        let mut reader = reader;
        reader.read_to_end(&mut text).expect("an answer to its end");
    }
    String::from_utf8(text).expect("text")
}

/// The chunks of a chunked answer, as they come.
pub struct Chunks(pub BufReader<TcpStream>);

impl Iterator for Chunks {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut size = String::new();
        self.0.read_line(&mut size).expect("the size of a chunk");
        let size = usize::from_str_radix(size.trim(), 16).expect("a hexadecimal size");
        let mut chunk = vec![0; size + 2];
        self.0.read_exact(&mut chunk).expect("a whole chunk");
        chunk.truncate(size);
        (size > 0).then_some(chunk)
    }
}

/// Runs and waits for the end, whatever it is.
pub fn execute(addr: SocketAddr, request: &Request) -> Run {
    let began = Instant::now();
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Accept", "application/x-ndjson"),
    ];
    let body = request.body.to_string();
    // Every slot may be taken by another test for a moment.
    let (reader, answer) = loop {
        let (reader, status, answer) = send(addr, "POST", "/execute", &headers, body.as_bytes());
        if status == 503 {
            assert!(began.elapsed() < SILENCE, "the worker stays full");
            std::thread::sleep(Duration::from_millis(20));
            continue;
        }
        assert_eq!(status, 200, "{answer}{}", rest(reader, &answer));
        break (reader, answer);
    };
    story(&rest(reader, &answer), began)
}

fn story(lines: &str, began: Instant) -> Run {
    let mut run = Run {
        started: None,
        stdout: String::new(),
        stderr: String::new(),
        notes: String::new(),
        progress: Vec::new(),
        alive: 0,
        finished: Finished {
            status: domain::run::RunStatus::Running,
            result: None,
            result_key: None,
            result_bytes: None,
            error: None,
            given_back: false,
            usage: Default::default(),
        },
        took: Duration::ZERO,
    };
    for line in lines.lines() {
        match ExecuteEvent::from_line(line).expect("every line is an event") {
            ExecuteEvent::Started(started) => run.started = Some(started),
            ExecuteEvent::Alive => run.alive += 1,
            ExecuteEvent::Log { stream, text } => match stream {
                LogStream::Stdout => run.stdout.push_str(&text),
                LogStream::Stderr => run.stderr.push_str(&text),
                LogStream::System => run.notes.push_str(&text),
            },
            ExecuteEvent::Progress { fraction, message } => run.progress.push((fraction, message)),
            ExecuteEvent::Finished(finished) => run.finished = finished,
        }
    }
    assert!(
        run.finished.status.is_final(),
        "the last line is the end: {lines}"
    );
    run.took = began.elapsed();
    run
}
