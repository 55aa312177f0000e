//! A production server of several processes, and what a client that does not give up says to it.

use crate::{
    proxy::Proxy,
    support::{self, Answer, DataDir, PATIENCE, Server, eventually, listening_port},
};
use reqwest::{Client, Method};
use rustix::process::Signal;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};
use testbed::{S3, Testbed};
use tokio::time::sleep;

pub const WORKERS: usize = 3;
pub const SLOTS: usize = 2;
const TOKEN: &str = "the token of the workers";
/// A client's pause before it asks again.
const PAUSE: Duration = Duration::from_millis(100);
/// Until what failed must have been overcome.
pub const OVERCOME_WITHIN: Duration = Duration::from_secs(150);

pub struct Cluster {
    pub testbed: Testbed,
    /// Empty places are servers that were killed.
    pub webs: Vec<Option<Server>>,
    pub dispatchers: Vec<Option<Server>>,
    pub workers: Vec<Worker>,
    proxy: Proxy,
    turn: AtomicUsize,
}

impl Cluster {
    pub async fn start() -> Self {
        Self::start_with(|_, _| {}).await
    }

    /// `change` may alter the command of each server, which are numbered.
    pub async fn start_with(change: impl Fn(usize, &mut Command)) -> Self {
        let testbed = Testbed::start().await;
        let workers: Vec<_> = (0..WORKERS).map(|_| Worker::start()).collect();
        let proxy = Proxy::start(workers.iter().map(|worker| worker.addr).collect()).await;
        let mut cluster = Self {
            testbed,
            webs: Vec::new(),
            dispatchers: Vec::new(),
            workers,
            proxy,
            turn: AtomicUsize::new(0),
        };
        for n in 0..2 {
            cluster.webs.push(Some(cluster.server("web", n, &change)));
        }
        for n in 0..2 {
            let dispatcher = cluster.server("dispatcher", 2 + n, &change);
            cluster.dispatchers.push(Some(dispatcher));
        }
        cluster
    }

    fn server(&self, role: &str, n: usize, change: impl Fn(usize, &mut Command)) -> Server {
        let data = DataDir::new();
        let mut command = support::command(data.path());
        command
            .args(["serve", "--role", role])
            .env("DATABASE_URL", self.testbed.postgres.url())
            .env("REDIS_URL", self.testbed.redis.url())
            .env("S3_BUCKET", S3::BUCKET)
            .env("S3_ENDPOINT", self.testbed.s3.endpoint())
            .env("AWS_REGION", S3::REGION)
            .env("AWS_ACCESS_KEY_ID", S3::ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", S3::SECRET_ACCESS_KEY)
            .env("MECAPY_WORKER_URL", format!("http://{}", self.proxy.addr))
            .env("MECAPY_WORKER_TOKEN", TOKEN)
            // So that results go through S3 too.
            .env("MECAPY_INLINE_BYTES", "0");
        change(n, &mut command);
        let log = data.path().join("log");
        eprintln!("{role} {n} logs to {}", log.display());
        Server::start_logged(command, data, &log)
    }

    /// Asks a web server, and another when that one is gone or says that it cannot now.
    pub async fn ask(&self, method: Method, path: &str, key: &str, body: Option<&Value>) -> Answer {
        let begun = Instant::now();
        loop {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            let web = self.webs.iter().flatten().nth(turn % 2);
            let web = web.or(self.webs.iter().flatten().next());
            let mut request = web
                .expect("a web server is left")
                .request(method.clone(), path);
            if !key.is_empty() {
                request = request.header("Idempotency-Key", key);
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            match request.send().await {
                Ok(response) if response.status() != 503 => {
                    let status = response.status().as_u16();
                    let headers = response.headers().clone();
                    // A connection may end in the middle of an answer too.
                    if let Ok(text) = response.text().await {
                        assert!(status < 500, "{method} {path}: {status} {text}");
                        return Answer {
                            status,
                            headers,
                            text,
                        };
                    }
                }
                _ => {}
            }
            assert!(begun.elapsed() < OVERCOME_WITHIN, "{method} {path}");
            sleep(PAUSE).await;
        }
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, "", None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// Waits until every slot of every worker that is left is free.
    pub async fn idle(&self) {
        let begun = Instant::now();
        for worker in self.workers.iter().filter(|worker| !worker.killed) {
            while worker.slots_free().await != SLOTS as u64 {
                assert!(begun.elapsed() < PATIENCE, "a worker is still busy");
                sleep(PAUSE).await;
            }
        }
    }
}

/// A worker of its own.
pub struct Worker {
    process: Child,
    pub addr: SocketAddr,
    pub killed: bool,
}

impl Worker {
    fn start() -> Self {
        let mut command = support::worker_command();
        let process = command
            .env("MECAPY_ADDR", "127.0.0.1:0")
            .env("MECAPY_WORKER_SLOTS", SLOTS.to_string())
            .env(
                "MECAPY_WORKER_TOKEN_SHA256",
                hex::encode(Sha256::digest(TOKEN)),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the worker starts");
        let port = eventually("the worker listens", || listening_port(process.id()));
        let worker = Self {
            process,
            addr: SocketAddr::from(([127, 0, 0, 1], port)),
            killed: false,
        };
        eventually("the worker is ready", || {
            let answer = ureq(&format!("http://{}/readyz", worker.addr));
            answer.starts_with("HTTP/1.1 200").then_some(())
        });
        worker
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn signal(&self, signal: Signal) {
        support::send_signal(self.pid(), signal);
    }

    pub fn kill(&mut self) {
        self.process.kill().expect("it was there");
        self.process.wait().expect("it ends");
        self.killed = true;
    }

    async fn slots_free(&self) -> u64 {
        let url = format!("http://{}/readyz", self.addr);
        let ready = Client::new().get(url).send().await.expect("it answers");
        let ready: Value = ready.json().await.expect("JSON");
        ready["slots_free"].as_u64().expect("a number")
    }

    /// Its processes that hold more memory than this, bytes.
    pub fn processes_over(&self, bytes: u64) -> usize {
        descendants(self.pid())
            .into_iter()
            .filter(|pid| resident(*pid) > bytes)
            .count()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A GET without a runtime: the start of the answer, or nothing.
fn ureq(url: &str) -> String {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").expect("http");
    let (addr, path) = rest.split_once('/').expect("a path");
    let Ok(mut stream) = std::net::TcpStream::connect(addr) else {
        return String::new();
    };
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn descendants(of: u32) -> Vec<u32> {
    let mut all = vec![of];
    let mut next = 0;
    while let Some(pid) = all.get(next).copied() {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            all.extend(children.split_whitespace().flat_map(str::parse::<u32>));
        }
        next += 1;
    }
    all
}

fn resident(pid: u32) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: u64 = statm
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or(0);
    pages * rustix::param::page_size() as u64
}
