//! Promise: what a run writes is small and goes away with it.

use crate::harness::{attack, control};
use serde_json::json;

#[test]
pub fn tmp_fills_up_at_its_size() {
    let code = r#"
import tempfile
def attack():
    folder, written = tempfile.mkdtemp(), 0
    outcome = "did"
    for n in range(10):
        try:
            with open(f"{folder}/{n}", "wb") as file:
                for _ in range(20):
                    file.write(bytes(1 << 20)); file.flush()
                    written += 1
        except OSError as problem:
            outcome = errno.errorcode[problem.errno]
            break
    __import__("shutil").rmtree(folder)
    return [outcome, written]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "ENOSPC");
        assert!(
            (55..=64).contains(&seen[1].as_u64().expect("megabytes")),
            "{seen}"
        );
    });
    assert_eq!(control::unconfined(code), json!(["did", 200]));
}

#[test]
pub fn a_file_stops_at_its_size() {
    let code = r#"
import tempfile
def attack():
    file = tempfile.TemporaryFile()
    return attempt(file.truncate, 65 << 20)
"#;
    attack(code, |seen| assert_eq!(seen, "EFBIG"));
    assert_eq!(control::unconfined(code), "did");
}

#[test]
pub fn files_stop_at_their_number() {
    let code = r#"
import tempfile
def attack():
    folder, made = tempfile.mkdtemp(), 0
    try:
        for made in range(6000): os.close(os.open(f"{folder}/{made}", os.O_CREAT | os.O_WRONLY))
        outcome = "did"
    except OSError as problem:
        outcome = errno.errorcode[problem.errno]
    __import__("shutil").rmtree(folder)
    return [outcome, made]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "ENOSPC");
        assert!(seen[1].as_u64().is_some_and(|made| made < 4096), "{seen}");
    });
    assert_eq!(control::unconfined(code)[0], "did");
}

#[test]
pub fn descriptors_stop_at_their_number() {
    let code = r#"
def attack():
    kept = []
    try:
        while len(kept) < 200: kept.append(os.open("/dev/null", os.O_RDONLY))
        outcome = "did"
    except OSError as problem:
        outcome = errno.errorcode[problem.errno]
    for one in kept: os.close(one)
    return [outcome, len(kept)]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "EMFILE");
        assert!(seen[1].as_u64().is_some_and(|kept| kept <= 64), "{seen}");
    });
    assert_eq!(control::unconfined(code)[0], "did");
}
