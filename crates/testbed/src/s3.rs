//! An S3 server that checks signatures, over files in a temporary folder.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, service::Service};
use hyper_util::rt::TokioIo;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

/// What requests meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Behaviour {
    Serves,
    /// Every request is answered with 503.
    Fails,
    /// No request is answered.
    Hangs,
}

/// A server with one empty bucket.
#[derive(Debug)]
pub struct S3 {
    addr: SocketAddr,
    folder: TempDir,
    behaviour: Arc<AtomicU8>,
    server: JoinHandle<()>,
}

impl S3 {
    pub const BUCKET: &str = "mecapy-storage";
    pub const ACCESS_KEY_ID: &str = "test-access-key";
    pub const SECRET_ACCESS_KEY: &str = "test-secret-key";
    pub const REGION: &str = "fr-par";

    /// # Panics
    /// There is no port or no temporary folder.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join(Self::BUCKET)).expect("a bucket");
        let files = FileSystem::new(folder.path()).expect("a folder");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(
            Self::ACCESS_KEY_ID,
            Self::SECRET_ACCESS_KEY,
        ));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("bound");
        let behaviour = Arc::new(AtomicU8::new(Behaviour::Serves as u8));
        let server = tokio::spawn(serve(listener, service, Arc::clone(&behaviour)));
        Self {
            addr,
            folder,
            behaviour,
            server,
        }
    }

    /// For `S3_ENDPOINT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// From now on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.behaviour.store(behaviour as u8, Ordering::SeqCst);
    }

    /// The file of an object.
    #[must_use]
    pub fn file(&self, key: &str) -> PathBuf {
        self.folder.path().join(Self::BUCKET).join(key)
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Body = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

async fn serve(listener: TcpListener, service: S3Service, behaviour: Arc<AtomicU8>) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = service.clone();
        let behaviour = Arc::clone(&behaviour);
        let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
            let service = service.clone();
            let behaviour = behaviour.load(Ordering::SeqCst);
            async move { answer(&service, behaviour, request).await }
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer),
        );
    }
}

async fn answer(
    service: &S3Service,
    behaviour: u8,
    request: Request<Incoming>,
) -> Result<Response<Body>, s3s::HttpError> {
    if behaviour == Behaviour::Hangs as u8 {
        std::future::pending::<()>().await;
    }
    if behaviour == Behaviour::Fails as u8 {
        let body = Full::new(Bytes::from_static(b"")).map_err(|never| match never {});
        let mut response = Response::new(UnsyncBoxBody::new(body));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return Ok(response);
    }
    let response = Service::call(service, request).await?;
    Ok(response.map(|body| UnsyncBoxBody::new(body.map_err(Into::into))))
}
