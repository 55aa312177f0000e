//! Which state of a task somebody has read, so that a change is made to that state and no other.

use crate::{Caller, Error, db::Unexpected, error::problem};
use domain::{ProblemCode, task::TaskDetail};
use sha2::{Digest, Sha256};

/// Bytes of the hash that tell names and descriptions apart.
const HASH_BYTES: usize = 8;

/// Differs after every edit of a task; runs do not change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(String);

impl Revision {
    #[must_use]
    pub fn of(task: &TaskDetail) -> Self {
        Self::new(
            task.version.number,
            task.updated_at.millis(),
            &task.name,
            &task.description,
        )
    }

    /// `updated_at` is in milliseconds since the epoch.
    pub(crate) fn new(version: u32, updated_at: i64, name: &str, description: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(updated_at.to_le_bytes());
        for words in [name, description] {
            hash.update((words.len() as u64).to_le_bytes());
            hash.update(words);
        }
        let hash = hash.finalize();
        Self(format!("v{version}-{}", hex::encode(&hash[..HASH_BYTES])))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The version that a text which may be a revision names.
    fn version_in(text: &str) -> Option<u32> {
        text.strip_prefix('v')?.split_once('-')?.0.parse().ok()
    }
}

/// The answer to a change that was meant for another state of the task.
pub(crate) fn changed_since(c: &Caller, expected: &[String], now: &Unexpected) -> Error {
    let Unexpected {
        version,
        updated_at,
    } = now;
    let name = &c.name;
    let read = expected.iter().filter_map(|one| Revision::version_in(one));
    let what = match read.max() {
        Some(read) if read < *version => format!(
            "{name} saved version {version} of this task on {updated_at} from somewhere else, after version {read} was read"
        ),
        Some(_) => format!(
            "{name} changed the name or the description of this task on {updated_at} from somewhere else, after it was read"
        ),
        None => format!(
            "If-Match names no state of this task; its version {version} is of {updated_at}"
        ),
    };
    problem(
        ProblemCode::PreconditionFailed,
        format!(
            "{what}. Nothing was changed now. Read the task again, look at what is different, and send the change with the ETag of that answer."
        ),
    )
}
