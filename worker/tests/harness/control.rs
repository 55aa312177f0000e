//! The same attack without the layers: an ordinary Python process. It has to succeed, or its
//! failure in the jail proves nothing. What never ends by itself is ended by the test.

use super::{PRELUDE, checkout, python};
use serde_json::Value;
use std::{
    io::{Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

/// What `attack()` of the code returns in an unconfined process.
pub fn unconfined(code: &str) -> Value {
    report(Command::new(python()), code, "attack()")
}

/// What `calculate()` of the code returns there.
pub fn calculated(code: &str) -> Value {
    report(Command::new(python()), code, "calculate()")
}

/// The same as [`unconfined`], as root of a user namespace of its own: for what only an
/// administrator may do.
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
    report(command, code, "attack()")
}

/// What the second calculation returns when both run in the same process.
pub fn one_after_the_other(first: &str, second: &str) -> Value {
    let both = format!(
        "def calculate():\n    for code in ({first:?}, {second:?}):\n        names = {{}}\n        \
         exec(code, names)\n        value = names['calculate']()\n    return value"
    );
    report(Command::new(python()), &both, "calculate()")
}

/// How the process ends when nothing stands around `calculate()`.
pub fn ending(code: &str) -> ExitStatus {
    let script = format!("{code}\ncalculate()\n");
    started(Command::new(python()), &script)
        .wait()
        .expect("it ends")
}

/// Whether `calculate()` goes on after this time.
pub fn goes_on(code: &str, after: Duration) -> bool {
    let mut child = started(Command::new(python()), &format!("{code}\ncalculate()\n"));
    thread::sleep(after);
    let goes_on = child.try_wait().expect("it can be asked").is_none();
    end(child);
    goes_on
}

/// How many bytes `calculate()` prints, on standard output and error together, until it ends or
/// has printed `enough`.
pub fn printed(code: &str, enough: usize) -> usize {
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(python());
    heard(shell, code, enough).len()
}

/// What `calculate()` writes into descriptor 4 for whoever believes it, up to `enough` bytes.
pub fn written(code: &str, enough: usize) -> Vec<u8> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "exec \"$0\" \"$@\" 4>&1 >/dev/null"])
        .arg(python());
    heard(shell, code, enough)
}

fn heard(command: Command, code: &str, enough: usize) -> Vec<u8> {
    let mut child = started(command, &format!("{code}\ncalculate()\n"));
    let output = child.stdout.take().expect("its output is piped");
    let mut bytes = Vec::new();
    output
        .take(enough as u64)
        .read_to_end(&mut bytes)
        .expect("it can be heard");
    end(child);
    bytes
}

fn report(command: Command, code: &str, call: &str) -> Value {
    let script = format!("{PRELUDE}{code}\nimport json\nprint(json.dumps({call}), flush=True)\n");
    let output = started(command, &script)
        .wait_with_output()
        .expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("the control reports {text:?}"))
}

fn started(mut command: Command, script: &str) -> Child {
    let mut child = command
        .args(["-I", "-"])
        .env("TEST_SECRET", super::SECRET)
        .env("TEST_CHECKOUT", checkout())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the interpreter starts");
    let mut stdin = child.stdin.take().expect("its input is piped");
    stdin
        .write_all(script.as_bytes())
        .expect("it reads the attack");
    child
}

fn end(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}
