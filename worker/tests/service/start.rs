//! A worker starts right or not at all, and says why.

use crate::harness::{User, fails_to_start, forbidding_namespaces};

#[track_caller]
fn refuses(settings: &[(&str, &str)], words: &[&str]) {
    let (success, log) = fails_to_start(User::Own, settings);
    assert!(!success);
    for word in words {
        assert!(log.contains(word), "{word:?} in {log}");
    }
}

#[test]
fn a_setting_that_nobody_knows_stops_it() {
    refuses(
        &[("MECAPY_WORKER_SLOT", "2")],
        &["MECAPY_WORKER_SLOT is not a setting", "MECAPY_WORKER_SLOTS"],
    );
}

#[test]
fn without_a_token_it_does_not_serve() {
    refuses(
        &[("MECAPY_WORKER_TOKEN_SHA256", "")],
        &["MECAPY_WORKER_TOKEN_SHA256 is not set"],
    );
    refuses(
        &[("MECAPY_WORKER_TOKEN_SHA256", "abc")],
        &["64 hexadecimal digits"],
    );
}

#[test]
fn values_that_make_no_sense_stop_it() {
    refuses(
        &[("MECAPY_WORKER_SLOTS", "0")],
        &["MECAPY_WORKER_SLOTS is 0"],
    );
    refuses(
        &[("MECAPY_SANDBOX_LEVEL", "none")],
        &[
            "MECAPY_SANDBOX_LEVEL is none",
            "full, filtered, host-sandboxed",
        ],
    );
    refuses(
        &[("MECAPY_ADDR", "localhost")],
        &["MECAPY_ADDR is localhost"],
    );
    refuses(
        &[("MECAPY_WORKER_PYTHON", "/nowhere/python")],
        &["/nowhere/python cannot be started"],
    );
}

#[test]
fn where_user_namespaces_are_forbidden_the_full_level_stops_it() {
    let (success, log) = forbidding_namespaces(&[]);
    assert!(!success);
    assert!(
        log.contains("sandbox level full cannot be had") && log.contains("J3"),
        "{log}"
    );
}
