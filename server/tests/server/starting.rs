//! What the person at the terminal sees: a start that cannot be says why and what to do.

use crate::support::{DataDir, Server, command, ends, set};
use rustix::process::Signal;
use std::net::TcpListener;

#[test]
fn a_second_server_on_the_same_data_names_the_first() {
    let first = Server::start();
    let (code, said, error) = ends(command(first.data.path()));
    assert_eq!(code, 1);
    assert_eq!(said, "");
    assert!(error.contains("in use by another MecaPy server"), "{error}");
    assert!(
        error.contains(&format!("process {}", first.pid())),
        "{error}"
    );
    assert!(error.contains("MECAPY_DATA_DIR"), "{error}");
}

#[test]
fn the_lock_of_a_killed_server_is_free() {
    let mut first = Server::start();
    first.signal(Signal::KILL);
    first.ended();
    let data = std::mem::replace(&mut first.data, DataDir::new());
    let second = Server::start_on(data, &[]);
    assert!(second.url.starts_with("http://127.0.0.1:"));
}

#[test]
fn a_taken_port_is_named_with_its_variable() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = taken.local_addr().expect("an address").to_string();
    let data = DataDir::new();
    let (code, _, error) = ends(set(command(data.path()), "MECAPY_ADDR", &addr));
    assert_eq!(code, 1);
    let port = addr.rsplit(':').next().expect("a port");
    assert!(error.contains(&format!("Port {port} is taken")), "{error}");
    assert!(error.contains("MECAPY_ADDR="), "{error}");
}

#[test]
fn an_unknown_setting_stops_the_start_and_names_its_neighbour() {
    let data = DataDir::new();
    let (code, _, error) = ends(set(command(data.path()), "MECAPY_ADR", "127.0.0.1:1"));
    assert_eq!(code, 2);
    assert!(error.contains("MECAPY_ADR is not a setting"), "{error}");
    assert!(error.contains("MECAPY_ADDR"), "{error}");
}

#[test]
fn an_unknown_setting_in_the_file_stops_the_start_too() {
    let data = DataDir::new();
    std::fs::write(data.path().join("mecapy.env"), "MECAPY_WORKER_SLOT=3\n").expect("writable");
    let (code, _, error) = ends(command(data.path()));
    assert_eq!(code, 2);
    assert!(error.contains("MECAPY_WORKER_SLOTS"), "{error}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let data = DataDir::new();
    std::fs::write(
        data.path().join("mecapy.env"),
        "MECAPY_ADDR=not-an-address\n",
    )
    .expect("writable");
    let server = Server::start_on(data, &[]);
    assert!(server.url.starts_with("http://127.0.0.1:"));
}

#[test]
fn a_public_address_without_login_is_refused() {
    let data = DataDir::new();
    let (code, _, error) = ends(set(command(data.path()), "MECAPY_ADDR", "0.0.0.0:0"));
    assert_eq!(code, 2);
    assert!(
        error.contains("MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN=1"),
        "{error}"
    );
}

#[test]
fn a_public_url_without_login_is_refused() {
    let data = DataDir::new();
    let url = "https://calc.example.eu";
    let (code, _, error) = ends(set(command(data.path()), "MECAPY_PUBLIC_URL", url));
    assert_eq!(code, 2);
    assert!(error.contains(url), "{error}");
    assert!(
        error.contains("MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN=1"),
        "{error}"
    );
}

#[test]
fn a_worker_elsewhere_that_cannot_reach_the_server_is_refused() {
    let data = DataDir::new();
    let remote = |url: &str| {
        let command = set(command(data.path()), "MECAPY_WORKER_URL", url);
        set(command, "MECAPY_WORKER_TOKEN", "secret")
    };
    let (code, _, error) = ends(remote("https://worker.example.eu"));
    assert_eq!(code, 2);
    assert!(error.contains("MECAPY_PUBLIC_URL"), "{error}");
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let near = Server::start_command(remote("http://127.0.0.1:1"), data);
    assert!(near.url.starts_with("http://127.0.0.1:"), "control");
}

#[tokio::test]
async fn a_first_start_that_was_interrupted_makes_no_example_twice() {
    let mut first = Server::start_on(DataDir::new(), &[]);
    first.next_line();
    let made = first.get("/api/tasks").await.json()["total"].clone();
    first.signal(Signal::TERM);
    first.ended();
    let data = std::mem::replace(&mut first.data, DataDir::new());
    // As if it had been interrupted with all but one example made.
    let marker = data.path().join("examples-made");
    let bolt = std::fs::read_to_string(&marker).expect("written");
    std::fs::remove_file(&marker).expect("removed");
    let begun: String = platform::examples::all()
        .iter()
        .skip(1)
        .map(|example| format!("{} {bolt}\n", example.slug))
        .collect();
    std::fs::write(data.path().join("examples-begun"), begun).expect("writable");
    let second = Server::start_on(data, &[]);
    second.next_line();
    let now = second.get("/api/tasks").await.json()["total"].clone();
    assert_eq!(now.as_u64(), made.as_u64().map(|made| made + 1));
    assert!(second.data.path().join("examples-made").is_file());
}

#[test]
fn a_malformed_address_is_refused_with_an_example() {
    let data = DataDir::new();
    let (code, _, error) = ends(set(command(data.path()), "MECAPY_ADDR", "localhost"));
    assert_eq!(code, 2);
    assert!(error.contains("127.0.0.1:7979"), "{error}");
}

#[test]
fn a_pause_before_retries_that_makes_no_sense_is_refused() {
    for pause in ["0", "soon", "-1", "3600001"] {
        let data = DataDir::new();
        let command = set(command(data.path()), "MECAPY_WEBHOOK_FIRST_RETRY_MS", pause);
        let (code, _, error) = ends(command);
        assert_eq!(code, 2, "{pause}");
        assert!(error.contains("MECAPY_WEBHOOK_FIRST_RETRY_MS"), "{error}");
    }
}

#[test]
fn an_origin_that_no_browser_writes_is_refused_with_an_example() {
    for origins in [
        "*",
        "tools.example.eu",
        "https://a.example/",
        "https://a.example:443",
        "https://A.example",
    ] {
        let data = DataDir::new();
        let (code, _, error) = ends(set(command(data.path()), "MECAPY_CORS_ORIGINS", origins));
        assert_eq!(code, 2, "{origins}");
        assert!(error.contains("https://tools.example.eu"), "{error}");
    }
}

#[test]
fn a_server_that_is_asked_to_stop_ends_well() {
    let mut server = Server::start();
    let worker = server.worker_pid();
    server.signal(Signal::TERM);
    assert!(server.ended().success());
    assert!(
        !std::path::Path::new(&format!("/proc/{worker}")).exists(),
        "its worker is gone"
    );
}

#[test]
fn the_first_start_runs_the_bolt_example_and_shares_it() {
    let server = Server::start_on(DataDir::new(), &[]);
    let result = server.next_line();
    assert!(result.contains("= 100"), "{result}");
    let link = server.next_line();
    assert!(link.contains(&format!("{}/r/", server.url)), "{link}");
}

#[test]
fn once_runs_the_bolt_example_on_every_call_and_ends() {
    let data = DataDir::new();
    for _ in 0..2 {
        let mut once = command(data.path());
        once.args(["serve", "--once"]);
        let (code, said, error) = ends(once);
        assert_eq!(code, 0, "{said}\n{error}");
        assert!(
            said.contains("MecaPy is ready: http://127.0.0.1:"),
            "{said}"
        );
        assert!(said.contains("= 100") && said.contains("/r/"), "{said}");
    }
}

#[test]
fn a_worker_that_does_not_start_is_reported_and_once_fails() {
    let data = DataDir::new();
    let mut once = set(command(data.path()), "MECAPY_WORKER_BIN", "/bin/false");
    once.args(["serve", "--once"]);
    let (code, said, error) = ends(once);
    assert_eq!(code, 1);
    assert_eq!(said, "");
    assert!(error.contains("The worker did not start"), "{error}");
    assert!(error.contains("doctor"), "{error}");
}

#[test]
fn doctor_finds_nothing_missing_here_and_names_a_missing_python() {
    let data = DataDir::new();
    let mut well = command(data.path());
    well.arg("doctor");
    let (code, said, _) = ends(well);
    assert_eq!(code, 0, "{said}");
    let mut ill = set(
        command(data.path()),
        "MECAPY_WORKER_PYTHON",
        "/nonexistent/python",
    );
    ill.arg("doctor");
    let (code, said, _) = ends(ill);
    assert_eq!(code, 1);
    assert!(
        said.contains("missing  Python: /nonexistent/python"),
        "{said}"
    );
}
