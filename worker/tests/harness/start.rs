//! Starting a worker. An ordinary user may not be able to reach a checkout or an interpreter below
//! a directory that only root may enter; then it gets a view of the files in which the way is open.

use super::{
    Request, Run, User,
    client::{self, TOKEN},
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const NOBODY: u32 = 65_534;
/// Longest time until a worker has a process ready; other suites may be busy beside it.
const READY_WITHIN: Duration = Duration::from_secs(120);
const BINARY: &str = env!("CARGO_BIN_EXE_mecapy-worker");

#[derive(Debug)]
pub struct Started {
    pub addr: SocketAddr,
    pub user: User,
    pub pid: u32,
}

#[derive(Debug)]
pub struct Counts {
    pub zygotes: u64,
    pub ready: u64,
    pub slots: u64,
    pub refused: u64,
}

impl Counts {
    fn is_full(&self) -> bool {
        self.ready >= self.slots.max(2)
    }
}

impl Started {
    pub fn run(&self, request: &Request) -> Run {
        client::execute(self.addr, request)
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        let (reader, status, headers) = client::send(self.addr, "GET", path, &[], b"");
        (status, client::rest(reader, &headers))
    }

    /// Waits until the first zygote has made room for one that has imported everything, and all of
    /// its processes are ready; so nothing but runs uses the processor.
    pub fn settled(&self) {
        self.wait_until(|counts| {
            // Beside them a launcher and its zygote, and nothing of the first ones.
            let alone = descendants(self.pid).len() as u64 == 2 + counts.ready;
            counts.zygotes >= 2 && counts.is_full() && alone
        });
    }

    /// Waits until as many processes are ready as the worker keeps.
    pub fn all_ready(&self) {
        self.wait_until(Counts::is_full);
    }

    fn wait_until(&self, holds: impl Fn(&Counts) -> bool) {
        let began = Instant::now();
        loop {
            let counts = self.counts();
            if holds(&counts) {
                return;
            }
            assert!(began.elapsed() < READY_WITHIN, "{counts:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the worker says of itself to Prometheus.
    pub fn counts(&self) -> Counts {
        let page = self.get("/metrics").1;
        let number = |name: &str| -> u64 {
            let line = page.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.trim().parse().ok())
                .unwrap_or_else(|| panic!("{name} in {page}"))
        };
        Counts {
            zygotes: number("mecapy_worker_zygotes_total "),
            ready: number("mecapy_worker_ready "),
            slots: number("mecapy_worker_slots "),
            refused: number("mecapy_worker_refused_total "),
        }
    }

    /// The processes forked from a zygote, by number.
    pub fn runs(&self) -> BTreeSet<u32> {
        let mut runs = descendants(self.pid);
        runs.retain(|pid| parent(*pid).is_some_and(|parent| name(parent).starts_with("python")));
        runs
    }

    /// Waits until a process is ready.
    pub fn ready(&self) {
        let began = Instant::now();
        while self.get("/readyz").0 != 200 {
            assert!(
                began.elapsed() < READY_WITHIN,
                "the worker does not get ready"
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.pid.cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

/// The root of the checkout.
pub fn checkout() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .parent()
        .expect("the worker lies in a checkout")
        .to_owned()
}

/// The interpreter that runs the calculations, or the one the environment names.
pub fn python() -> PathBuf {
    match std::env::var_os("MECAPY_WORKER_PYTHON") {
        Some(python) => python.into(),
        None => checkout().join(".venv/worker/bin/python"),
    }
}

/// Starts a worker with these settings more, and waits until it is ready.
pub fn start(user: User, settings: &[(&str, &str)]) -> Started {
    start_by(user, command(user, settings, Folders::Usual))
}

/// The same where nobody can write to the folders that everybody usually can; for root alone, who
/// can make it so.
pub fn start_read_only(user: User, settings: &[(&str, &str)]) -> Started {
    start_by(user, command(user, settings, Folders::ReadOnly))
}

fn start_by(user: User, mut command: Command) -> Started {
    let (sender, receiver) = mpsc::channel();
    // A worker ends with the thread that started it; this one waits for its end.
    thread::spawn(move || {
        let mut child = command.spawn().expect("the worker starts");
        let stdout = child.stdout.take().expect("its output is piped");
        let _ = sender.send((child.id(), first_line(stdout)));
        let _ = child.wait();
    });
    let (pid, line) = receiver.recv().expect("the worker starts");
    let addr = line
        .trim()
        .strip_prefix("listening on ")
        .and_then(|addr| addr.parse().ok())
        .unwrap_or_else(|| panic!("the worker says where it listens, not {line:?}"));
    let started = Started { addr, user, pid };
    started.ready();
    started
}

/// A worker that is expected to end by itself: its exit and what it wrote to its log.
pub fn fails_to_start(user: User, settings: &[(&str, &str)]) -> (bool, String) {
    let output = command(user, settings, Folders::Usual)
        .stderr(Stdio::piped())
        .output()
        .expect("the worker starts");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), log)
}

/// The same where the kernel makes no user namespaces: as in many containers.
pub fn forbidding_namespaces(settings: &[(&str, &str)]) -> (bool, String) {
    let mut inner = Command::new(BINARY);
    surround(&mut inner, settings);
    let mut outer = Command::new("unshare");
    outer
        .args([
            "--user",
            "--map-user=1000",
            "--map-group=1000",
            "--keep-caps",
            "sh",
            "-c",
        ])
        .arg("echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\"")
        .arg(inner.get_program())
        .current_dir(checkout())
        .env_clear();
    for (name, value) in inner.get_envs() {
        if let Some(value) = value {
            outer.env(name, value);
        }
    }
    let output = outer.output().expect("unshare starts");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), log)
}

fn first_line(stdout: std::process::ChildStdout) -> String {
    let mut line = String::new();
    let mut reader = BufReader::new(stdout);
    reader
        .read_line(&mut line)
        .expect("the worker's first line");
    line
}

/// The folders that everybody may write to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folders {
    Usual,
    ReadOnly,
}

fn command(user: User, settings: &[(&str, &str)], folders: Folders) -> Command {
    // Below level full a run has no view of its own, so what root becomes must reach everything.
    let lower = settings.iter().any(|(name, level)| {
        *name == "MECAPY_SANDBOX_LEVEL" && ["filtered", "host-sandboxed"].contains(level)
    });
    let hidden = match user {
        User::Own if !lower => BTreeSet::new(),
        User::Own | User::Nobody => hidden(&needed()),
    };
    let mut command = if rustix::process::geteuid().is_root() {
        opened(&hidden, user, folders)
    } else {
        Command::new(BINARY)
    };
    surround(&mut command, settings);
    command
}

fn surround(command: &mut Command, settings: &[(&str, &str)]) {
    command
        .current_dir(checkout())
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("MECAPY_ADDR", "127.0.0.1:0")
        .env("MECAPY_LOG", "warn")
        .env("MECAPY_WORKER_PYTHON", python())
        .env(
            "MECAPY_WORKER_TOKEN_SHA256",
            hex::encode(Sha256::digest(TOKEN)),
        )
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
}

/// Folders that the worker needs to read.
fn needed() -> Vec<PathBuf> {
    let ask = "import os, sys; print(sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), sep='\\n')";
    let answer = Command::new(python())
        .args(["-I", "-c", ask])
        .output()
        .expect("the interpreter starts");
    let mut folders: Vec<PathBuf> = String::from_utf8_lossy(&answer.stdout)
        .lines()
        .map(PathBuf::from)
        .collect();
    folders.push(checkout());
    folders.extend(Path::new(BINARY).parent().map(Path::to_owned));
    folders
}

/// The topmost folders that others may not enter, with what lies below them and is needed.
fn hidden(needed: &[PathBuf]) -> BTreeSet<(PathBuf, PathBuf)> {
    let closed = |folder: &&Path| {
        fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o001 == 0)
    };
    needed
        .iter()
        .filter_map(|path| {
            let topmost = path.ancestors().filter(closed).last()?;
            Some((topmost.to_owned(), path.clone()))
        })
        .collect()
}

/// In a mount namespace of its own, every closed folder is replaced by an open, empty one, into
/// which only what is needed is bound. Its mounts are shared, as they are where systemd runs, so
/// that what leads out of a jail through them can be seen.
fn opened(hidden: &BTreeSet<(PathBuf, PathBuf)>, user: User, folders: Folders) -> Command {
    let mut script = String::from("set -e\n");
    if folders == Folders::ReadOnly {
        for folder in ["/tmp", "/var/tmp", "/dev/shm"] {
            script += &format!(
                "mount --bind '{folder}' '{folder}'\nmount -o remount,bind,ro '{folder}'\n"
            );
        }
    }
    let closed: BTreeSet<_> = hidden.iter().map(|(closed, _)| closed).collect();
    for (n, folder) in closed.into_iter().enumerate() {
        let (folder, aside) = (folder.display(), format!("/run/mecapy-test-{n}"));
        script += &format!(
            "mkdir -p '{aside}'\nmount --bind '{folder}' '{aside}'\nmount --make-private '{aside}'\n\
             mount -t tmpfs -o mode=755 tmpfs '{folder}'\n"
        );
        for (_, path) in hidden
            .iter()
            .filter(|(closed, _)| closed == Path::new(&folder.to_string()))
        {
            let below = path
                .strip_prefix(folder.to_string())
                .unwrap_or(path)
                .display();
            script += &format!(
                "if [ -d '{aside}/{below}' ]; then mkdir -p '{path}'; else mkdir -p \"$(dirname '{path}')\"; touch '{path}'; fi\n\
                 mount --bind '{aside}/{below}' '{path}'\n",
                path = path.display()
            );
        }
        script += &format!("umount -l '{aside}'\n");
    }
    let become_user = match user {
        User::Own => String::new(),
        User::Nobody => format!("setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups "),
    };
    script += &format!(
        "cd '{}'\nexec {become_user}'{BINARY}'\n",
        checkout().display()
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "shared", "sh", "-c", &script]);
    command
}

/// The parent of a process, by number.
pub fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn name(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default()
}

/// The processes below one, however deep, by number.
pub fn descendants(pid: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![pid];
    while let Some(pid) = waiting.pop() {
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
            continue;
        };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            for child in children
                .split_whitespace()
                .filter_map(|child| child.parse().ok())
            {
                if found.insert(child) {
                    waiting.push(child);
                }
            }
        }
    }
    found
}
