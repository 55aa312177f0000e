//! The settings as they were given: the process environment over a file of the same names.
//!
//! Only `domain::settings` decides which names exist; nothing else in the server reads the
//! environment.

use domain::settings::{self, UnknownSetting};
use std::{
    collections::HashMap,
    env,
    path::{Path, PathBuf},
};

/// Read when `MECAPY_CONFIG_FILE` names no other file; it need not exist.
const DEFAULT_FILE: &str = "mecapy.env";

#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    #[error("{0}")]
    Unknown(#[from] UnknownSetting),
    #[error("The value of {0} is not valid UTF-8. Set it again in plain text.")]
    NotUtf8(&'static str),
    #[error(
        "The settings file {path} could not be read: {reason}. Correct it, or unset MECAPY_CONFIG_FILE."
    )]
    File { path: String, reason: String },
}

/// Name to value of every known setting that is set and not empty.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    values: HashMap<&'static str, String>,
}

impl Environment {
    /// Reads the file, then the process environment over it.
    ///
    /// # Errors
    /// A `MECAPY_` name nobody reads, a value that is not text, a file that cannot be read.
    pub fn read() -> Result<Self, EnvironmentError> {
        let mut given = Self::default();
        given.add_file()?;
        let names: Vec<String> = env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        settings::check_names(names.iter().map(String::as_str))?;
        for setting in settings::SETTINGS {
            match env::var(setting.name) {
                Ok(value) => given.set(setting.name, value),
                Err(env::VarError::NotPresent) => {}
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(EnvironmentError::NotUtf8(setting.name));
                }
            }
        }
        Ok(given)
    }

    /// The value of a setting; `None` when it is unset or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(settings::find(name).is_some(), "{name} is not in the table");
        self.values.get(name).map(String::as_str)
    }

    fn set(&mut self, name: &'static str, value: String) {
        if value.is_empty() {
            self.values.remove(name);
        } else {
            self.values.insert(name, value);
        }
    }

    fn add_file(&mut self) -> Result<(), EnvironmentError> {
        let named = env::var_os("MECAPY_CONFIG_FILE").filter(|name| !name.is_empty());
        let path = PathBuf::from(named.clone().unwrap_or_else(|| DEFAULT_FILE.into()));
        if named.is_none() && !path.exists() {
            return Ok(());
        }
        let pairs = read_file(&path).map_err(|reason| EnvironmentError::File {
            path: path.display().to_string(),
            reason,
        })?;
        settings::check_names(pairs.iter().map(|(name, _)| name.as_str()))?;
        for (name, value) in pairs {
            if let Some(setting) = settings::find(&name) {
                self.set(setting.name, value);
            }
        }
        Ok(())
    }
}

fn read_file(path: &Path) -> Result<Vec<(String, String)>, String> {
    let lines = dotenvy::from_path_iter(path).map_err(|error| error.to_string())?;
    lines
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}
