//! The worker's settings, one small struct, read once from the environment.

use anyhow::{Context, bail};
use domain::settings;
use sandbox::Level;
use std::{env, net::SocketAddr, path::PathBuf};

/// Where callers of a platform expect a service when it says nothing else.
const DEFAULT_PORT: u16 = 8080;
const METRICS_TOKEN: &str = "MECAPY_METRICS_TOKEN_SHA256";
const DEFAULT_PYTHON: &str = ".venv/worker/bin/python";
/// Where the runner and the authoring package lie in a checkout; installed ones need no path.
const DEFAULT_PYTHONPATH: &str = "worker/python:sdk/python/src";

#[derive(Clone, Debug)]
pub struct Config {
    /// `MECAPY_ADDR`, else every address on `PORT`, else on 8080.
    pub addr: SocketAddr,
    /// `MECAPY_WORKER_TOKEN_SHA256`: SHA-256 of the token that callers must show.
    pub token_sha256: [u8; 32],
    /// `MECAPY_METRICS_TOKEN_SHA256`: the same for who reads the metrics, when they are not open.
    pub metrics_token_sha256: Option<[u8; 32]>,
    /// `MECAPY_WORKER_PYTHON`: the interpreter, usually of a virtual environment.
    pub python: PathBuf,
    /// `MECAPY_WORKER_PYTHONPATH`: folders of `mecapy_runner` and `mecapy`, those that exist.
    pub python_path: Vec<PathBuf>,
    /// `MECAPY_WORKER_SLOTS`: runs at the same time; one below level `full`, where runs share a user.
    pub slots: usize,
    /// `MECAPY_SANDBOX_LEVEL`.
    pub level: Level,
}

impl Config {
    /// Reads and checks the environment.
    pub fn from_env() -> anyhow::Result<Self> {
        let names: Vec<String> = env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        settings::check_names(names.iter().map(String::as_str))?;
        let level = level()?;
        let slots = slots()?;
        Ok(Self {
            addr: addr()?,
            token_sha256: token()?,
            metrics_token_sha256: variable(METRICS_TOKEN)
                .map(|text| digest(METRICS_TOKEN, &text))
                .transpose()?,
            python: variable("MECAPY_WORKER_PYTHON")
                .unwrap_or_else(|| DEFAULT_PYTHON.into())
                .into(),
            python_path: python_path(),
            slots: if level == Level::Full { slots } else { 1 },
            level,
        })
    }
}

/// Set, and not empty.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn addr() -> anyhow::Result<SocketAddr> {
    if let Some(addr) = variable("MECAPY_ADDR") {
        return addr.parse().with_context(|| {
            format!(
                "MECAPY_ADDR is {addr}, which is no address with a port, such as 127.0.0.1:8080."
            )
        });
    }
    let port = match variable("PORT") {
        Some(port) => port
            .parse()
            .with_context(|| format!("PORT is {port}, which is no port number."))?,
        None => DEFAULT_PORT,
    };
    Ok(([0, 0, 0, 0], port).into())
}

fn token() -> anyhow::Result<[u8; 32]> {
    let Some(text) = variable("MECAPY_WORKER_TOKEN_SHA256") else {
        bail!(
            "MECAPY_WORKER_TOKEN_SHA256 is not set. Set it to the SHA-256, in hexadecimal, of the \
             token that callers of this worker show."
        );
    };
    digest("MECAPY_WORKER_TOKEN_SHA256", &text)
}

fn digest(name: &str, text: &str) -> anyhow::Result<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest)
        .with_context(|| format!("{name} is not 64 hexadecimal digits."))?;
    Ok(digest)
}

fn level() -> anyhow::Result<Level> {
    let Some(text) = variable("MECAPY_SANDBOX_LEVEL") else {
        return Ok(Level::Full);
    };
    Level::parse(&text).with_context(|| {
        let known = Level::ALL.map(Level::as_str).join(", ");
        format!("MECAPY_SANDBOX_LEVEL is {text}; known levels are {known}.")
    })
}

fn slots() -> anyhow::Result<usize> {
    match variable("MECAPY_WORKER_SLOTS") {
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
        Some(text) => match text.parse() {
            Ok(slots @ 1..=256) => Ok(slots),
            _ => bail!("MECAPY_WORKER_SLOTS is {text}; it is a number from 1 to 256."),
        },
    }
}

fn python_path() -> Vec<PathBuf> {
    variable("MECAPY_WORKER_PYTHONPATH")
        .unwrap_or_else(|| DEFAULT_PYTHONPATH.to_owned())
        .split(':')
        .filter_map(|folder| PathBuf::from(folder).canonicalize().ok())
        .collect()
}
