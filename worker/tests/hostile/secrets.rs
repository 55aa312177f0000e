//! Promise: a run finds no secret: not in its environment, its descriptors or the worker's memory.

use crate::harness::{SECRET, attack, control};
use serde_json::json;

#[test]
pub fn the_environment_is_empty() {
    let code = "def attack(): return dict(os.environ)";
    attack(code, |seen| {
        let known = ["HOME", "LANG", "TZ", "MPLBACKEND", "MPLCONFIGDIR"];
        for (name, value) in seen.as_object().expect("variables") {
            assert!(known.contains(&name.as_str()), "{name} is {value}");
        }
    });
    assert_eq!(control::unconfined(code)["TEST_SECRET"], SECRET);
}

#[test]
pub fn the_environment_of_c_is_empty_too() {
    let code = r#"
def attack():
    libc.getenv.restype = ctypes.c_char_p
    names = [b"TEST_SECRET", b"MECAPY_WORKER_TOKEN_SHA256", b"MECAPY_ADDR", b"MECAPY_WORKER_PYTHON"]
    return [(libc.getenv(name) or b"").decode() for name in names]
"#;
    attack(code, |seen| assert_eq!(seen, &json!(["", "", "", ""])));
    assert_eq!(control::unconfined(code)[0], SECRET);
}

#[test]
pub fn the_secret_is_nowhere_in_memory() {
    // The stack keeps the environment a program was started with, whatever it cleared later.
    let code = r#"
def attack():
    libc.getauxval.restype = ctypes.c_ulong
    at = libc.getauxval(31)  # the name of the program, at the top of the stack, beside the environment
    page = at & ~4095
    found = ctypes.string_at(page - 4096, at - page + 4096)
    return b"battery" in found
"#;
    attack(code, |seen| assert_eq!(seen, false));
    assert_eq!(control::unconfined(code), true);
}

#[test]
pub fn only_its_own_descriptors_are_open() {
    let code = r#"
def attack():
    return [fd for fd in range(64) if attempt(os.fstat, fd) == "did"]
"#;
    attack(code, |seen| assert_eq!(seen, &json!([0, 1, 2, 4])));
    let inherited = format!("os.dup2(os.open('/dev/null', os.O_RDONLY), 40)\n{code}");
    let seen = control::unconfined(&inherited);
    assert!(
        seen.as_array().is_some_and(|all| all.contains(&json!(40))),
        "{seen}"
    );
}

#[test]
pub fn standard_input_says_nothing() {
    let code = "def attack(): return os.read(0, 100).decode()";
    attack(code, |seen| assert_eq!(seen, ""));
    let control = control::unconfined(
        "import tempfile\ndef attack():\n    file = tempfile.TemporaryFile(); file.write(b'said'); file.seek(0)\n    os.dup2(file.fileno(), 0); return os.read(0, 100).decode()",
    );
    assert_eq!(control, "said");
}

#[test]
pub fn the_host_s_name_and_users_are_not_told() {
    let code = r#"
def attack():
    return [socket.gethostname(), open("/etc/passwd").read(), os.getuid()]
"#;
    attack(code, |seen| {
        assert_eq!(seen[0], "mecapy");
        assert_eq!(seen[1], "mecapy:x:1000:1000::/tmp:/nonexistent\n");
        assert_eq!(seen[2], 1000);
    });
    let seen = control::unconfined(code);
    assert!(
        seen[1]
            .as_str()
            .is_some_and(|users| users.contains("root:")),
        "{seen}"
    );
}
