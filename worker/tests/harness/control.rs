//! The same attack without the layers: an ordinary Python process. It has to succeed, or its
//! failure in the jail proves nothing.

use super::{PRELUDE, python};
use serde_json::Value;
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// What `attack()` of the code returns in an unconfined process.
pub fn unconfined(code: &str) -> Value {
    report(Command::new(python()), code)
}

/// The same, as root of a user namespace of its own: for what only an administrator may do.
pub fn as_namespace_root(code: &str) -> Value {
    let mut command = Command::new("unshare");
    command
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "--pid",
            "--net",
            "--ipc",
            "--fork",
        ])
        .arg(python());
    report(command, code)
}

fn report(mut command: Command, code: &str) -> Value {
    let script = format!("{PRELUDE}{code}\nimport json\nprint(json.dumps(attack()), flush=True)\n");
    let mut child = command
        .args(["-I", "-"])
        .env("TEST_SECRET", super::SECRET)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut stdin = child.stdin.take().expect("its input is piped");
    stdin
        .write_all(script.as_bytes())
        .expect("it reads the attack");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("the control reports {text:?}"))
}
