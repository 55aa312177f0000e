//! `doctor`: what this machine lacks for a server with its own worker, each with the exact remedy.

use crate::{
    config::{ChildWorker, ServerConfig, WorkerConfig},
    data_lock::DataLock,
    serve, terminal,
    worker_process::{WorkerProcess, WorkerState},
};
use platform::probe;
use std::{fs, path::Path, process::Command, time::Duration};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A worker that is not up by then does not come up.
const WORKER_WITHIN: Duration = Duration::from_secs(60);
/// What the calculations of the gallery import.
const PACKAGES: &str =
    "import numpy, scipy, pandas, matplotlib, sys; print(sys.version.split()[0])";
/// Kernel switches that keep user namespaces from programs without privileges, the value that does
/// so, and how to change it now and for good.
const SWITCHES: &[Switch] = &[
    Switch {
        path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        closed: "1",
        name: "kernel.apparmor_restrict_unprivileged_userns",
        open: "0",
    },
    Switch {
        path: "/proc/sys/kernel/unprivileged_userns_clone",
        closed: "0",
        name: "kernel.unprivileged_userns_clone",
        open: "1",
    },
    Switch {
        path: "/proc/sys/user/max_user_namespaces",
        closed: "0",
        name: "user.max_user_namespaces",
        open: "15000",
    },
];

struct Switch {
    path: &'static str,
    closed: &'static str,
    name: &'static str,
    open: &'static str,
}

/// One thing looked at.
struct Finding {
    what: &'static str,
    /// `Err` says what is wrong, then what to type.
    state: Result<String, String>,
}

/// Looks at everything and prints it. Returns whether all is well.
pub async fn examine(config: &ServerConfig) -> bool {
    let mut findings = Vec::new();
    if config.storage.needs_folder() {
        findings.push(data_folder(config));
    }
    findings.extend(services(config).await);
    match &config.worker {
        WorkerConfig::Remote { url, .. } => findings.push(Finding {
            what: "worker",
            state: probe::worker(url).await,
        }),
        WorkerConfig::Child(child) => {
            findings.push(python(child));
            findings.push(user_namespaces());
            findings.push(worker(child).await);
        }
    }
    for finding in &findings {
        match &finding.state {
            Ok(text) => terminal::say(&format!("ok       {}: {text}", finding.what)),
            Err(text) => terminal::say(&format!("missing  {}: {text}", finding.what)),
        }
    }
    findings.iter().all(|finding| finding.state.is_ok())
}

/// The services that hold what is stored, as far as there are any.
async fn services(config: &ServerConfig) -> Vec<Finding> {
    let stored = serve::storage(config);
    let found = [
        ("database", probe::database(&stored).await, "DATABASE_URL"),
        ("queue", probe::queue(&stored).await, "REDIS_URL"),
        (
            "object store",
            probe::objects(&stored).await,
            "S3_BUCKET, S3_ENDPOINT and AWS_…",
        ),
    ];
    found
        .into_iter()
        .filter_map(|(what, state, names)| {
            let state = state?;
            let state = state.map_err(|error| {
                format!("{error}. Check {names}, and that this machine may reach it.")
            });
            Some(Finding { what, state })
        })
        .collect()
}

fn data_folder(config: &ServerConfig) -> Finding {
    use crate::data_lock::DataDirError;
    let state = match DataLock::take(&config.data_dir) {
        Ok(lock) => Ok(lock.dir().display().to_string()),
        Err(DataDirError::Held { dir, holder }) => Ok(format!("{dir}, in use by a server{holder}")),
        Err(error) => Err(error.to_string()),
    };
    Finding {
        what: "data folder",
        state,
    }
}

fn python(child: &ChildWorker) -> Finding {
    let python = child.python.display();
    let output = Command::new(&child.python)
        .args(["-I", "-c", PACKAGES])
        .output();
    let state = match output {
        Err(error) => Err(format!(
            "{python} cannot be started ({error}). Type `make setup`, or set MECAPY_WORKER_PYTHON."
        )),
        Ok(output) if output.status.success() => {
            let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            Ok(format!("{python}, version {version}"))
        }
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let last = text.lines().last().unwrap_or("it failed").to_owned();
            Err(format!(
                "{python} lacks packages ({last}). Type `make setup`."
            ))
        }
    };
    Finding {
        what: "Python",
        state,
    }
}

fn user_namespaces() -> Finding {
    let is_root = rustix::process::geteuid().is_root();
    let closed = SWITCHES.iter().find(|switch| is_closed(switch) && !is_root);
    let state = match closed {
        None => Ok("allowed".to_owned()),
        Some(Switch { name, open, .. }) => Err(format!(
            "the kernel refuses them to programs without privileges, and runs cannot be isolated. Type:\n\
             \x20   sudo sysctl -w {name}={open}\n\
             \x20   echo {name}={open} | sudo tee /etc/sysctl.d/60-mecapy.conf"
        )),
    };
    Finding {
        what: "user namespaces",
        state,
    }
}

fn is_closed(switch: &Switch) -> bool {
    fs::read_to_string(Path::new(switch.path)).is_ok_and(|value| value.trim() == switch.closed)
}

/// The worker tests its confinement when it starts, so starting it is the test.
async fn worker(child: &ChildWorker) -> Finding {
    let stopping = CancellationToken::new();
    let state = match WorkerProcess::start(child.clone(), stopping.clone()) {
        Err(error) => Err(format!("it could not be started: {error}")),
        Ok(process) => {
            let state = first_state(&process).await;
            stopping.cancel();
            process.stopped().await;
            state
        }
    };
    Finding {
        what: "worker",
        state,
    }
}

async fn first_state(process: &WorkerProcess) -> Result<String, String> {
    let mut state = process.state();
    let settled = timeout(
        WORKER_WITHIN,
        state.wait_for(|state| *state != WorkerState::Starting),
    );
    match settled.await {
        Ok(Ok(state)) => match &*state {
            WorkerState::Down { reason } => Err(format!("{reason}; its own message is above")),
            _ => Ok("starts and passes its own tests".to_owned()),
        },
        _ => Err(format!(
            "it was not ready within {} s",
            WORKER_WITHIN.as_secs()
        )),
    }
}
