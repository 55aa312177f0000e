//! What goes in and comes out at the edges: numbers, prints, progress, errors.

use crate::harness::{Request, on_every_worker};
use serde_json::json;

#[test]
fn floats_at_their_edges() {
    let code = "def calculate():\n    return [float('nan'), float('inf'), -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2]";
    on_every_worker(&Request::new(code), |run| {
        let text = run.result_text();
        for part in [
            "\"NaN\"",
            "\"Infinity\"",
            "-0.0",
            "5e-324",
            "1.7976931348623157e+308",
            "0.30000000000000004",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    });
}

#[test]
fn integers_no_float_can_hold() {
    let code = "def calculate(n: int):\n    return [n, 2 ** 200]";
    let request = Request::new(code).with(
        "inputs",
        serde_json::from_str(r#"{"n":9007199254740993}"#).expect("JSON"),
    );
    on_every_worker(&request, |run| {
        assert_eq!(
            run.result_text(),
            "[9007199254740993,1606938044258990275541962092341162602522202993782792835301376]"
        );
    });
}

#[test]
fn what_is_printed_comes_at_once_and_in_order() {
    let code = "import sys\ndef calculate():\n    print('σ = 3 ½'); print('no newline', end='')\n    print('to stderr', file=sys.stderr)\n    return 1";
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.stdout, "σ = 3 ½\nno newline");
        assert_eq!(run.stderr, "to stderr\n");
    });
}

#[test]
fn progress_arrives() {
    let code = "import mecapy\ndef calculate():\n    mecapy.progress(0.4, 'meshing')\n    return 1";
    on_every_worker(&Request::new(code), |run| {
        assert_eq!(run.progress, [(0.4, "meshing".to_owned())]);
    });
}

#[test]
fn an_error_names_its_line() {
    let code = "def calculate():\n    x = 1\n    return x / 0";
    on_every_worker(&Request::new(code), |run| {
        run.fails_as("python", "ZeroDivisionError");
        let error = run.finished.error.as_ref().expect("an error");
        assert_eq!(error.line, Some(3));
        assert!(
            error
                .traceback
                .as_ref()
                .is_some_and(|text| !text.contains("mecapy_runner"))
        );
    });
}

#[test]
fn a_missing_package_is_named() {
    on_every_worker(
        &Request::new("import tensorflow\ndef calculate():\n    return 1"),
        |run| {
            run.fails_as("missing_package", "tensorflow");
        },
    );
}

#[test]
fn what_was_used_is_reported() {
    let code = "def calculate():\n    kept = numpy.ones(10_000_000)\n    return float(kept.sum())";
    on_every_worker(&Request::new(code), |run| {
        let usage = run.finished.usage;
        assert!((70.0..120.0).contains(&usage.memory_peak_mb), "{usage:?}");
        assert!(
            usage.cpu_ms > 1.0 && usage.wall_ms >= usage.cpu_ms * 0.5,
            "{usage:?}"
        );
    });
}

#[test]
fn provenance_comes_first() {
    on_every_worker(&Request::new("def calculate():\n    return 1"), |run| {
        let started = run.started.as_ref().expect("a first event");
        assert!(started.python.starts_with("3."));
        assert!(started.packages.contains_key("numpy"));
        assert_eq!(started.sandbox_level, "full");
        for layer in [
            "user-namespace",
            "network-namespace",
            "read-only-root",
            "seccomp",
            "no-capabilities",
        ] {
            assert!(
                started.sandbox_layers.iter().any(|one| one == layer),
                "{layer}"
            );
        }
        assert_eq!(
            json!(started.packages_hash).as_str().map(str::len),
            Some(64)
        );
    });
}
