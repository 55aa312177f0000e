//! One server per data folder: a lock file that the kernel releases when its holder ends.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process,
};

const LOCK_FILE: &str = "server.lock";

#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error(
        "The data folder {dir} is in use by another MecaPy server{holder}. Stop that one, or set MECAPY_DATA_DIR \
         to another folder."
    )]
    Held { dir: String, holder: String },
    #[error(
        "The data folder {dir} cannot be used: {source}. Make it writable, or set MECAPY_DATA_DIR to another folder."
    )]
    Unusable { dir: String, source: io::Error },
}

/// Held for as long as the server runs.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
    dir: PathBuf,
}

impl DataLock {
    /// Makes the folder when it is missing, and takes its lock.
    ///
    /// # Errors
    /// The folder cannot be made or written, or another server holds it.
    pub fn take(dir: &Path) -> Result<Self, DataDirError> {
        let unusable = |source| DataDirError::Unusable {
            dir: dir.display().to_string(),
            source,
        };
        make_private(dir).map_err(unusable)?;
        let dir = dir.canonicalize().map_err(unusable)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join(LOCK_FILE))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&dir, &mut file)),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        write_pid(&mut file).map_err(unusable)?;
        Ok(Self { _file: file, dir })
    }

    /// The locked folder, absolute.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// What is stored there is the user's own: nobody else on the machine reads it.
fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if dir.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())?;
    file.flush()
}

fn held(dir: &Path, file: &mut File) -> DataDirError {
    let mut text = String::new();
    let holder = match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!(" (process {})", text.trim()),
        _ => String::new(),
    };
    DataDirError::Held {
        dir: dir.display().to_string(),
        holder,
    }
}
