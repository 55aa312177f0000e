//! Input files: stored by their digest, so that a later run can take the same file without
//! sending it again. In the inputs each is an object of `$type` `file`.

use crate::{
    Error, Services,
    error::{problem, problem_at},
    objects,
};
use bytes::Bytes;
use domain::{
    ProblemCode, UserId,
    limits::{MAX_FILE_NAME_BYTES, MAX_INPUT_FILES, MAX_INPUT_FILES_BYTES},
    value::{Arrays, File, Value, files},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A file that came with a request.
#[derive(Clone, Debug)]
pub struct SentFile {
    /// The input that gets it. Files of the same input make a list.
    pub input: String,
    pub name: String,
    pub bytes: Bytes,
}

/// A file as a run is stored with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunFile {
    pub sha256: String,
    pub bytes: u64,
}

/// The files of a request, hashed and within their limits, not yet stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Vec<(SentFile, String)>);

impl Sent {
    pub(super) async fn check(s: &Services, sent: Vec<SentFile>) -> Result<Self, Error> {
        for file in &sent {
            if !File::may_be_called(&file.name) {
                let detail = format!(
                    "The file of {} has no usable name. Send it under a name of 1 to \
                     {MAX_FILE_NAME_BYTES} bytes without slashes and control characters.",
                    file.input
                );
                return Err(problem_at(ProblemCode::Invalid, &file.input, detail));
            }
        }
        let bytes = sent.iter().map(|file| file.bytes.len()).sum();
        within_limits(sent.len(), bytes as u64)?;
        let hash = move || {
            let digest = |file: &SentFile| hex::encode(Sha256::digest(&file.bytes));
            sent.into_iter()
                .map(|file| {
                    let sha256 = digest(&file);
                    (file, sha256)
                })
                .collect()
        };
        Ok(Self(s.offload(bytes, hash).await?))
    }

    /// What distinguishes this request from another, for its idempotency key.
    pub(super) fn fingerprint(&self) -> Vec<[&str; 3]> {
        self.0
            .iter()
            .map(|(file, sha256)| [&*file.input, &*file.name, &**sha256])
            .collect()
    }

    /// The inputs with each file under the name it came with.
    pub(super) fn joined(&self, inputs: String) -> Result<String, Error> {
        if self.0.is_empty() {
            return Ok(inputs);
        }
        let Ok(mut given) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&inputs) else {
            // What is wrong with it, the check of the inputs says.
            return Ok(inputs);
        };
        let mut by_input: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for (file, sha256) in &self.0 {
            let value = Value::File(Box::new(File {
                name: file.name.clone(),
                bytes: file.bytes.len() as u64,
                sha256: sha256.clone(),
            }));
            by_input.entry(&file.input).or_default().push(value);
        }
        let mut parts = Vec::with_capacity(given.len() + by_input.len());
        for (input, mut values) in by_input {
            // A saved input is replaced by the file that is sent for it.
            given.remove(input);
            let value = match values.len() {
                1 => values.remove(0),
                _ => Value::List(values),
            };
            parts.push((input.to_owned(), value.to_json(Arrays::Nested)));
        }
        let kept = given
            .into_iter()
            .map(|(name, value)| (name, value.get().to_owned()));
        let parts: Vec<String> = kept
            .chain(parts)
            .map(|(name, json)| format!("{}:{json}", serde_json::Value::from(name)))
            .collect();
        Ok(format!("{{{}}}", parts.join(",")))
    }

    pub(super) async fn store(self, s: &Services, user: UserId) -> Result<(), Error> {
        for (file, sha256) in self.0 {
            s.0.objects
                .put(&objects::file_key(user, &sha256), file.bytes)
                .await?;
        }
        Ok(())
    }
}

/// The files that inputs name, each once, within the limits of a run.
pub(super) fn named(inputs: &Value) -> Result<Vec<(String, RunFile)>, Error> {
    let mut found: Vec<(String, RunFile)> = Vec::new();
    for file in files(inputs) {
        if found.iter().all(|(_, known)| known.sha256 != file.sha256) {
            let stored = RunFile {
                sha256: file.sha256.clone(),
                bytes: file.bytes,
            };
            found.push((file.name.clone(), stored));
        }
    }
    let bytes = found
        .iter()
        .fold(0_u64, |sum, (_, file)| sum.saturating_add(file.bytes));
    within_limits(found.len(), bytes)?;
    Ok(found)
}

/// Passes when each file is stored for this user as the inputs describe it.
pub(super) async fn are_stored(
    s: &Services,
    user: UserId,
    named: Vec<(String, RunFile)>,
) -> Result<Vec<RunFile>, Error> {
    let mut stored = Vec::with_capacity(named.len());
    for (name, file) in named {
        let key = objects::file_key(user, &file.sha256);
        if s.0.objects.size(&key).await? != Some(file.bytes) {
            let detail = format!(
                "The file {name} is not stored here. Send it with the request, as \
                 multipart/form-data."
            );
            return Err(problem_at(ProblemCode::Invalid, "inputs", detail));
        }
        stored.push(file);
    }
    Ok(stored)
}

fn within_limits(count: usize, bytes: u64) -> Result<(), Error> {
    if count > MAX_INPUT_FILES {
        let detail = format!(
            "{count} files are among the inputs; a run takes {MAX_INPUT_FILES}. Send fewer, or \
             put them into one archive."
        );
        return Err(problem(ProblemCode::TooLarge, detail));
    }
    if bytes > MAX_INPUT_FILES_BYTES {
        let mb = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
        let detail = format!(
            "The input files have {:.1} MB together; a run takes {:.0} MB. Send less data, or \
             compress it.",
            mb(bytes),
            mb(MAX_INPUT_FILES_BYTES)
        );
        return Err(problem(ProblemCode::TooLarge, detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(files: &[(&str, &str)]) -> Sent {
        let of = |&(input, name): &(&str, &str)| {
            let file = SentFile {
                input: input.into(),
                name: name.into(),
                bytes: Bytes::from_static(b"1;2"),
            };
            (file, "a".repeat(64))
        };
        Sent(files.iter().map(of).collect())
    }

    #[test]
    fn files_stand_beside_the_other_inputs_and_in_lists_where_one_input_has_several() {
        let joined = sent(&[("data", "a.csv"), ("more", "b.csv"), ("more", "c.csv")])
            .joined(r#"{"n":123456789012345678901,"data":null}"#.into())
            .expect("an object");
        let value = Value::parse(&joined).expect("JSON");
        assert!(joined.contains(r#""n":123456789012345678901"#), "{joined}");
        assert!(matches!(value.get("data"), Some(Value::File(file)) if file.name == "a.csv"));
        let Some(Value::List(more)) = value.get("more") else {
            panic!("{joined}");
        };
        assert_eq!(more.len(), 2);
    }

    #[test]
    fn a_file_that_is_named_twice_is_one() {
        let joined = sent(&[("a", "a.csv"), ("b", "b.csv")])
            .joined("{}".into())
            .expect("an object");
        let named = named(&Value::parse(&joined).expect("JSON")).expect("within the limits");
        assert_eq!(named.len(), 1);
    }
}
