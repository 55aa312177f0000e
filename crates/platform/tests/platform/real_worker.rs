//! The same with the real worker and real Python.

use crate::harness::*;
use domain::{
    event::RunEventKind,
    run::{ErrorKind, RunStatus},
};
use platform::{
    Config,
    config::{DispatchConfig, WorkerAddress},
    runs,
};
use sha2::{Digest, Sha256};
use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Instant,
};

const TOKEN: &str = "a token of the tests";

/// A worker process; killed when dropped.
struct RealWorker {
    child: Child,
    url: String,
}

impl RealWorker {
    fn start() -> Self {
        let program = std::env::var_os("MECAPY_WORKER_BIN").expect(
            "MECAPY_WORKER_BIN names the worker: cargo build -p worker, then set it to \
             target/debug/mecapy-worker",
        );
        let python = std::env::var_os("MECAPY_WORKER_PYTHON").map_or_else(
            || workspace().join(".venv/worker/bin/python"),
            PathBuf::from,
        );
        let mut child = Command::new(program)
            .current_dir(workspace())
            .env("MECAPY_ADDR", "127.0.0.1:0")
            .env(
                "MECAPY_WORKER_TOKEN_SHA256",
                hex::encode(Sha256::digest(TOKEN)),
            )
            .env("MECAPY_WORKER_PYTHON", python)
            .env("MECAPY_WORKER_SLOTS", "2")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the worker starts");
        let stdout = child.stdout.take().expect("piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ");
        let address = address.unwrap_or_else(|| panic!("the worker is ready, not {line:?}"));
        Self {
            url: format!("http://{address}"),
            child,
        }
    }

    async fn platform(&self) -> Platform {
        let folder = Data::new().await;
        let production = |config: &mut Config| config.dispatch = DispatchConfig::default();
        let platform = Platform::open_at(folder, production).await;
        platform.worker.send_replace(Some(WorkerAddress {
            url: self.url.clone(),
            token: TOKEN.into(),
        }));
        let started = platform.services.start_dispatcher().await;
        started.expect("the dispatcher starts");
        platform
    }
}

impl Drop for RealWorker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn python_is_executed_from_submit_to_result() {
    let worker = RealWorker::start();
    let platform = worker.platform().await;
    let code = "def calculate(force: float = 1000, section: float = 10):\n    print('working')\n    \
                return {'stress': force / section}\n";
    let task = platform.task(code).await;
    let run = platform.submit(task, r#"{"force": 1500}"#).await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Completed, "{detail:?}");
    let (s, c) = (&platform.services, &platform.caller);
    let result = runs::result(s, c, run).await.expect("a result");
    assert_eq!(result.json.replace(' ', ""), r#"{"stress":150.0}"#);
    assert_eq!(runs::logs(s, c, run).await.expect("a log"), "working\n");
    assert!(detail.provenance.packages.contains_key("numpy"));

    let silent = "def calculate(inputs):\n    pass\n";
    let run = platform.submit(platform.task(silent).await, "{}").await;
    assert_eq!(
        platform.ended(run).await.summary.status,
        RunStatus::Completed
    );
    let nothing = runs::result(s, c, run).await.expect("a result");
    assert_eq!(nothing.json, "null");

    let failing = "def calculate(inputs):\n    return 1 / 0\n";
    let run = platform.submit(platform.task(failing).await, "{}").await;
    let error = platform.ended(run).await.summary.error.expect("an error");
    assert_eq!((error.kind, error.line), (ErrorKind::Python, Some(2)));

    let endless = "def calculate(inputs):\n    print('begun')\n    while True: pass\n";
    let run = platform.submit(platform.task(endless).await, "{}").await;
    platform
        .until(run, |kind| matches!(kind, RunEventKind::Log { .. }))
        .await;
    let asked = Instant::now();
    platform.cancel(run).await;
    let detail = platform.ended(run).await;
    assert_eq!(detail.summary.status, RunStatus::Cancelled);
    let told = DispatchConfig::default().renew_every;
    assert!(asked.elapsed() < told, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn large_inputs_results_and_figures_go_through_objects() {
    let worker = RealWorker::start();
    let platform = worker.platform().await;
    let code = "import matplotlib.pyplot as plt\n\
                def calculate(inputs):\n    figure, axes = plt.subplots()\n    \
                axes.plot(inputs['values'][:10])\n    \
                return {'figure': figure, 'doubled': [2 * v for v in inputs['values']]}\n";
    let task = platform.task(code).await;
    let inputs = format!(r#"{{"values":[{}2]}}"#, "1,".repeat(50_000));
    let run = platform.submit(task, &inputs).await;
    let detail = platform.ended(run).await;
    assert_eq!(
        detail.summary.status,
        RunStatus::Completed,
        "{:?}",
        detail.summary.error
    );
    assert!(detail.result_bytes > Some(100_000));
    let figure = runs::figure(&platform.services, &platform.caller, run, 0).await;
    assert_eq!(figure.expect("a figure").media_type, "image/svg+xml");
}
