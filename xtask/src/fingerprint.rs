//! Whether a step has anything to do: a hash of what it is made from, kept beside what it made.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::run::{report, timed};

/// A hash that grows by what a step reads.
#[derive(Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    pub fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    /// The content of a file.
    pub fn file(mut self, path: &Path) -> Result<Self> {
        let content =
            fs::read(path).with_context(|| format!("{} could not be read", path.display()))?;
        self.0.update((content.len() as u64).to_le_bytes());
        self.0.update(content);
        Ok(self)
    }

    /// Names and contents of all files below a folder.
    pub fn tree(self, folder: &Path) -> Result<Self> {
        let files = files_below(folder)?;
        files.iter().try_fold(self, |print, path| {
            print
                .text(&path.strip_prefix(folder).unwrap_or(path).to_string_lossy())
                .file(path)
        })
    }

    /// Size and time of a file that is too large to read each time.
    pub fn modified(self, path: &Path) -> Result<Self> {
        let data =
            fs::metadata(path).with_context(|| format!("{} could not be read", path.display()))?;
        let time = data.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        Ok(self.text(&format!("{} {} {time}", path.display(), data.len())))
    }

    pub fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

/// All files below a folder, sorted.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in
            fs::read_dir(&next).with_context(|| format!("{} could not be read", next.display()))?
        {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Makes `output` unless it was already made from the same things.
pub fn unless_unchanged(
    label: &str,
    output: &Path,
    inputs: Fingerprint,
    make: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = output.with_extension("stamp");
    let inputs = inputs.finish();
    if output.exists() && fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == inputs) {
        report(label, "unchanged");
        return Ok(());
    }
    // A step that is interrupted must not leave a stamp that vouches for half of its output.
    match fs::remove_file(&stamp) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    if let Some(parent) = output.parent() {
        fs::create_dir_all(parent)?;
    }
    timed(label, make)?;
    fs::write(&stamp, inputs)?;
    Ok(())
}
