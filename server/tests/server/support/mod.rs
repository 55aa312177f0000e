//! A started server and what tests say to it.

mod answer;
mod receiver;

pub use answer::{Answer, SseReader};
pub use receiver::{Received, Receiver};

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Longest time anything in these tests may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// `calculate` of the reference document.
pub const STRESS: &str =
    "def calculate(inputs):\n    return {'stress': inputs['force'] / inputs['section']}\n";

/// A task that goes on until it is stopped.
pub const ENDLESS: &str =
    "def calculate():\n    print('begun', flush=True)\n    while True:\n        pass\n";

/// The command that starts a server on a free port with nothing of this process's environment.
pub fn command(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mecapy-server"));
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("MECAPY_ADDR", "127.0.0.1:0")
        .env("MECAPY_DATA_DIR", data_dir)
        .env("MECAPY_WORKER_BIN", worker_program())
        .env("MECAPY_WORKER_PYTHON", worker_python())
        .env("MECAPY_WORKER_PYTHONPATH", worker_python_path())
        .env("MECAPY_WORKER_SLOTS", "2")
        .env("MECAPY_USER_NAME", "Ada")
        .current_dir(data_dir)
        .stdin(Stdio::null());
    command
}

/// The command that starts a worker of its own.
#[allow(dead_code, reason = "the suite of several servers starts workers")]
pub fn worker_command() -> Command {
    let mut command = Command::new(worker_program());
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("MECAPY_WORKER_PYTHON", worker_python())
        .env("MECAPY_WORKER_PYTHONPATH", worker_python_path());
    command
}

fn worker_program() -> PathBuf {
    let sibling = Path::new(env!("CARGO_BIN_EXE_mecapy-server")).with_file_name("mecapy-worker");
    let program = env::var_os("MECAPY_WORKER_BIN").map_or(sibling, PathBuf::from);
    assert!(
        program.is_file(),
        "build mecapy-worker first: {} is missing",
        program.display()
    );
    program
}

/// The interpreter of the workers under test.
pub fn worker_python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = env::var_os("MECAPY_WORKER_PYTHON")
        .map_or(root.join(".venv/worker/bin/python"), PathBuf::from);
    assert!(
        python.exists(),
        "make the worker's Python environment first: {} is missing",
        python.display()
    );
    python
}

fn worker_python_path() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .display()
        .to_string();
    format!("{root}/worker/python:{root}/sdk/python/src")
}

/// A running server. It is ended with the value.
pub struct Server {
    process: Child,
    lines: mpsc::Receiver<String>,
    /// Where it listens.
    pub url: String,
    /// What it said its address is.
    pub said_url: String,
    pub client: Client,
    pub data: DataDir,
}

/// A data folder that outlives the servers on it.
pub struct DataDir(TempDir);

impl DataDir {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Server {
    /// A fresh server, without the gallery and its first run.
    pub fn start() -> Self {
        let data = DataDir::new();
        std::fs::write(data.path().join("examples-made"), "").expect("the folder is writable");
        Self::start_on(data, &[])
    }

    /// A server that is known by a public address and passed requests with another `Host`.
    pub fn start_behind_a_proxy() -> Self {
        let data = DataDir::new();
        std::fs::write(data.path().join("examples-made"), "").expect("the folder is writable");
        let settings = [
            ("MECAPY_PUBLIC_URL", "https://mecapy.example.eu"),
            ("MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN", "1"),
        ];
        Self::start_on(data, &settings)
    }

    /// A server on a data folder, with further settings.
    pub fn start_on(data: DataDir, settings: &[(&str, &str)]) -> Self {
        let mut command = command(data.path());
        command.envs(settings.iter().copied());
        Self::start_command(command, data)
    }

    /// A server by that command.
    pub fn start_command(mut command: Command, data: DataDir) -> Self {
        command.stderr(Stdio::null());
        Self::spawn(command, data)
    }

    /// A server by that command whose log goes to a file.
    pub fn start_logged(mut command: Command, data: DataDir, log: &Path) -> Self {
        let file = std::fs::File::create(log).expect("the folder is writable");
        command.stderr(file);
        Self::spawn(command, data)
    }

    fn spawn(mut command: Command, data: DataDir) -> Self {
        command.stdout(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let lines = follow(process.stdout.take().expect("stdout is piped"));
        let said_url = loop {
            let line = lines
                .recv_timeout(PATIENCE)
                .expect("the server says that it is ready");
            if let Some(url) = line.strip_prefix("MecaPy is ready: ") {
                break url.to_owned();
            }
        };
        let port = listening_port(process.id()).expect("the server listens");
        let url = format!("http://127.0.0.1:{port}");
        Self {
            process,
            lines,
            url,
            said_url,
            client: Client::builder()
                .timeout(PATIENCE)
                .build()
                .expect("a client"),
            data,
        }
    }

    /// The next line the server says to the person who started it.
    pub fn next_line(&self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .expect("the server says something")
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal to the server.
    pub fn signal(&self, signal: rustix::process::Signal) {
        send_signal(self.pid(), signal);
    }

    /// Waits for the server to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        wait_for_end(&mut self.process)
    }

    /// The process of the server's worker.
    pub fn worker_pid(&self) -> u32 {
        let children = format!("/proc/{0}/task", self.pid());
        eventually("the server has a worker", || {
            std::fs::read_dir(&children)
                .ok()?
                .flatten()
                .find_map(|task| {
                    let text = std::fs::read_to_string(task.path().join("children")).ok()?;
                    text.split_whitespace().next()?.parse().ok()
                })
        })
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// A new task with that code; its id.
    pub async fn task(&self, code: &str, inputs: Value) -> String {
        let body = json!({"name": "Test", "code": code, "inputs": inputs});
        let answer = self.post("/api/tasks", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// A finished run of the code.
    pub async fn ran(&self, code: &str, inputs: Value) -> Value {
        let body = json!({"code": code, "inputs": inputs});
        let answer = self.post("/api/tasks/execute?wait=60", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// A run of the code that has begun; its id.
    pub async fn begun(&self, code: &str) -> String {
        let answer = self
            .post("/api/tasks/execute", &json!({"code": code}))
            .await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let run = answer.json()["run_id"].as_str().expect("an id").to_owned();
        let mut events = self.sse(&run, 0).await;
        while events.next().await.expect("the run prints")["event"] != "log" {}
        run
    }

    /// Waits until the run is queued: the dispatcher may have claimed it for a moment, to try
    /// whether a worker takes one more.
    pub async fn queued(&self, run: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = self.get(&format!("/api/runs/{run}")).await.json();
            if state["status"] == "queued" {
                return;
            }
            assert!(Instant::now() < deadline, "never queued: {state}");
        }
    }

    /// The server-sent events of a run after a sequence number.
    pub async fn sse(&self, run: &str, after: u64) -> SseReader {
        let request = self
            .request(Method::GET, &format!("/api/runs/{run}/events"))
            .header("Last-Event-ID", after.to_string());
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        SseReader::of(response)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The worker asks the kernel to end it with the server.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command that is expected to end by itself: its exit code, stdout and stderr.
pub fn ends(mut command: Command) -> (i32, String, String) {
    let mut process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut stdout = process.stdout.take().expect("stdout is piped");
    let mut stderr = process.stderr.take().expect("stderr is piped");
    let errors = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let mut said = String::new();
    stdout.read_to_string(&mut said).expect("UTF-8");
    let status = wait_for_end(&mut process);
    let errors = errors.join().expect("no panic").expect("UTF-8");
    (status.code().unwrap_or(-1), said, errors)
}

pub fn send_signal(pid: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .expect("a pid");
    rustix::process::kill_process(pid, signal).expect("the process is there");
}

pub fn set<K: AsRef<OsStr>, V: AsRef<OsStr>>(mut command: Command, name: K, value: V) -> Command {
    command.env(name, value);
    command
}

fn wait_for_end(process: &mut Child) -> ExitStatus {
    eventually("the server ends", || {
        process.try_wait().expect("it can be waited for")
    })
}

/// Looks until there is an answer, for what the system tells nobody about.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited too long: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The port a process listens on, once it does.
pub fn listening_port(pid: u32) -> Option<u16> {
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("the process is there")
        .flatten()
        .filter_map(|entry| {
            std::fs::read_link(entry.path())
                .ok()?
                .into_os_string()
                .into_string()
                .ok()
        })
        .filter_map(|target| {
            Some(
                target
                    .strip_prefix("socket:[")?
                    .trim_end_matches(']')
                    .to_owned(),
            )
        })
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the table is readable");
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = *fields.get(3)? == "0A" && sockets.iter().any(|inode| inode == fields[9]);
        listens.then(|| u16::from_str_radix(fields[1].rsplit(':').next()?, 16).ok())?
    })
}

fn follow(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}
