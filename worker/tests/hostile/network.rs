//! Promise: there is no network in a calculation, not even to the machine it runs on.

use crate::harness::{PRELUDE, Request, attack, control, on_every_worker, repeated, workers};
use serde_json::json;
use std::{
    io::Read,
    net::TcpListener,
    os::linux::net::SocketAddrExt,
    os::unix::net::{SocketAddr, UnixDatagram, UnixListener},
    thread,
};

#[test]
pub fn the_worker_s_own_port_cannot_be_reached() {
    for worker in workers() {
        let code = format!(
            "def attack(): return attempt(socket.create_connection, ('127.0.0.1', {}), 5)",
            worker.addr.port()
        );
        attack(&code, |seen| assert_eq!(seen, "EPERM"));
        assert_eq!(control::unconfined(&code), "did");
    }
}

#[test]
pub fn no_family_of_sockets_can_be_opened() {
    let code = r#"
def attack():
    return [attempt(socket.socket, family, kind) for family in range(1, 46) for kind in (1, 2, 3)]
"#;
    attack(code, |seen| assert_eq!(seen, &repeated("EPERM", 135)));
    let seen = control::unconfined(code);
    let opened = seen
        .as_array()
        .expect("outcomes")
        .iter()
        .filter(|one| *one == "did")
        .count();
    assert!(opened >= 4, "{seen}");
}

#[test]
pub fn a_listener_cannot_be_opened() {
    let code = "def attack(): return attempt(socket.create_server, ('127.0.0.1', 0))";
    attack(code, |seen| assert_eq!(seen, "EPERM"));
    assert_eq!(control::unconfined(code), "did");
}

#[test]
pub fn an_abstract_socket_cannot_be_reached() {
    let name = format!("mecapy-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let listener = UnixListener::bind_addr(&address).expect("a listener");
    thread::spawn(move || {
        for mut one in listener.incoming().flatten() {
            let _ = one.read(&mut [0]);
        }
    });
    let datagrams = format!("{name}-datagrams");
    let address = SocketAddr::from_abstract_name(&datagrams).expect("a name");
    let _datagrams = UnixDatagram::bind_addr(&address).expect("a socket");
    // A socket pair is the one kind of socket a run has: it must not lead anywhere else.
    let code = format!(
        r#"
def attack():
    ours, _ = socket.socketpair()
    name = b"\0{name}"
    return [
        attempt(lambda: socket.socket(socket.AF_UNIX).connect(name)),
        attempt(ours.connect, name),
        attempt(ours.sendto, b"x", name),
        attempt(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", b"\0{datagrams}")),
    ]
"#
    );
    attack(&code, |seen| {
        assert_eq!(seen[0], "EPERM");
        assert_eq!(seen[1], "EPERM");
        assert_ne!(seen[2], "did");
        assert_eq!(seen[3], "EPERM");
    });
    let seen = control::unconfined(&code);
    assert_eq!((&seen[0], &seen[3]), (&json!("did"), &json!("did")));
}

#[test]
pub fn names_cannot_be_resolved() {
    let code = r#"
def attack():
    try:
        return str(socket.getaddrinfo("localhost", 80)[0][4][0])
    except OSError as problem:
        return type(problem).__name__
"#;
    attack(code, |seen| assert_eq!(seen, "gaierror"));
    let seen = control::unconfined(code);
    assert!(seen == "127.0.0.1" || seen == "::1", "{seen}");
}

#[test]
pub fn a_download_fails_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let code = format!(
        "import urllib.request\ndef calculate():\n    return urllib.request.urlopen('http://127.0.0.1:{port}/').read()"
    );
    on_every_worker(&Request::new(format!("{PRELUDE}{code}")), |run| {
        run.fails_as("network", "etwork access is not available in a calculation");
    });
    let connect =
        format!("def attack(): return attempt(socket.create_connection, ('127.0.0.1', {port}), 5)");
    assert_eq!(control::unconfined(&connect), "did");
}

#[test]
pub fn pandas_reads_nothing_from_the_network() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut one in listener.incoming().flatten() {
            use std::io::Write;
            let _ = one.read(&mut [0; 1024]);
            let _ = one.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\na\n1\n");
        }
    });
    let code = format!(
        r#"
import pandas
def attack():
    try:
        return pandas.read_csv("http://127.0.0.1:{port}/").to_dict("list")
    except OSError:
        return "denied"
"#
    );
    attack(&code, |seen| assert_eq!(seen, "denied"));
    assert_eq!(control::unconfined(&code), json!({"a": [1]}));
}
