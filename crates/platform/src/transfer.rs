//! Moves everything from one place to another: out of a database and an object store into a folder,
//! and from there into others. Ids, results and share links stay what they are.
//!
//! ```text
//! FOLDER/mecapy-export.json     the version of the data
//! FOLDER/tables/NAME.jsonl      a row a line
//! FOLDER/objects/KEY            the objects
//! ```

use crate::{
    OpenError,
    config::Config,
    db::{SqlStore, TABLES},
    error::Internal,
    objects::{Objects, Signer},
    services::{DATABASE_FILE, open_objects},
};
use bytes::Bytes;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

const MANIFEST: &str = "mecapy-export.json";
/// Where runs and input files have their objects.
const PREFIXES: [&str; 2] = ["runs", "files"];

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    /// The newest migration.
    version: i64,
}

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub rows: u64,
    pub objects: u64,
}

/// Why nothing, or not everything, was moved; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{0}")]
    Platform(#[from] Internal),
    #[error(
        "{path} cannot be read or written: {source}; name another folder, or free the way to it"
    )]
    File { path: String, source: io::Error },
    #[error("{0} is not empty; name a new folder")]
    NotEmptyFolder(String),
    #[error("{0} is no export of MecaPy: its {MANIFEST} is missing or cannot be read")]
    NoExport(String),
    #[error(
        "{folder} was exported by another version of MecaPy (its data have number {theirs}, this \
         program's {ours}); use the same version for export and import"
    )]
    OtherVersion {
        folder: String,
        theirs: i64,
        ours: i64,
    },
    #[error(
        "there are tasks in {0} already, and importing would mix them; import into an empty one"
    )]
    NotEmptyDatabase(String),
    #[error("line {line} of {path} cannot be read: {reason}; export again")]
    Line {
        path: String,
        line: usize,
        reason: String,
    },
}

/// Writes everything into a folder that does not exist or is empty. The server should stand still:
/// what it stores meanwhile may be missing.
///
/// # Errors
/// As [`TransferError`] says.
pub async fn export(config: &Config, folder: &Path) -> Result<Moved, TransferError> {
    let (store, objects) = open(config, false).await?;
    let tables = folder.join("tables");
    if fs::read_dir(folder).is_ok_and(|mut there| there.next().is_some()) {
        return Err(TransferError::NotEmptyFolder(folder.display().to_string()));
    }
    fs::create_dir_all(&tables).map_err(at(&tables))?;
    let mut moved = Moved::default();
    for &table in TABLES {
        let path = tables.join(format!("{table}.jsonl"));
        let mut file = BufWriter::new(File::create(&path).map_err(at(&path))?);
        let mut records = store.records(table);
        while let Some(record) = records.try_next().await? {
            let line = serde_json::Value::Object(record).to_string();
            writeln!(file, "{line}").map_err(at(&path))?;
            moved.rows += 1;
        }
        file.flush().map_err(at(&path))?;
    }
    for prefix in PREFIXES {
        let mut found = objects.list(prefix);
        while let Some(object) = found.try_next().await? {
            // Removed since it was listed.
            let Some(bytes) = objects.get(&object.key).await? else {
                continue;
            };
            let path = folder.join("objects").join(&object.key);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(at(parent))?;
            fs::write(&path, bytes).map_err(at(&path))?;
            moved.objects += 1;
        }
    }
    // Last, so that a folder that has it is whole.
    let manifest = Manifest {
        version: SqlStore::version(),
    };
    let text = serde_json::to_string(&manifest).expect("a number");
    let path = folder.join(MANIFEST);
    fs::write(&path, text).map_err(at(&path))?;
    Ok(moved)
}

/// Takes everything out of an exported folder into an empty database. The objects come first: a
/// row whose objects are missing is never seen.
///
/// # Errors
/// As [`TransferError`] says; the database stays as it was.
pub async fn import(config: &Config, folder: &Path) -> Result<Moved, TransferError> {
    let shown = folder.display().to_string();
    let manifest = fs::read_to_string(folder.join(MANIFEST)).ok();
    let manifest: Manifest = manifest
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| TransferError::NoExport(shown.clone()))?;
    if manifest.version != SqlStore::version() {
        return Err(TransferError::OtherVersion {
            folder: shown,
            theirs: manifest.version,
            ours: SqlStore::version(),
        });
    }
    let (store, objects) = open(config, true).await?;
    if !store.is_empty().await? {
        let place = config.database.in_words(&config.data);
        return Err(TransferError::NotEmptyDatabase(place));
    }
    let mut moved = Moved::default();
    for path in files_below(&folder.join("objects"))? {
        let below = path.strip_prefix(folder.join("objects")).unwrap_or(&path);
        let key = below.to_string_lossy().into_owned();
        let bytes = fs::read(&path).map_err(at(&path))?;
        objects.put(&key, Bytes::from(bytes)).await?;
        moved.objects += 1;
    }
    let mut import = store.begin_import().await?;
    for &table in TABLES {
        let path = folder.join("tables").join(format!("{table}.jsonl"));
        let file = BufReader::new(File::open(&path).map_err(at(&path))?);
        for (number, line) in file.lines().enumerate() {
            let line = line.map_err(at(&path))?;
            let record = serde_json::from_str(&line).map_err(|error| TransferError::Line {
                path: path.display().to_string(),
                line: number + 1,
                reason: error.to_string(),
            })?;
            import.insert(table, &record).await?;
            moved.rows += 1;
        }
    }
    import.commit().await?;
    Ok(moved)
}

async fn open(config: &Config, make: bool) -> Result<(SqlStore, Arc<dyn Objects>), TransferError> {
    use crate::config::DatabaseConfig;
    let file = config.data.0.join(DATABASE_FILE);
    let path = config.database.in_words(&config.data);
    let store = match &config.database {
        DatabaseConfig::File if make => {
            crate::services::make_folder(&config.data.0)?;
            SqlStore::open_file(&file).await?
        }
        DatabaseConfig::File if !file.is_file() => return Err(OpenError::NoData { path }.into()),
        DatabaseConfig::File => SqlStore::open_file_as_it_is(&file).await?,
        DatabaseConfig::Postgres(url) if make => SqlStore::connect(url).await?,
        DatabaseConfig::Postgres(url) => SqlStore::connect_as_it_is(url).await?,
    };
    if !store.is_of_this_version().await.unwrap_or(false) {
        return Err(OpenError::OtherVersion { path }.into());
    }
    Ok((store, open_objects(config, &Signer::random())?))
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, TransferError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let path = entry.map_err(at(&folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> TransferError {
    let path = path.display().to_string();
    move |source| TransferError::File { path, source }
}
