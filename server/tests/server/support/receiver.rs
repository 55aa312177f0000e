//! Somebody who is told of runs: a small HTTP server that remembers what arrives.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use super::PATIENCE;

/// Longer than a needless second delivery takes to come.
const QUIET: Duration = Duration::from_millis(1500);

/// A request as it came.
#[derive(Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("{name}"));
        value.to_str().expect("ASCII")
    }
}

struct Shared {
    arrived: UnboundedSender<Received>,
    /// The next answers; 200 when there is none.
    answers: Mutex<VecDeque<Reply>>,
}

enum Reply {
    Status(u16),
    Redirect(u16, String),
    /// None at all.
    Hang,
    /// Success, with a body without end.
    Endless,
}

/// Listens on loopback until it is dropped.
pub struct Receiver {
    pub port: u16,
    arrived: UnboundedReceiver<Received>,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Self {
        Self::start_at(0).await
    }

    pub async fn start_at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let (sender, arrived) = unbounded_channel();
        let shared = Arc::new(Shared {
            arrived: sender,
            answers: Mutex::default(),
        });
        let app = Router::new()
            .route("/{*path}", post(take).get(take))
            .with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("it serves");
        });
        Self {
            port,
            arrived,
            shared,
            serving,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?key=query-marker", self.port)
    }

    /// How the next requests are answered.
    pub fn answer(&self, statuses: &[u16]) {
        for status in statuses {
            self.reply(Reply::Status(*status));
        }
    }

    /// The next request is sent on to another address.
    pub fn redirect(&self, status: u16, location: &str) {
        self.reply(Reply::Redirect(status, location.to_owned()));
    }

    /// The next request gets no answer.
    pub fn hang(&self) {
        self.reply(Reply::Hang);
    }

    /// The next request is answered with success and a body without end.
    pub fn never_end(&self) {
        self.reply(Reply::Endless);
    }

    fn reply(&self, reply: Reply) {
        let mut answers = self.shared.answers.lock().expect("not poisoned");
        answers.push_back(reply);
    }

    pub async fn next(&mut self) -> Received {
        let next = timeout(PATIENCE, self.arrived.recv()).await;
        next.expect("it arrives").expect("the receiver listens")
    }

    /// Waits a while, and nothing comes.
    pub async fn nothing(&mut self) {
        let next = timeout(QUIET, self.arrived.recv()).await;
        assert!(next.is_err(), "nothing more is told: {next:?}");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.into()).expect("UTF-8");
    let next = shared.answers.lock().expect("not poisoned").pop_front();
    // Nobody may be waiting any more.
    let _ = shared.arrived.send(Received { headers, body });
    let status = |code| StatusCode::from_u16(code).expect("a status");
    match next {
        None => StatusCode::OK.into_response(),
        Some(Reply::Status(code)) => status(code).into_response(),
        Some(Reply::Redirect(code, to)) => (status(code), [("location", to)]).into_response(),
        Some(Reply::Hang) => std::future::pending().await,
        Some(Reply::Endless) => {
            let chunk = || Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1024]));
            let body = futures::stream::repeat_with(chunk);
            Body::from_stream(body).into_response()
        }
    }
}
