//! What may be stored: the limits on names, code, inputs and runs, each with its sentence.

use crate::error::{Error, problem_at};
use domain::{
    Lang, ProblemCode, inputs,
    limits::{
        Limits, MAX_CODE_BYTES, MAX_DESCRIPTION_CHARS, MAX_INPUTS_BYTES, MAX_MEMORY_MB,
        MAX_NAME_CHARS, MAX_RESULT_BYTES, MAX_TOKEN_NAME_CHARS, MAX_WALL_S,
    },
    signature::Signature,
    value::Value,
};

/// Longest idempotency key, bytes.
const MAX_KEY_BYTES: usize = 255;

fn invalid(field: &str, detail: impl Into<String>) -> Error {
    problem_at(ProblemCode::Invalid, field, detail)
}

fn too_large(field: &str, detail: impl Into<String>) -> Error {
    problem_at(ProblemCode::TooLarge, field, detail)
}

/// A task's name, without the space around it.
pub(crate) fn name(text: &str) -> Result<String, Error> {
    let name = text.trim();
    let chars = name.chars().count();
    if name.is_empty() {
        return Err(invalid("name", "The task has no name. Give it one."));
    }
    if name.chars().any(char::is_control) {
        let detail = "The name contains a control character. Write it on one line.";
        return Err(invalid("name", detail));
    }
    if chars > MAX_NAME_CHARS {
        let detail = format!(
            "The name has {chars} characters; the limit is {MAX_NAME_CHARS}. Shorten it, and put \
             the rest into the description."
        );
        return Err(too_large("name", detail));
    }
    Ok(name.to_owned())
}

/// A token's name, without the space around it.
pub(crate) fn token_name(text: &str) -> Result<String, Error> {
    let name = text.trim();
    let chars = name.chars().count();
    if name.is_empty() {
        let detail = "The token has no name. Say what it is for.";
        return Err(invalid("name", detail));
    }
    if name.chars().any(char::is_control) {
        let detail = "The name contains a control character. Write it on one line.";
        return Err(invalid("name", detail));
    }
    if chars > MAX_TOKEN_NAME_CHARS {
        let detail =
            format!("The name has {chars} characters; the limit is {MAX_TOKEN_NAME_CHARS}.");
        return Err(too_large("name", detail + " Shorten it."));
    }
    Ok(name.to_owned())
}

pub(crate) fn description(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let chars = text.chars().count();
    if chars > MAX_DESCRIPTION_CHARS {
        let detail = format!(
            "The description has {chars} characters; the limit is {MAX_DESCRIPTION_CHARS}. \
             Shorten it."
        );
        return Err(too_large("description", detail));
    }
    no_nul("description", text)?;
    Ok(text.to_owned())
}

pub(crate) fn code(text: &str) -> Result<(), Error> {
    let bytes = text.len();
    if bytes > MAX_CODE_BYTES {
        let detail = format!(
            "The code has {bytes} bytes; the limit is {MAX_CODE_BYTES}. Move data into the inputs."
        );
        return Err(too_large("code", detail));
    }
    no_nul("code", text)
}

/// The inputs as they are stored; nothing means an empty object.
pub(crate) fn inputs(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    let bytes = text.len();
    if bytes > MAX_INPUTS_BYTES {
        let detail = format!(
            "The inputs have {bytes} bytes; the limit is {MAX_INPUTS_BYTES}. Send fewer values."
        );
        return Err(too_large("inputs", detail));
    }
    Ok(if text.is_empty() { "{}" } else { text })
}

/// Inputs that are saved: any JSON object, because the code may change before they are used.
pub(crate) fn saved_inputs(text: &str) -> Result<&str, Error> {
    let text = inputs(text)?;
    match Value::parse(text) {
        Ok(Value::Object(_)) => Ok(text),
        Ok(_) => Err(invalid(
            "inputs",
            "The inputs are JSON, but not an object. Write them as {\"name\": value}.",
        )),
        Err(error) => Err(invalid("inputs", error.message(Lang::En))),
    }
}

/// Inputs of a run, checked against what the code asks for.
pub(crate) fn run_inputs(text: &str, signature: &Signature) -> Result<Value, Error> {
    inputs::validate(text, signature).map_err(|error| Error::Problem(error.into()))
}

pub(crate) fn limits(limits: Limits) -> Result<Limits, Error> {
    let within = |field: &str, value: u64, most: u64, unit: &str| {
        if (1..=most).contains(&value) {
            return Ok(());
        }
        let detail = format!("{field} is {value} {unit}. Choose from 1 to {most} {unit}.");
        Err(invalid(&format!("limits.{field}"), detail))
    };
    let Limits {
        wall_s,
        cpu_s,
        memory_mb,
        output_bytes,
    } = limits;
    within("wall_s", wall_s.into(), MAX_WALL_S.into(), "s")?;
    within("cpu_s", cpu_s.into(), MAX_WALL_S.into(), "s")?;
    within("memory_mb", memory_mb.into(), MAX_MEMORY_MB.into(), "MB")?;
    within("output_bytes", output_bytes, MAX_RESULT_BYTES, "bytes")?;
    Ok(limits)
}

pub(crate) fn idempotency_key(key: &str) -> Result<(), Error> {
    let printable = key.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if key.is_empty() || key.len() > MAX_KEY_BYTES || !printable {
        let detail = format!(
            "The idempotency key is not usable. Send 1 to {MAX_KEY_BYTES} printable ASCII \
             characters, for example a UUID."
        );
        return Err(invalid("Idempotency-Key", detail));
    }
    Ok(())
}

/// Postgres cannot store NUL in text, and nobody means to.
fn no_nul(field: &str, text: &str) -> Result<(), Error> {
    if text.contains('\0') {
        let detail = format!("The {field} contains a NUL character. Remove it.");
        return Err(invalid(field, detail));
    }
    Ok(())
}
