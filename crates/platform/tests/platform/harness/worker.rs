//! A worker that speaks the protocol and plays a script, well or badly.

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use bytes::Bytes;
use domain::RunId;
use futures::stream;
use platform::config::WorkerAddress;
use protocol::execute::ExecuteRequest;
use std::{
    collections::HashMap,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
    time::sleep,
};

/// One step of what a worker does with a run.
#[derive(Clone)]
pub enum Step {
    /// A line of the protocol.
    Line(String),
    Raw(Vec<u8>),
    /// Writes `alive` until this is notified.
    AliveUntil(Arc<Notify>),
    /// Writes `alive` until the dispatcher closes the connection.
    AliveUntilClosed,
    /// Keeps the connection and writes nothing.
    Silence,
    /// Breaks the connection.
    Die,
    /// Writes `alive` while it does whatever it likes.
    Do(Arc<dyn Fn(ExecuteRequest) -> futures::future::BoxFuture<'static, ()> + Send + Sync>),
}

/// How a worker answers one request.
#[derive(Clone)]
pub enum Answer {
    Status(u16),
    /// Keeps the request and says nothing.
    Never,
    Script(Vec<Step>),
}

pub fn line(text: &str) -> Step {
    Step::Line(text.into())
}

pub fn started() -> Step {
    line(
        r#"{"event":"started","python":"3.11.2","packages":{"numpy":"2.4.6"},"packages_hash":"ab","sandbox_level":"full","sandbox_layers":["seccomp"]}"#,
    )
}

pub fn log(text: &str) -> Step {
    let text = serde_json::to_string(text).expect("a string");
    line(&format!(
        r#"{{"event":"log","stream":"stdout","text":{text}}}"#
    ))
}

pub fn completed(result: &str) -> Step {
    line(&format!(
        r#"{{"event":"finished","status":"completed","result":{result},"cpu_ms":1.5,"wall_ms":2.5,"memory_peak_mb":3.5}}"#
    ))
}

pub fn failed(kind: &str) -> Step {
    line(&format!(
        r#"{{"event":"finished","status":"failed","error":{{"kind":"{kind}","message":"It failed.","line":2}},"cpu_ms":1.5,"wall_ms":2.5,"memory_peak_mb":3.5}}"#
    ))
}

/// What most runs do.
pub fn success() -> Answer {
    Answer::Script(vec![started(), completed(r#"{"stress":100.0}"#)])
}

type Play = Arc<dyn Fn(&ExecuteRequest, usize) -> Answer + Send + Sync>;

/// Speaks the worker protocol on a port of its own.
#[derive(Clone)]
pub struct FakeWorker(Arc<Inner>);

struct Inner {
    url: String,
    slots: usize,
    play: Play,
    taken: AtomicUsize,
    most_taken: AtomicUsize,
    refused: AtomicUsize,
    closed: AtomicUsize,
    /// Times each run was taken.
    calls: Mutex<HashMap<String, usize>>,
    requests: Mutex<Vec<String>>,
}

impl FakeWorker {
    /// A worker whose answer depends on the request and on how often it has seen the run, from 1.
    pub async fn start(
        slots: usize,
        play: impl Fn(&ExecuteRequest, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let worker = Self(Arc::new(Inner {
            url: format!("http://{address}"),
            slots,
            play: Arc::new(play),
            taken: AtomicUsize::new(0),
            most_taken: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
            calls: Mutex::default(),
            requests: Mutex::default(),
        }));
        let app = Router::new()
            .route("/execute", post(execute))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(worker.clone());
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        worker
    }

    /// Every run gets the same answer.
    pub async fn always(answer: Answer) -> Self {
        Self::start(8, move |_, _| answer.clone()).await
    }

    pub fn address(&self) -> WorkerAddress {
        WorkerAddress {
            url: self.0.url.clone(),
            token: "secret".into(),
        }
    }

    /// How often it took the run.
    pub fn calls(&self, run: RunId) -> usize {
        let calls = self.0.calls.lock().expect("not poisoned");
        calls.get(&run.to_string()).copied().unwrap_or(0)
    }

    /// The runs it took, in order.
    pub fn order(&self) -> Vec<String> {
        self.0.requests.lock().expect("not poisoned").clone()
    }

    pub fn refused(&self) -> usize {
        self.0.refused.load(Ordering::SeqCst)
    }

    pub fn most_taken(&self) -> usize {
        self.0.most_taken.load(Ordering::SeqCst)
    }

    /// Connections the dispatcher closed before the script's end.
    pub fn closed(&self) -> usize {
        self.0.closed.load(Ordering::SeqCst)
    }
}

/// A taken slot, freed when dropped.
struct Taken(FakeWorker);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.taken.fetch_sub(1, Ordering::SeqCst);
    }
}

impl FakeWorker {
    fn take(&self) -> Option<Taken> {
        let inner = &self.0;
        let before = inner.taken.fetch_add(1, Ordering::SeqCst);
        let taken = Taken(self.clone());
        if before >= inner.slots {
            inner.refused.fetch_add(1, Ordering::SeqCst);
            return None;
        }
        inner.most_taken.fetch_max(before + 1, Ordering::SeqCst);
        Some(taken)
    }
}

async fn execute(State(worker): State<FakeWorker>, body: Bytes) -> Response {
    let request: ExecuteRequest = serde_json::from_slice(&body).expect("a request");
    let Some(slot) = worker.take() else {
        let head = [(RETRY_AFTER, "1")];
        return (StatusCode::SERVICE_UNAVAILABLE, head, "").into_response();
    };
    let run = request.run_id.clone().expect("a run id");
    let seen = {
        let mut calls = worker.0.calls.lock().expect("not poisoned");
        let seen = calls.entry(run.clone()).or_default();
        *seen += 1;
        *seen
    };
    worker.0.requests.lock().expect("not poisoned").push(run);
    match (worker.0.play)(&request, seen) {
        Answer::Status(status) => StatusCode::from_u16(status)
            .expect("a status")
            .into_response(),
        Answer::Never => std::future::pending().await,
        Answer::Script(steps) => {
            let (sender, receiver) = mpsc::channel(1);
            tokio::spawn(perform(worker, slot, request, steps, sender));
            let lines = stream::unfold(receiver, |mut receiver| async move {
                receiver.recv().await.map(|chunk| (chunk, receiver))
            });
            Body::from_stream(lines).into_response()
        }
    }
}

type Chunk = Result<Bytes, io::Error>;

async fn perform(
    worker: FakeWorker,
    slot: Taken,
    request: ExecuteRequest,
    steps: Vec<Step>,
    sender: mpsc::Sender<Chunk>,
) {
    let request = serde_json::to_string(&request).expect("serialises");
    for step in steps {
        let request = serde_json::from_str(&request).expect("a request");
        if !perform_step(step, request, &sender).await {
            worker.0.closed.fetch_add(1, Ordering::SeqCst);
            break;
        }
    }
    // As the real worker does: the slot is free before the answer ends.
    drop(slot);
    drop(sender);
}

/// False when the dispatcher has closed the connection.
async fn perform_step(step: Step, request: ExecuteRequest, sender: &mpsc::Sender<Chunk>) -> bool {
    let send = async |bytes: Vec<u8>| sender.send(Ok(bytes.into())).await.is_ok();
    match step {
        Step::Line(text) => send(format!("{text}\n").into_bytes()).await,
        Step::Raw(bytes) => send(bytes).await,
        Step::AliveUntil(notify) => {
            let alive = alive(sender);
            tokio::select! {
                () = notify.notified() => true,
                () = alive => false,
            }
        }
        Step::AliveUntilClosed => {
            alive(sender).await;
            false
        }
        Step::Silence => {
            sender.closed().await;
            false
        }
        Step::Die => {
            let _ = sender.send(Err(io::ErrorKind::BrokenPipe.into())).await;
            true
        }
        Step::Do(work) => tokio::select! {
            () = work(request) => true,
            () = alive(sender) => false,
        },
    }
}

/// Writes `alive` until the connection is closed.
async fn alive(sender: &mpsc::Sender<Chunk>) {
    loop {
        let line = Bytes::from_static(b"{\"event\":\"alive\"}\n");
        if sender.send(Ok(line)).await.is_err() {
            return;
        }
        tokio::select! {
            () = sleep(Duration::from_millis(50)) => {}
            () = sender.closed() => return,
        }
    }
}
