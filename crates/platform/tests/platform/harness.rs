//! A platform in a temporary folder and a worker that plays a script.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    http::{Method, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::{any, post},
    serve::ListenerExt,
};
use bytes::Bytes;
use domain::{
    RunId, TaskId,
    event::{RunEvent, RunEventKind},
    run::{RunDetail, RunStatus},
};
use futures::{StreamExt, TryStreamExt, stream};
use platform::{
    Caller, Config, Services, accounts,
    config::{
        DataDir, DispatchConfig, LocalAccount, ObjectsConfig, PublicUrl, WorkerAddress,
        WorkerSource,
    },
    objects::{self, SignedQuery},
    runs::{self, SubmitRun},
    tasks::{self, NewTask},
};
use protocol::execute::ExecuteRequest;
use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc, watch},
    time::sleep,
};

/// Long enough for everything that is to happen, short enough to fail in.
pub const SOON: Duration = Duration::from_secs(30);

/// Longer than any test: what is to happen only then does not happen.
pub const NEVER: Duration = Duration::from_secs(3600);

/// Timings of a second where production has half a minute; but nothing is found by looking now and
/// then, so that a test fails when something should have been told and was not.
pub fn quick() -> DispatchConfig {
    DispatchConfig {
        lease: NEVER,
        renew_every: NEVER,
        silence: Duration::from_millis(600),
        answer: Duration::from_secs(2),
        grace: Duration::from_secs(1),
        retry_pause: Duration::from_millis(20),
        reconcile_every: NEVER,
        look_again: NEVER,
        stop_within: Duration::from_secs(2),
        ..DispatchConfig::default()
    }
}

/// An open platform with its one user.
pub struct Platform {
    pub services: Services,
    pub caller: Caller,
    pub worker: watch::Sender<Option<WorkerAddress>>,
    pub folder: Arc<TempDir>,
}

impl Platform {
    /// Opened without a worker and without a dispatcher.
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// The same, configured otherwise.
    pub async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        Self::open_at(folder, change).await
    }

    pub async fn open_at(folder: Arc<TempDir>, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let (worker, source) = watch::channel(None);
        let mut config = Config {
            data: DataDir(folder.path().to_owned()),
            public: PublicUrl {
                url: "https://mecapy.example.eu".into(),
                reachable: true,
            },
            objects: ObjectsConfig::at(format!("http://{address}")),
            worker: WorkerSource(source),
            dispatch: quick(),
            account: LocalAccount { name: "Ada".into() },
        };
        change(&mut config);
        let services = Services::open(&config).await.expect("the platform opens");
        let caller = accounts::local(&services).await.expect("a user");
        let app = Router::new()
            .route("/objects/{*key}", any(object))
            .with_state(services.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            services,
            caller,
            worker,
            folder,
        }
    }

    /// Opened and dispatching to that worker.
    pub async fn with(worker: &FakeWorker) -> Self {
        let platform = Self::open().await;
        platform.dispatch_to(worker).await;
        platform
    }

    pub async fn dispatch_to(&self, worker: &FakeWorker) {
        self.worker.send_replace(Some(worker.address()));
        let started = self.services.start_dispatcher().await;
        started.expect("the dispatcher starts");
    }

    pub async fn task(&self, code: &str) -> TaskId {
        let new = NewTask {
            name: "Bolt".into(),
            code: code.into(),
            ..NewTask::default()
        };
        let task = tasks::create(&self.services, &self.caller, new).await;
        task.expect("a task").id
    }

    pub async fn submit(&self, task: TaskId, inputs: &str) -> RunId {
        let run = runs::submit(&self.services, &self.caller, submit(task, inputs)).await;
        run.expect("submitted").summary.id
    }

    /// A new task's run.
    pub async fn run(&self) -> RunId {
        let task = self.task(CODE).await;
        self.submit(task, "{}").await
    }

    pub async fn get(&self, run: RunId) -> RunDetail {
        let run = runs::get(&self.services, &self.caller, run).await;
        run.expect("the run is there")
    }

    /// The run once it has ended.
    pub async fn ended(&self, run: RunId) -> RunDetail {
        let waited = runs::wait(&self.services, &self.caller, run, SOON).await;
        let detail = waited.expect("the run is there");
        assert!(detail.summary.status.is_final(), "still {detail:?}");
        detail
    }

    pub async fn cancel(&self, run: RunId) {
        let cancelled = runs::cancel(&self.services, &self.caller, run).await;
        cancelled.expect("cancelled");
    }

    /// Waits for the first event that fits, live.
    pub async fn until(&self, run: RunId, fits: impl Fn(&RunEventKind) -> bool) -> RunEvent {
        let events = runs::events(&self.services, &self.caller, run, 0).await;
        let mut events = events
            .expect("events")
            .try_filter(|event| std::future::ready(fits(&event.kind)));
        let found = tokio::time::timeout(SOON, events.next()).await;
        found
            .expect("it happens soon")
            .expect("it happens at all")
            .expect("readable")
    }

    /// The whole story of a run that ends: numbered without a gap, one final event, at its end.
    pub async fn story(&self, run: RunId) -> Vec<RunEvent> {
        let events = runs::events(&self.services, &self.caller, run, 0).await;
        let all = events.expect("events").try_collect::<Vec<_>>();
        let all = tokio::time::timeout(SOON, all).await.expect("it ends soon");
        let all = all.expect("readable");
        for (event, seq) in all.iter().zip(1..) {
            assert_eq!(event.seq, seq, "no gap in {all:#?}");
        }
        let finals = all.iter().filter(|event| event.kind.is_final()).count();
        assert_eq!(finals, 1, "one final event in {all:#?}");
        assert!(all.last().is_some_and(|last| last.kind.is_final()));
        all
    }
}

/// Code in the dictionary style: any inputs fit it.
pub const CODE: &str = "def calculate(inputs):\n    return {'stress': 100.0}\n";

pub fn submit(task: TaskId, inputs: &str) -> SubmitRun {
    SubmitRun {
        task,
        version: None,
        inputs: Some(inputs.into()),
        limits: None,
        idempotency_key: None,
    }
}

/// The names of events, for comparison.
pub fn names(story: &[RunEvent]) -> Vec<&'static str> {
    let name = |event: &RunEvent| match event.kind {
        RunEventKind::Queued => "queued",
        RunEventKind::Attempt => "attempt",
        RunEventKind::Started { .. } => "started",
        RunEventKind::Log { .. } => "log",
        RunEventKind::Progress { .. } => "progress",
        RunEventKind::Requeued { .. } => "requeued",
        RunEventKind::Finished { status, .. } => status.as_str(),
    };
    story.iter().map(name).collect()
}

async fn object(
    State(services): State<Services>,
    Path(key): Path<String>,
    Query(query): Query<SignedQuery>,
    method: Method,
    body: Bytes,
) -> Response {
    let answer = match method {
        Method::GET => objects::read_signed(&services, &key, &query)
            .await
            .map(IntoResponse::into_response),
        _ => objects::write_signed(&services, &key, &query, body)
            .await
            .map(|()| StatusCode::NO_CONTENT.into_response()),
    };
    answer.unwrap_or_else(|error| (StatusCode::FORBIDDEN, error.to_string()).into_response())
}

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

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How many runs are in that state.
pub async fn count(platform: &Platform, status: RunStatus) -> u64 {
    let query = runs::RunQuery {
        status: Some(status),
        limit: Some(1),
        ..runs::RunQuery::default()
    };
    let page = runs::list(&platform.services, &platform.caller, query).await;
    page.expect("a list").total
}
