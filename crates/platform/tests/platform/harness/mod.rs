//! A platform in a temporary folder and a worker that plays a script.

mod worker;

pub use worker::*;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use bytes::Bytes;
use domain::{
    RunId, TaskId,
    event::{RunEvent, RunEventKind},
    run::{RunDetail, RunStatus},
};
use futures::{StreamExt, TryStreamExt};
use platform::{
    Caller, Config, Services, accounts,
    config::{
        DataDir, DatabaseConfig, DispatchConfig, LocalAccount, ObjectStoreConfig, ObjectsConfig,
        PublicUrl, QueueConfig, S3Config, WebhookConfig, WorkerAddress, WorkerSource,
    },
    objects::{self, SignedQuery},
    runs::{self, SubmitRun},
    tasks::{self, NewTask},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, sqlite::SqliteConnectOptions};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use testbed::{S3, Testbed};
use tokio::{net::TcpListener, sync::watch};

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
    pub data: Arc<Data>,
    pub config: Config,
}

/// Where a platform keeps what it stores: in a folder or, when `TEST_PROFILE` is `production`, in
/// services of its own.
pub struct Data {
    pub folder: TempDir,
    pub services: Option<Testbed>,
}

impl Data {
    pub async fn new() -> Arc<Self> {
        let production = std::env::var("TEST_PROFILE").is_ok_and(|one| one == "production");
        let services = if production {
            Some(Testbed::start().await)
        } else {
            None
        };
        Arc::new(Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            services,
        })
    }

    fn configure(&self, config: &mut Config) {
        let Some(services) = &self.services else {
            return;
        };
        config.database = DatabaseConfig::Postgres(services.postgres.url().into());
        config.queue = QueueConfig::Redis(services.redis.url().into());
        config.objects.store = ObjectStoreConfig::S3(S3Config {
            bucket: S3::BUCKET.into(),
            endpoint: Some(services.s3.endpoint()),
            region: S3::REGION.into(),
            access_key_id: S3::ACCESS_KEY_ID.into(),
            secret_access_key: S3::SECRET_ACCESS_KEY.to_owned().into(),
        });
    }

    /// Everything in the database, as bytes in which texts are found.
    pub fn database(&self) -> Vec<u8> {
        let Some(services) = &self.services else {
            let files = std::fs::read_dir(self.folder.path()).expect("readable");
            let read = files.flatten().map(|file| std::fs::read(file.path()));
            return read.flatten().flatten().collect();
        };
        services.postgres.dump().into_bytes()
    }

    /// Changes one row behind the platform's back.
    pub async fn change(&self, sql: &str) {
        let changed = match &self.services {
            None => {
                let file = self.folder.path().join("mecapy.db");
                let options = SqliteConnectOptions::new().filename(file);
                let mut database = options.connect().await.expect("it opens");
                let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut database).await;
                done.expect("done").rows_affected()
            }
            Some(services) => {
                let url = services.postgres.url();
                let mut database = PgConnection::connect(&url).await.expect("it connects");
                let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut database).await;
                done.expect("done").rows_affected()
            }
        };
        assert_eq!(changed, 1, "{sql}");
    }

    /// The file of an object, wherever objects are.
    pub fn object(&self, key: &str) -> PathBuf {
        match &self.services {
            Some(services) => services.s3.file(key),
            None => self.folder.path().join("objects").join(key),
        }
    }
}

impl Platform {
    /// Opened without a worker and without a dispatcher.
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// The same, configured otherwise.
    pub async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::open_at(Data::new().await, change).await
    }

    pub async fn open_at(data: Arc<Data>, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let (worker, source) = watch::channel(None);
        let mut config = Config {
            data: DataDir(data.folder.path().to_owned()),
            database: DatabaseConfig::default(),
            queue: QueueConfig::default(),
            public: PublicUrl {
                url: "https://mecapy.example.eu".into(),
                reachable: true,
            },
            objects: ObjectsConfig::at(format!("http://{address}")),
            worker: WorkerSource(source),
            dispatch: quick(),
            account: LocalAccount { name: "Ada".into() },
            webhooks: WebhookConfig::default(),
        };
        data.configure(&mut config);
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
            data,
            config,
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
        files: Vec::new(),
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
