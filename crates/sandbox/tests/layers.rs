//! One layer at a time: what each alone refuses, and that without any of them the same attempts
//! succeed. So no layer stands only because another one does.

use sandbox::{Confinement, Jail, Layers, confine::Most, gate, jail, landlocked};
use serde_json::{Value, json};
use std::{
    fs, io,
    net::{TcpListener, TcpStream},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream},
    },
    process::Command,
};

/// What the confined process is told, as JSON in its environment; without it, it has nothing to do.
const TOLD: &str = "SANDBOX_TEST";
const MARK: &str = "seen: ";
/// Processes that the control makes, more than a run may have.
const BOMB: u64 = 200;
/// Processes that are tried where a limit stands: it counts on top of what the user has, which the
/// control, the same user's, adds to when both run at once.
const LARGER_BOMB: u64 = 600;

/// Becomes the confined process, when started as one; in a fork, because the test runner has more
/// than one thread, and such a process cannot enter a user namespace.
#[test]
fn confined_process() {
    let Ok(told) = std::env::var(TOLD) else {
        return;
    };
    in_a_fork(|| {
        let told: Value = serde_json::from_str(&told).expect("JSON");
        let layers: Layers = serde_json::from_value(told["layers"].clone()).expect("layers");
        prepare(layers);
        in_a_fork(|| {
            confine(layers);
            println!("{MARK}{}", attempts(&told));
        });
    });
}

fn in_a_fork(act: impl FnOnce()) {
    // SAFETY: the child goes on alone with a copy of everything, and ends without returning.
    match unsafe { libc::fork() } {
        0 => {
            act();
            // SAFETY: ends the child without the test runner's own ending.
            unsafe { libc::_exit(0) };
        }
        child => {
            let mut status = 0;
            // SAFETY: the status outlives the call.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
        }
    }
}

fn prepare(layers: Layers) {
    let jail = Jail {
        layers,
        job_uid: 61_616,
        binds: Vec::new(),
        files: Vec::new(),
        program: String::new(),
        arguments: Vec::new(),
        environment: Vec::new(),
    };
    jail::prepare(&jail).expect("the jail can be built");
    gate::close(layers).expect("the gate closes");
    if layers.namespaces {
        gate::open_pid_namespace().expect("a pid namespace");
    }
}

fn confine(layers: Layers) {
    let most = Most {
        cpu_s: 60,
        memory_mb: 256,
    };
    let readable = ["/usr", "/lib", "/lib64"].map(str::to_owned).into();
    Confinement::new(layers, readable, most)
        .expect("a filter for this machine")
        .confine(&[0, 1, 2])
        .expect("the run can be confined");
}

fn attempts(told: &Value) -> Value {
    let port = told["port"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok())
        .expect("a port");
    let text = |name: &str| told[name].as_str().expect("text").to_owned();
    let address = SocketAddr::from_abstract_name(text("abstract")).expect("a name");
    let outside = told["pid"].as_i64().expect("a pid") as libc::pid_t;
    json!({
        "read": outcome(fs::read(text("file"))),
        "write": outcome(fs::write(format!("{}.new", text("file")), "x")),
        "connect": outcome(TcpStream::connect(("127.0.0.1", port))),
        "abstract": outcome(UnixStream::connect_addr(&address)),
        "datagram": outcome(datagram(&text("datagram"))),
        // SAFETY: the kernel is given a number.
        "owner": returned(unsafe { libc::fcntl(2, libc::F_SETOWN, outside) }),
        // SAFETY: none of these calls takes a pointer.
        "signal": returned(unsafe { libc::kill(outside, 0) }),
        "memory": returned(reserve_a_gigabyte()),
        "process": process(),
        "processes": processes(told["bomb"].as_u64().expect("a number")),
        "execute": execute(),
        // SAFETY: as above; last, because it succeeds where nothing forbids it.
        "namespace": returned(unsafe { libc::unshare(libc::CLONE_NEWUSER) }),
    })
}

/// Sends from a socket pair, the one kind of socket that a run can make.
fn datagram(path: &str) -> io::Result<usize> {
    let (ours, _theirs) = UnixDatagram::pair()?;
    ours.send_to(b"x", path)
}

fn outcome<T>(result: io::Result<T>) -> String {
    match result {
        Ok(_) => "did".to_owned(),
        Err(error) => name(&error),
    }
}

fn returned(value: libc::c_int) -> String {
    if value < 0 {
        name(&io::Error::last_os_error())
    } else {
        "did".to_owned()
    }
}

fn name(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::EPERM) => "EPERM",
        Some(libc::EACCES) => "EACCES",
        Some(libc::ENOENT) => "ENOENT",
        Some(libc::ENETUNREACH) => "ENETUNREACH",
        Some(libc::ECONNREFUSED) => "ECONNREFUSED",
        Some(libc::ESRCH) => "ESRCH",
        Some(libc::ENOMEM) => "ENOMEM",
        Some(libc::EROFS) => "EROFS",
        Some(libc::EAGAIN) => "EAGAIN",
        _ => return error.to_string(),
    }
    .to_owned()
}

fn reserve_a_gigabyte() -> libc::c_int {
    // SAFETY: a fresh anonymous mapping that nothing reads.
    let at = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            1 << 30,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if at == libc::MAP_FAILED { -1 } else { 0 }
}

/// A fork whose child ends at once.
fn process() -> String {
    // SAFETY: this is the only thread.
    match unsafe { libc::fork() } {
        // SAFETY: the child of the attempt has nothing else to do.
        0 => unsafe { libc::_exit(0) },
        pid => returned(pid),
    }
}

/// A fork bomb that stops itself when it has gone far enough.
fn processes(most: u64) -> String {
    let mut made = Vec::new();
    let outcome = loop {
        if made.len() as u64 == most {
            break "did".to_owned();
        }
        // SAFETY: this is the only thread.
        match unsafe { libc::fork() } {
            // SAFETY: the child waits for its end and does nothing.
            0 => unsafe {
                libc::pause();
                libc::_exit(0)
            },
            -1 => break name(&io::Error::last_os_error()),
            child => made.push(child),
        }
    };
    for child in made {
        // SAFETY: plain numbers, of children that nobody has waited for.
        unsafe {
            libc::kill(child, libc::SIGKILL);
            libc::waitpid(child, std::ptr::null_mut(), 0);
        }
    }
    outcome
}

/// What executing a program answers, told by its exit status where it can be forked for.
fn execute() -> String {
    let run = || {
        let argv = [c"/usr/bin/true".as_ptr(), std::ptr::null()];
        // SAFETY: path and list are NUL- and null-terminated and outlive the call.
        unsafe { libc::execv(argv[0], argv.as_ptr()) };
        io::Error::last_os_error().raw_os_error().unwrap_or(0)
    };
    // SAFETY: this is the only thread.
    match unsafe { libc::fork() } {
        // SAFETY: the child of the attempt has nothing else to do.
        0 => unsafe { libc::_exit(run()) },
        -1 => name(&io::Error::from_raw_os_error(run())),
        child => {
            let mut status = 0;
            // SAFETY: the status outlives the call.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            match libc::WEXITSTATUS(status) {
                0 => "did".to_owned(),
                errno => name(&io::Error::from_raw_os_error(errno)),
            }
        }
    }
}

/// What a process with these layers saw.
fn seen(layers: Layers) -> Value {
    bombed(layers, 0)
}

/// The same for one that tries to make so many processes.
fn bombed(layers: Layers, bomb: u64) -> Value {
    let folder = std::path::Path::new("/var/tmp").join(
        format!("sandbox-{}-{layers:?}", std::process::id()).replace([' ', '{', '}', ':', ','], ""),
    );
    fs::create_dir_all(&folder).expect("a folder");
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(&folder, everybody).expect("everybody may write");
    let file = folder.join("file");
    fs::write(&file, "x").expect("a file");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let name = format!("sandbox-{}-{layers:?}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let _unix = UnixListener::bind_addr(&address).expect("a listener");
    let datagrams = folder.join("datagrams");
    let _datagrams = UnixDatagram::bind(&datagrams).expect("a socket");
    fs::set_permissions(
        &datagrams,
        std::os::unix::fs::PermissionsExt::from_mode(0o777),
    )
    .expect("everybody may write");
    let mut neighbour = neighbour();
    let told = json!({
        "layers": layers, "bomb": bomb, "file": file, "abstract": name, "pid": neighbour.id(), "datagram": datagrams,
        "port": tcp.local_addr().expect("an address").port(),
    });
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "confined_process",
            "--test-threads=1",
            "--nocapture",
        ])
        .env(TOLD, told.to_string())
        .output()
        .expect("it starts");
    let _ = neighbour.kill();
    let _ = neighbour.wait();
    fs::remove_dir_all(&folder).expect("the folder goes away");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once(MARK));
    let (_, seen) =
        line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(seen).expect("JSON")
}

/// A process of the same user as the confined one, outside.
fn neighbour() -> std::process::Child {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("/usr/bin/sleep");
    command.arg("60");
    // SAFETY: geteuid cannot fail and touches no memory.
    if unsafe { libc::geteuid() } == 0 {
        command.uid(61_616).gid(61_616);
    }
    command.spawn().expect("it starts")
}

#[test]
fn without_a_layer_everything_works() {
    let seen = bombed(Layers::NONE, BOMB);
    for (attempt, outcome) in seen.as_object().expect("outcomes") {
        assert_eq!(outcome, "did", "{attempt}");
    }
}

#[test]
fn namespaces_alone() {
    let seen = seen(Layers {
        namespaces: true,
        ..Layers::NONE
    });
    assert_eq!(seen["read"], "ENOENT");
    assert_eq!(seen["write"], "ENOENT");
    assert_eq!(seen["connect"], "ENETUNREACH");
    assert_eq!(seen["abstract"], "ECONNREFUSED");
    assert_eq!(seen["signal"], "ESRCH");
    assert_eq!(seen["owner"], "ESRCH");
    assert_eq!(seen["datagram"], "ENOENT");
    assert_eq!(seen["execute"], "ENOENT");
    assert_eq!(seen["process"], "did");
}

#[test]
fn landlock_alone() {
    let seen = seen(Layers {
        landlock: true,
        ..Layers::NONE
    });
    assert_eq!(seen["read"], "EACCES");
    assert_eq!(seen["write"], "EACCES");
    assert_eq!(seen["execute"], "EACCES");
    assert_eq!(seen["process"], "did");
    if landlocked::abi() >= 4 {
        assert_eq!(seen["connect"], "EACCES");
    }
    if landlocked::abi() >= 6 {
        assert_eq!(seen["abstract"], "EPERM");
        assert_eq!(seen["signal"], "EPERM");
    }
}

#[test]
fn system_call_filters_alone() {
    let seen = bombed(
        Layers {
            seccomp: true,
            ..Layers::NONE
        },
        BOMB,
    );
    for attempt in [
        "connect",
        "abstract",
        "datagram",
        "signal",
        "owner",
        "process",
        "processes",
        "execute",
        "namespace",
    ] {
        assert_eq!(seen[attempt], "EPERM", "{attempt}");
    }
    assert_eq!(seen["read"], "did");
    assert_eq!(seen["memory"], "did");
}

#[test]
fn resource_limits_alone() {
    let seen = bombed(
        Layers {
            resource_limits: true,
            ..Layers::NONE
        },
        LARGER_BOMB,
    );
    assert_eq!(seen["memory"], "ENOMEM");
    // An ordinary user's, with no namespace that would count it apart.
    assert_eq!(seen["process"], "did");
    assert_eq!(seen["processes"], "EAGAIN");
    assert_eq!(seen["read"], "did");
}
