//! A program that a test starts, as an ordinary user when the test is root's.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

/// The user and group `nobody` of every Linux: PostgreSQL refuses root.
pub(crate) const NOBODY: u32 = 65534;
const START_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A running program; killed when dropped, and by the kernel when the tests are.
#[derive(Debug)]
pub(crate) struct Process {
    child: Mutex<Child>,
}

impl Process {
    /// Starts `program arguments`, and waits until it listens on `addr`.
    pub(crate) fn start(program: &Path, arguments: &[String], addr: SocketAddr) -> Self {
        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig=KILL");
        command.args(become_nobody());
        command.arg(program).args(arguments).stdin(Stdio::null());
        let child = spawn(command, program);
        let process = Self {
            child: Mutex::new(child),
        };
        process.wait_for(addr, program);
        process
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&self) {
        self.child().wait().expect("it can be waited for");
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = self.pid();
        let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a process number");
        rustix::process::kill_process(pid, signal).expect("it takes signals");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child().id()
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Child> {
        self.child.lock().expect("no test panicked with it")
    }

    fn wait_for(&self, addr: SocketAddr, program: &Path) {
        let begun = Instant::now();
        while TcpStream::connect(addr).is_err() {
            let ended = self.child().try_wait().expect("its state is known");
            assert!(ended.is_none(), "{} ended: {ended:?}", program.display());
            assert!(
                begun.elapsed() < START_WITHIN,
                "{} does not listen on {addr}",
                program.display()
            );
            // There is no event for a port that another process opens.
            thread::sleep(LOOK_EVERY);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut child = self.child();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Spawned from a thread that stays: the kernel kills the program when the thread that started it
/// ends.
fn spawn(mut command: Command, program: &Path) -> Child {
    type Job = Box<dyn FnOnce() + Send>;
    static STARTER: Mutex<Option<mpsc::Sender<Job>>> = Mutex::new(None);
    let name = program.display().to_string();
    let (sender, started) = mpsc::channel();
    let job: Job = Box::new(move || {
        sender.send(command.spawn()).expect("the test waits");
    });
    STARTER
        .lock()
        .expect("no test panicked with it")
        .get_or_insert_with(|| {
            let (jobs, waiting) = mpsc::channel::<Job>();
            thread::spawn(move || waiting.into_iter().for_each(|job| job()));
            jobs
        })
        .send(job)
        .expect("the starter lives");
    let child = started.recv().expect("the starter answers");
    child.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"))
}

/// Arguments of `setpriv`.
pub(crate) fn become_nobody() -> Vec<String> {
    if rustix::process::geteuid().is_root() {
        let id = NOBODY;
        vec![
            format!("--reuid={id}"),
            format!("--regid={id}"),
            "--clear-groups".into(),
        ]
    } else {
        Vec::new()
    }
}

/// An address nobody listens on at this moment.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("bound")
}

/// Gives a folder to whoever the program runs as.
pub(crate) fn give_away(folder: &Path) {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may give away");
    }
}
