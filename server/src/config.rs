//! What the server was told to do, checked once at the start.

mod storage;

pub use storage::StorageConfig;

use crate::{environment::Environment, logging, middleware::rate::Allowances};
use domain::limits;
use http::HeaderValue;
use std::{
    env,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    thread,
    time::Duration,
};

/// Where the server listens when nothing is set: this machine only.
pub const DEFAULT_ADDR: &str = "127.0.0.1:7979";
const DEFAULT_DATA_DIR: &str = "./data";
const DEFAULT_SITE_DIR: &str = "target/site";
const DEFAULT_PYTHON: &str = ".venv/worker/bin/python";
const DEFAULT_SANDBOX_LEVEL: &str = "full";
/// Shortest token that protects the metrics, characters.
const MIN_METRICS_TOKEN_CHARS: usize = 16;
/// Longest time a server may go on answering after it was asked to stop.
const LONGEST_DRAIN: Duration = Duration::from_secs(300);

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{name}={value} is not valid: {expected}.")]
    Invalid {
        name: &'static str,
        value: String,
        expected: &'static str,
    },
    #[error(
        "MECAPY_ADDR={0} can be reached from other machines, and this server has no login: everybody who \
         reaches it could use it. Listen on 127.0.0.1, or set MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN=1 when that is meant."
    )]
    PublicWithoutLogin(SocketAddr),
    #[error(
        "MECAPY_PUBLIC_URL={0} can be opened from other machines, and this server has no login: everybody who \
         opens it could use it. Leave it out, or set MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN=1 when that is meant."
    )]
    PublicUrlWithoutLogin(String),
    #[error(
        "The worker at MECAPY_WORKER_URL={0} is on another machine and cannot reach this server, where it reads \
         large inputs and stores results. Set MECAPY_PUBLIC_URL to an address that it can reach."
    )]
    UnreachableForWorker(String),
    #[error("{name} is not valid: {expected}.")]
    InvalidSecret {
        name: &'static str,
        expected: &'static str,
    },
    #[error("{0} is not set, and the bucket of S3_BUCKET or S3_ENDPOINT needs it. Set it.")]
    BucketKeyMissing(&'static str),
    #[error(
        "MECAPY_METRICS_TOKEN has fewer than {MIN_METRICS_TOKEN_CHARS} characters, which can be guessed. Set a longer one."
    )]
    ShortMetricsToken,
    #[error(
        "MECAPY_WORKER_URL is set without MECAPY_WORKER_TOKEN. Set the token that the worker expects."
    )]
    WorkerTokenMissing,
    #[error(transparent)]
    Log(#[from] telemetry::log::LogError),
    #[error(
        "The worker program was not found beside the server at {0}. Build it, or set MECAPY_WORKER_BIN to its path."
    )]
    WorkerBinaryMissing(String),
}

/// Everything `serve` needs to know.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// `MECAPY_ADDR`: default [`DEFAULT_ADDR`].
    pub addr: SocketAddr,
    /// `MECAPY_PUBLIC_URL` without a slash at its end; `None` means the address itself.
    pub public_url: Option<String>,
    /// `MECAPY_CORS_ORIGINS`, as browsers write them in `Origin`.
    pub cors_origins: Vec<HeaderValue>,
    /// `MECAPY_DATA_DIR`.
    pub data_dir: PathBuf,
    pub storage: StorageConfig,
    /// `MECAPY_SITE_DIR`.
    pub site_dir: PathBuf,
    /// `MECAPY_USER_NAME`: default the login name.
    pub user_name: String,
    /// `MECAPY_INLINE_BYTES`.
    pub inline_bytes: usize,
    /// `MECAPY_WEBHOOK_PRIVATE`.
    pub webhook_private: bool,
    /// `MECAPY_WEBHOOK_FIRST_RETRY_MS`.
    pub webhook_first_retry: Duration,
    /// `MECAPY_TRUSTED_PROXIES`.
    pub trusted_proxies: usize,
    /// `MECAPY_REQUESTS_PER_ADDRESS`, a minute; 0 sets no limit.
    pub requests_per_address: Option<u32>,
    /// `MECAPY_REQUESTS_PER_USER`, a minute; 0 sets no limit.
    pub requests_per_user: Option<u32>,
    /// `MECAPY_METRICS_TOKEN`.
    pub metrics_token: Option<secrecy::SecretString>,
    /// `MECAPY_DRAIN_S`.
    pub drain: Duration,
    pub worker: WorkerConfig,
}

/// Where runs are executed.
#[derive(Debug, Clone)]
pub enum WorkerConfig {
    /// A child of this server, on loopback.
    Child(ChildWorker),
    /// `MECAPY_WORKER_URL` and `MECAPY_WORKER_TOKEN`.
    Remote {
        url: String,
        token: secrecy::SecretString,
    },
}

/// How the child is started.
#[derive(Debug, Clone)]
pub struct ChildWorker {
    /// `MECAPY_WORKER_BIN`.
    pub program: PathBuf,
    /// `MECAPY_WORKER_PYTHON`.
    pub python: PathBuf,
    /// `MECAPY_WORKER_PYTHONPATH`, when it is set.
    pub python_path: Option<String>,
    /// `MECAPY_WORKER_SLOTS`.
    pub slots: usize,
    /// `MECAPY_SANDBOX_LEVEL`.
    pub sandbox_level: String,
    /// `MECAPY_LOG` and `MECAPY_LOG_FORMAT`: the worker logs as the server does.
    pub log: String,
    pub log_format: &'static str,
}

impl WorkerConfig {
    /// Runs that may be under way at the same time; a remote worker says itself when it is full.
    #[must_use]
    pub fn slots(&self) -> usize {
        match self {
            Self::Child(child) => child.slots,
            Self::Remote { .. } => processors(),
        }
    }

    /// Whether the worker is, or may be, on another machine.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        match self {
            Self::Child(_) => false,
            Self::Remote { url, .. } => url
                .parse::<http::Uri>()
                .ok()
                .and_then(|uri| uri.host().map(|host| !is_loopback(host)))
                .unwrap_or(true),
        }
    }
}

impl ServerConfig {
    /// Checks every setting the server reads.
    ///
    /// # Errors
    /// The first setting that is wrong, with what it should be.
    pub fn from_environment(env: &Environment) -> Result<Self, ConfigError> {
        let config = Self::with_worker(env, worker(env)?)?;
        config.check_reach(flag(env, "MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN")?)?;
        Ok(config)
    }

    /// For commands that work on what is stored and answer nobody: they need no worker, and an
    /// image of the server has none.
    ///
    /// # Errors
    /// The first setting that is wrong, with what it should be.
    pub fn of_what_is_stored(env: &Environment) -> Result<Self, ConfigError> {
        let nowhere = WorkerConfig::Remote {
            url: String::new(),
            token: String::new().into(),
        };
        Self::with_worker(env, nowhere)
    }

    fn with_worker(env: &Environment, worker: WorkerConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            addr: listen_address(env)?,
            public_url: public_url(env)?,
            cors_origins: cors_origins(env)?,
            data_dir: data_dir(env),
            storage: StorageConfig::from_environment(env)?,
            site_dir: path(env, "MECAPY_SITE_DIR", DEFAULT_SITE_DIR),
            user_name: user_name(env),
            inline_bytes: number(env, "MECAPY_INLINE_BYTES", limits::DEFAULT_INLINE_BYTES)?,
            webhook_private: flag(env, "MECAPY_WEBHOOK_PRIVATE")?,
            webhook_first_retry: webhook_first_retry(env)?,
            trusted_proxies: number(env, "MECAPY_TRUSTED_PROXIES", 0)?,
            requests_per_address: optional_number(env, "MECAPY_REQUESTS_PER_ADDRESS")?,
            requests_per_user: optional_number(env, "MECAPY_REQUESTS_PER_USER")?,
            metrics_token: metrics_token(env)?,
            drain: drain(env)?,
            worker,
        })
    }

    /// Who can reach the server, and whether its worker can.
    fn check_reach(&self, public_is_meant: bool) -> Result<(), ConfigError> {
        if !self.addr.ip().is_loopback() && !public_is_meant {
            return Err(ConfigError::PublicWithoutLogin(self.addr));
        }
        if self.reachable() && !public_is_meant {
            return Err(ConfigError::PublicUrlWithoutLogin(self.public_url()));
        }
        match &self.worker {
            WorkerConfig::Remote { url, .. }
                if self.worker.is_elsewhere()
                    && self.storage.serves_objects()
                    && !self.has_address_for_others() =>
            {
                Err(ConfigError::UnreachableForWorker(url.clone()))
            }
            _ => Ok(()),
        }
    }

    /// The public address means this server on other machines too.
    fn has_address_for_others(&self) -> bool {
        let host = self
            .public_host()
            .unwrap_or_else(|| self.addr.ip().to_string());
        !is_loopback(&host) && !host.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified())
    }

    /// The address browsers use: `MECAPY_PUBLIC_URL`, else the one that is listened on.
    #[must_use]
    pub fn public_url(&self) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.addr))
    }

    /// The public address as browsers write it in `Origin`: lower case, without a default port.
    #[must_use]
    pub fn public_origin(&self) -> String {
        let url = self.public_url().to_ascii_lowercase();
        let default_port = if url.starts_with("https:") {
            ":443"
        } else {
            ":80"
        };
        url.strip_suffix(default_port)
            .map(str::to_owned)
            .unwrap_or(url)
    }

    /// The host that `MECAPY_PUBLIC_URL` names, without its port.
    #[must_use]
    pub fn public_host(&self) -> Option<String> {
        let uri: http::Uri = self.public_url.as_deref()?.parse().ok()?;
        uri.host().map(str::to_ascii_lowercase)
    }

    /// How many requests are answered: on a server that only its own machine reaches, as many as a
    /// program that runs away may send without harm to the others on it.
    #[must_use]
    pub fn allowances(&self) -> Allowances {
        let (address, user) = if self.reachable() {
            (limits::REQUESTS_PER_ADDRESS, limits::REQUESTS_PER_USER)
        } else {
            (
                limits::REQUESTS_ON_ONE_MACHINE,
                limits::REQUESTS_ON_ONE_MACHINE,
            )
        };
        Allowances {
            per_address: NonZeroU32::new(self.requests_per_address.unwrap_or(address)),
            per_user: NonZeroU32::new(self.requests_per_user.unwrap_or(user)),
        }
    }

    /// Other machines can open what this server shows.
    #[must_use]
    pub fn reachable(&self) -> bool {
        let public_name = self.public_host().is_some_and(|host| !is_loopback(&host));
        public_name || !self.addr.ip().is_loopback()
    }
}

/// A host name or address that means whatever machine it is used on.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `MECAPY_ADDR`.
///
/// # Errors
/// It is no address with a port.
pub fn listen_address(env: &Environment) -> Result<SocketAddr, ConfigError> {
    let text = env.get("MECAPY_ADDR").unwrap_or(DEFAULT_ADDR);
    text.to_socket_addrs()
        .ok()
        .and_then(|mut addrs| addrs.next())
        .ok_or_else(|| ConfigError::Invalid {
            name: "MECAPY_ADDR",
            value: text.to_owned(),
            expected: "an address and a port are expected, such as 127.0.0.1:7979",
        })
}

fn public_url(env: &Environment) -> Result<Option<String>, ConfigError> {
    let Some(text) = env.get("MECAPY_PUBLIC_URL") else {
        return Ok(None);
    };
    let text = text.trim_end_matches('/');
    let valid = text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.path().trim_end_matches('/').is_empty()
            && uri.query().is_none()
    });
    if valid {
        Ok(Some(text.to_owned()))
    } else {
        Err(ConfigError::Invalid {
            name: "MECAPY_PUBLIC_URL",
            value: text.to_owned(),
            expected: "a scheme and a host without a path are expected, such as https://mecapy.example.eu",
        })
    }
}

fn webhook_first_retry(env: &Environment) -> Result<Duration, ConfigError> {
    const NAME: &str = "MECAPY_WEBHOOK_FIRST_RETRY_MS";
    const LONGEST: Duration = Duration::from_secs(60 * 60);
    let pause = Duration::from_millis(number(env, NAME, 5_000)?);
    if (Duration::from_millis(1)..=LONGEST).contains(&pause) {
        Ok(pause)
    } else {
        Err(ConfigError::Invalid {
            name: NAME,
            value: pause.as_millis().to_string(),
            expected: "milliseconds from 1 to 3600000 are expected",
        })
    }
}

fn metrics_token(env: &Environment) -> Result<Option<secrecy::SecretString>, ConfigError> {
    match env.get("MECAPY_METRICS_TOKEN") {
        Some(token) if token.chars().count() < MIN_METRICS_TOKEN_CHARS => {
            Err(ConfigError::ShortMetricsToken)
        }
        token => Ok(token.map(|token| token.to_owned().into())),
    }
}

fn drain(env: &Environment) -> Result<Duration, ConfigError> {
    const NAME: &str = "MECAPY_DRAIN_S";
    let drain = Duration::from_secs(number(env, NAME, 0)?);
    if drain <= LONGEST_DRAIN {
        Ok(drain)
    } else {
        Err(ConfigError::Invalid {
            name: NAME,
            value: drain.as_secs().to_string(),
            expected: "seconds from 0 to 300 are expected",
        })
    }
}

fn cors_origins(env: &Environment) -> Result<Vec<HeaderValue>, ConfigError> {
    let text = env.get("MECAPY_CORS_ORIGINS").unwrap_or_default();
    let named = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    named
        .map(|origin| {
            origin_of(origin).ok_or_else(|| ConfigError::Invalid {
                name: "MECAPY_CORS_ORIGINS",
                value: origin.to_owned(),
                expected: "origins are expected, each a scheme, a host in lower case and a port unless it is the usual one, such as https://tools.example.eu; * is none, because whoever opens any page would then lend it this server",
            })
        })
        .collect()
}

/// An origin exactly as browsers write it, so that it can be compared.
fn origin_of(text: &str) -> Option<HeaderValue> {
    let uri: http::Uri = text.parse().ok()?;
    let scheme = uri.scheme_str()?;
    let usual_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let host = uri.host()?;
    let port = match uri.port_u16() {
        None => String::new(),
        Some(port) if port == usual_port => return None,
        Some(port) => format!(":{port}"),
    };
    let written = format!("{scheme}://{}{port}", host.to_ascii_lowercase());
    (written == text).then(|| HeaderValue::from_str(text).ok())?
}

fn worker(env: &Environment) -> Result<WorkerConfig, ConfigError> {
    if let Some(url) = env.get("MECAPY_WORKER_URL") {
        let token = env
            .get("MECAPY_WORKER_TOKEN")
            .ok_or(ConfigError::WorkerTokenMissing)?;
        return Ok(WorkerConfig::Remote {
            url: url.trim_end_matches('/').to_owned(),
            token: token.to_owned().into(),
        });
    }
    let log = logging::config(env)?;
    Ok(WorkerConfig::Child(ChildWorker {
        program: worker_program(env)?,
        python: path(env, "MECAPY_WORKER_PYTHON", DEFAULT_PYTHON),
        python_path: env.get("MECAPY_WORKER_PYTHONPATH").map(str::to_owned),
        slots: number(
            env,
            "MECAPY_WORKER_SLOTS",
            NonZeroUsize::new(processors()).unwrap_or(NonZeroUsize::MIN),
        )?
        .get(),
        sandbox_level: env
            .get("MECAPY_SANDBOX_LEVEL")
            .unwrap_or(DEFAULT_SANDBOX_LEVEL)
            .to_owned(),
        log: log.filter,
        log_format: log.format.as_str(),
    }))
}

fn worker_program(env: &Environment) -> Result<PathBuf, ConfigError> {
    let program = match env.get("MECAPY_WORKER_BIN") {
        Some(path) => PathBuf::from(path),
        None => env::current_exe()
            .unwrap_or_default()
            .with_file_name("mecapy-worker"),
    };
    if program.is_file() {
        Ok(program)
    } else {
        Err(ConfigError::WorkerBinaryMissing(
            program.display().to_string(),
        ))
    }
}

fn user_name(env: &Environment) -> String {
    env.get("MECAPY_USER_NAME")
        .map(str::to_owned)
        .or_else(|| env::var("USER").ok())
        .or_else(|| env::var("LOGNAME").ok())
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "local".to_owned())
}

/// `MECAPY_DATA_DIR`.
#[must_use]
pub fn data_dir(env: &Environment) -> PathBuf {
    path(env, "MECAPY_DATA_DIR", DEFAULT_DATA_DIR)
}

fn path(env: &Environment, name: &str, default: &str) -> PathBuf {
    PathBuf::from(env.get(name).unwrap_or(default))
}

fn flag(env: &Environment, name: &'static str) -> Result<bool, ConfigError> {
    match env.get(name) {
        None | Some("0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(other) => Err(ConfigError::Invalid {
            name,
            value: other.to_owned(),
            expected: "1 or 0 is expected",
        }),
    }
}

fn number<T: std::str::FromStr>(
    env: &Environment,
    name: &'static str,
    default: T,
) -> Result<T, ConfigError> {
    Ok(optional_number(env, name)?.unwrap_or(default))
}

fn optional_number<T: std::str::FromStr>(
    env: &Environment,
    name: &'static str,
) -> Result<Option<T>, ConfigError> {
    let text = env.get(name);
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|_| ConfigError::Invalid {
        name,
        value: text.unwrap_or_default().to_owned(),
        expected: "a whole number is expected",
    })
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
