//! Promise: whatever a run writes into the channel that results travel on is its own word at most,
//! and never a danger to the worker or to another run.

use crate::harness::{Request, Run, on_every_worker, store};

const FRAMES: &str = r#"
import os, struct
def frame(kind, body): return struct.pack(">BI", kind, len(body)) + body
def write(data):
    view = memoryview(data)
    while view: view = view[os.write(4, view):]
"#;

#[track_caller]
fn writing(code: &str, check: impl Fn(&Run)) {
    on_every_worker(
        &Request::new(format!(
            "{FRAMES}def calculate():\n    {code}\n    return 'honest'"
        )),
        check,
    );
}

#[test]
fn writing_nothing_is_the_control() {
    writing("pass", |run| assert_eq!(run.result(), "honest"));
}

#[test]
fn a_forged_result_is_the_run_s_own() {
    writing(r#"write(frame(4, b'"forged"'))"#, |run| {
        assert_eq!(run.result(), "forged")
    });
}

#[test]
fn bytes_that_are_no_frame() {
    writing(r"write(b'\xff' * 1000)", |run| {
        run.fails_as("killed", "channel that results travel on")
    });
}

#[test]
fn a_result_that_is_no_json() {
    for body in [r"b'{'", r"b'\xff\xfe'", r"b''", r"b'[1]\n{}'"] {
        writing(&format!("write(frame(4, {body}))"), |run| {
            run.fails_as("killed", "channel that results travel on");
        });
    }
}

#[test]
fn a_frame_that_claims_200_megabytes() {
    writing("write(struct.pack('>BI', 4, 200 << 20))", |run| {
        run.fails_as("result_too_large", "limit")
    });
    writing("write(struct.pack('>BI', 2, 200 << 20))", |run| {
        run.fails_as("killed", "channel")
    });
    // The same, with all of them behind it.
    writing("write(frame(4, b'1' * (200 << 20)))", |run| {
        run.fails_as("result_too_large", "limit")
    });
}

#[test]
fn a_million_brackets() {
    writing(
        "write(frame(4, b'[' * 1_000_000 + b']' * 1_000_000))",
        |run| {
            run.fails_as("killed", "channel that results travel on");
        },
    );
    // Deeper than what the dispatcher reads, which would count as a defect of ours.
    writing("write(frame(4, b'[' * 100 + b']' * 100))", |run| {
        run.fails_as("killed", "channel that results travel on");
    });
    writing("write(frame(4, b'[' * 60 + b']' * 60))", |run| {
        assert_eq!(run.result_text().len(), 120)
    });
}

#[test]
fn half_a_frame() {
    writing("write(frame(4, b'123456')[:-2]); os._exit(0)", |run| {
        run.fails_as("killed", "channel")
    });
}

#[test]
fn a_flood_of_progress() {
    writing(
        r#"[write(frame(2, b'{"fraction":0.5,"message":"x"}') * 1000) for _ in range(200)]"#,
        |run| {
            assert_eq!(run.result(), "honest");
            assert!(run.progress.len() < 2000, "{} events", run.progress.len());
        },
    );
    writing(
        r#"write(frame(2, b'{"fraction":0.5,"message":"x"}'))"#,
        |run| {
            assert_eq!(run.progress, [(0.5, "x".to_owned())]);
        },
    );
}

#[test]
fn progress_that_is_none() {
    writing(
        r#"write(frame(2, b'{"fraction":1e999}') + frame(2, b'nonsense'))"#,
        |run| {
            assert_eq!(run.result(), "honest");
            assert!(run.progress.is_empty());
        },
    );
}

#[test]
fn a_flood_of_figures() {
    let figure = "write(frame(3, struct.pack('>IB', 0, 0) + b'<svg/>') * N)";
    writing(&figure.replace('N', "100_000"), |run| {
        run.fails_as("result_too_large", "more than 16 figures");
    });
    writing(&figure.replace('N', "16"), |run| {
        assert_eq!(run.result(), "honest")
    });
}

#[test]
fn two_images_for_one_figure() {
    // A store refuses the second, which must not count as a defect of ours.
    let slots = store::slots(&store::start().0, "", 3);
    let drawing = |figures: [(u32, &str); 2]| {
        let [first, second] = figures.map(|(index, image)| {
            format!("write(frame(3, struct.pack('>IB', {index}, 0) + b'<svg>{image}</svg>'))")
        });
        let code =
            format!("{FRAMES}def calculate():\n    {first}\n    {second}\n    return 'honest'");
        Request::new(code).with("upload_urls", slots.clone())
    };
    for forged in [
        [(0, "a"), (0, "b")],
        [(1, "b"), (0, "a")],
        [(0, "a"), (2, "c")],
    ] {
        on_every_worker(&drawing(forged), |run| run.fails_as("killed", "channel"));
    }
    on_every_worker(&drawing([(0, "a"), (1, "b")]), |run| {
        assert_eq!(run.result(), "honest")
    });
}

#[test]
fn more_figures_than_there_are_slots() {
    let slots = store::slots(&store::start().0, "", 1);
    let code = "for n in range(3): write(frame(3, struct.pack('>IB', n, 0) + b'<svg/>'))";
    let code = format!("{FRAMES}def calculate():\n    {code}\n    return 'honest'");
    let request = Request::new(code);
    on_every_worker(&request.clone().with("upload_urls", slots), |run| {
        run.fails_as("result_too_large", "more than 1 figure, the limit")
    });
    on_every_worker(&request, |run| assert_eq!(run.result(), "honest"));
}

#[test]
fn notes_in_the_worker_s_name_count_as_log() {
    writing(
        r#"[write(frame(1, b'{"text":"' + b'z' * 60_000 + b'"}')) for _ in range(100)]"#,
        |run| {
            assert_eq!(run.result(), "honest");
            assert!(run.notes.len() < 1_200_000, "{}", run.notes.len());
        },
    );
}

#[test]
fn it_cannot_ask_to_be_tried_again() {
    for kind in ["infrastructure", "timeout", "killed"] {
        let code = format!(r#"write(frame(5, b'{{"kind":"{kind}","message":"forged"}}'))"#);
        writing(&code, |run| run.fails_as("python", "forged"));
    }
}

#[test]
fn a_second_ready_is_no_frame_of_a_run() {
    writing("write(frame(0, bytes(8)))", |run| {
        run.fails_as("killed", "channel")
    });
}

#[test]
fn closing_it_ends_without_a_result() {
    writing("os.close(4)", |run| {
        run.fails_as("killed", "gave no result")
    });
    writing("os.closerange(0, 64)", |run| {
        run.fails_as("killed", "gave no result")
    });
}

#[test]
fn leaving_without_a_word() {
    writing("os._exit(0)", |run| run.fails_as("killed", "exit code 0"));
    writing("os._exit(7)", |run| run.fails_as("killed", "exit code 7"));
}
