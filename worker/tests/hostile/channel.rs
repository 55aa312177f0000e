//! Promise: whatever a run writes into the channel that results travel on is its own word at most,
//! and never a danger to the worker or to another run.

use crate::harness::{Request, Run, control, on_every_worker, store};

const FRAMES: &str = r#"
import os, struct
def frame(kind, body): return struct.pack(">BI", kind, len(body)) + body
def write(data):
    view = memoryview(data)
    while view: view = view[os.write(4, view):]
"#;

fn script(code: &str) -> String {
    format!("{FRAMES}def calculate():\n    {code}\n    return 'honest'")
}

#[track_caller]
fn writing(code: &str, check: impl Fn(&Run)) {
    on_every_worker(&Request::new(script(code)), check);
}

/// The control: to whoever only reads the channel and believes it, all of this many bytes come.
#[track_caller]
fn comes_through(code: &str, bytes: usize) -> String {
    let read = control::written(&script(code), bytes + 1);
    assert_eq!(read.len(), bytes);
    String::from_utf8_lossy(&read).into_owned()
}

#[test]
pub fn writing_nothing_is_the_control() {
    writing("pass", |run| assert_eq!(run.result(), "honest"));
}

#[test]
pub fn a_forged_result_is_the_run_s_own() {
    let forged = r#"write(frame(4, b'"forged"'))"#;
    writing(forged, |run| assert_eq!(run.result(), "forged"));
    assert!(comes_through(forged, 13).ends_with("\"forged\""));
}

#[test]
pub fn bytes_that_are_no_frame() {
    let noise = r"write(b'\xff' * 1000)";
    writing(noise, |run| {
        run.fails_as("killed", "channel that results travel on")
    });
    comes_through(noise, 1000);
}

#[test]
pub fn a_result_that_is_no_json() {
    for (body, bytes) in [
        (r"b'{'", 1),
        (r"b'\xff\xfe'", 2),
        ("b''", 0),
        (r"b'[1]\n{}'", 6),
    ] {
        let code = format!("write(frame(4, {body}))");
        writing(&code, |run| {
            run.fails_as("killed", "channel that results travel on");
        });
        comes_through(&code, 5 + bytes);
    }
}

#[test]
pub fn a_frame_that_claims_200_megabytes() {
    writing("write(struct.pack('>BI', 4, 200 << 20))", |run| {
        run.fails_as("result_too_large", "limit")
    });
    writing("write(struct.pack('>BI', 2, 200 << 20))", |run| {
        run.fails_as("killed", "channel")
    });
    // The same, with all of them behind it.
    let all = "write(frame(4, b'1' * (200 << 20)))";
    writing(all, |run| run.fails_as("result_too_large", "limit"));
    comes_through(all, 5 + (200 << 20));
}

#[test]
pub fn a_million_brackets() {
    let million = "write(frame(4, b'[' * 1_000_000 + b']' * 1_000_000))";
    writing(million, |run| {
        run.fails_as("killed", "channel that results travel on");
    });
    comes_through(million, 2_000_005);
    // Deeper than what the dispatcher reads, which would count as a defect of ours.
    writing("write(frame(4, b'[' * 100 + b']' * 100))", |run| {
        run.fails_as("killed", "channel that results travel on");
    });
    writing("write(frame(4, b'[' * 60 + b']' * 60))", |run| {
        assert_eq!(run.result_text().len(), 120)
    });
}

#[test]
pub fn half_a_frame() {
    let half = "write(frame(4, b'123456')[:-2]); os._exit(0)";
    writing(half, |run| run.fails_as("killed", "channel"));
    comes_through(half, 9);
}

#[test]
pub fn a_flood_of_progress() {
    let flood =
        r#"[write(frame(2, b'{"fraction":0.5,"message":"x"}') * 1000) for _ in range(200)]"#;
    writing(flood, |run| {
        assert_eq!(run.result(), "honest");
        assert!(run.progress.len() < 2000, "{} events", run.progress.len());
    });
    comes_through(flood, 200 * 1000 * 35);
    writing(
        r#"write(frame(2, b'{"fraction":0.5,"message":"x"}'))"#,
        |run| {
            assert_eq!(run.progress, [(0.5, "x".to_owned())]);
        },
    );
}

#[test]
pub fn progress_that_is_none() {
    let none = r#"write(frame(2, b'{"fraction":1e999}') + frame(2, b'nonsense'))"#;
    writing(none, |run| {
        assert_eq!(run.result(), "honest");
        assert!(run.progress.is_empty());
    });
    comes_through(none, 36);
}

#[test]
pub fn a_flood_of_figures() {
    let figure = "write(frame(3, struct.pack('>IB', 0, 0) + b'<svg/>') * N)";
    let flood = figure.replace('N', "100_000");
    writing(&flood, |run| {
        run.fails_as("result_too_large", "more than 16 figures");
    });
    comes_through(&flood, 100_000 * 16);
    writing(&figure.replace('N', "16"), |run| {
        assert_eq!(run.result(), "honest")
    });
}

#[test]
pub fn two_images_for_one_figure() {
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
    let twice = "[write(frame(3, struct.pack('>IB', 0, 0) + one)) for one in (b'<svg>a</svg>', b'<svg>b</svg>')]";
    let read = comes_through(twice, 44);
    assert!(read.contains("<svg>a") && read.ends_with("<svg>b</svg>"));
}

#[test]
pub fn more_figures_than_there_are_slots() {
    let slots = store::slots(&store::start().0, "", 1);
    let code = "for n in range(3): write(frame(3, struct.pack('>IB', n, 0) + b'<svg/>'))";
    comes_through(code, 3 * 16);
    let request = Request::new(script(code));
    on_every_worker(&request.clone().with("upload_urls", slots), |run| {
        run.fails_as("result_too_large", "more than 1 figure, the limit")
    });
    on_every_worker(&request, |run| assert_eq!(run.result(), "honest"));
}

#[test]
pub fn notes_in_the_worker_s_name_count_as_log() {
    let notes = r#"[write(frame(1, b'{"text":"' + b'z' * 60_000 + b'"}')) for _ in range(100)]"#;
    writing(notes, |run| {
        assert_eq!(run.result(), "honest");
        assert!(run.notes.len() < 1_200_000, "{}", run.notes.len());
    });
    comes_through(notes, 100 * 60_016);
}

#[test]
pub fn it_cannot_ask_to_be_tried_again() {
    for kind in ["infrastructure", "timeout", "killed"] {
        let code = format!(r#"write(frame(5, b'{{"kind":"{kind}","message":"forged"}}'))"#);
        writing(&code, |run| run.fails_as("python", "forged"));
        let read = comes_through(&code, 5 + 30 + kind.len());
        assert!(read.contains(&format!("\"{kind}\"")));
    }
}

#[test]
pub fn a_second_ready_is_no_frame_of_a_run() {
    let ready = "write(frame(0, bytes(8)))";
    writing(ready, |run| run.fails_as("killed", "channel"));
    comes_through(ready, 13);
}

#[test]
pub fn closing_it_ends_without_a_result() {
    for close in ["os.close(4)", "os.closerange(0, 64)"] {
        writing(close, |run| run.fails_as("killed", "gave no result"));
        // Whoever reads it sees an end like any other.
        comes_through(close, 0);
    }
}

#[test]
pub fn leaving_without_a_word() {
    writing("os._exit(0)", |run| run.fails_as("killed", "exit code 0"));
    assert!(
        control::ending(&script("os._exit(0)")).success(),
        "its end looks like success"
    );
    writing("os._exit(7)", |run| run.fails_as("killed", "exit code 7"));
}
