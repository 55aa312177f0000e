//! PostgreSQL.

use crate::process::{Process, become_nobody, free_address, give_away};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// Where Debian puts its versions.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Nothing of a test needs to survive the machine.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=32MB",
    "max_connections=200",
    "autovacuum=off",
    "log_min_messages=warning",
    "unix_socket_directories=",
];

/// A server with an empty database.
#[derive(Debug)]
pub struct Postgres {
    process: Option<Process>,
    folder: TempDir,
    addr: SocketAddr,
    settings: Vec<String>,
}

impl Postgres {
    /// # Panics
    /// It is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further settings, each `name=value`.
    ///
    /// # Panics
    /// It is not installed or does not start.
    #[must_use]
    pub fn start_with(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        give_away(folder.path());
        make_cluster(&folder.path().join("data"));
        let mut postgres = Self {
            process: None,
            folder,
            addr: free_address(),
            settings: SETTINGS
                .iter()
                .chain(settings)
                .map(|&one| one.to_owned())
                .collect(),
        };
        postgres.start_again();
        postgres
    }

    /// For `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://mecapy@{}/postgres", self.addr)
    }

    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Ends it as an operator who cannot wait for its clients would (`fast`).
    pub fn stop(&mut self) {
        if let Some(process) = self.process.take() {
            process.signal(rustix::process::Signal::INT);
            process.ended();
        }
    }

    /// # Panics
    /// It does not start.
    pub fn start_again(&mut self) {
        let mut arguments = vec![
            "-D".to_owned(),
            self.data().display().to_string(),
            "-h".to_owned(),
            self.addr.ip().to_string(),
            "-p".to_owned(),
            self.addr.port().to_string(),
        ];
        for setting in &self.settings {
            arguments.push("-c".to_owned());
            arguments.push(setting.clone());
        }
        let program = program("postgres");
        self.process = Some(Process::start(&program, &arguments, self.addr));
    }

    /// The whole database as text.
    ///
    /// # Panics
    /// It does not answer.
    #[must_use]
    pub fn dump(&self) -> String {
        run(&program("pg_dump"), &["--dbname", &self.url()])
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            // At once, but with its own processes, which would else write into the folder still.
            process.signal(rustix::process::Signal::QUIT);
            process.ended();
        }
    }
}

/// The newest installed one.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir(DEBIAN).map(|found| found.flatten().collect::<Vec<_>>());
    let mut found: Vec<_> = versions
        .unwrap_or_default()
        .iter()
        .map(|version| version.path().join("bin").join(name))
        .filter(|program| program.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| name.into())
}

/// `initdb` takes a second, so a cluster is made once per user of the machine and copied.
fn make_cluster(data: &Path) {
    let template = std::env::temp_dir().join(format!(
        "mecapy-test-postgres-{}",
        rustix::process::geteuid().as_raw()
    ));
    if !template.join("PG_VERSION").exists() {
        let making = tempfile::tempdir().expect("a temporary folder");
        give_away(making.path());
        let cluster = making.path().join("data");
        run(
            &program("initdb"),
            &[
                "--no-sync",
                "--username=mecapy",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "-D",
                &cluster.display().to_string(),
            ],
        );
        // Of tests that start together, the first one's is kept.
        if fs::rename(&cluster, &template).is_err() && !template.join("PG_VERSION").exists() {
            run(
                Path::new("cp"),
                &[
                    "-a",
                    &cluster.display().to_string(),
                    &template.display().to_string(),
                ],
            );
        }
    }
    run(
        Path::new("cp"),
        &[
            "-a",
            &template.display().to_string(),
            &data.display().to_string(),
        ],
    );
}

fn run(program: &Path, arguments: &[&str]) -> String {
    let done = Command::new("setpriv")
        .args(become_nobody())
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
    assert!(
        done.status.success(),
        "{}: {}{}",
        program.display(),
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).expect("text")
}
