//! Every environment variable of the product in one table: what it means, its default, who reads it.
//!
//! The server, the worker and the README's configuration table are made from it. A name that begins
//! with `MECAPY_` and is not here stops the start of either binary, so that a mistyped setting is
//! never silently ignored.

use std::fmt;

/// What every name of ours begins with.
pub const PREFIX: &str = "MECAPY_";

/// A program that reads settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Server,
    Worker,
    /// The Python package and its command line; a shell that has their settings can start the others.
    Sdk,
}

impl Reader {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Worker => "worker",
            Self::Sdk => "SDK",
        }
    }
}

/// One environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// One line, English, with the unit where there is one.
    pub meaning: &'static str,
    /// As it would be typed, or in words where it is worked out; empty means unset.
    pub default: &'static str,
    pub readers: &'static [Reader],
    /// Its value is never printed.
    pub secret: bool,
}

const SERVER: &[Reader] = &[Reader::Server];
const WORKER: &[Reader] = &[Reader::Worker];
const SDK: &[Reader] = &[Reader::Sdk];
const BOTH: &[Reader] = &[Reader::Server, Reader::Worker];

const fn setting(
    name: &'static str,
    default: &'static str,
    readers: &'static [Reader],
    meaning: &'static str,
) -> Setting {
    Setting {
        name,
        meaning,
        default,
        readers,
        secret: false,
    }
}

const fn secret(name: &'static str, readers: &'static [Reader], meaning: &'static str) -> Setting {
    Setting {
        name,
        meaning,
        default: "",
        readers,
        secret: true,
    }
}

/// All settings, grouped as the README shows them.
pub const SETTINGS: &[Setting] = &[
    setting(
        "MECAPY_ADDR",
        "127.0.0.1:7979 (server), 0.0.0.0:$PORT (worker)",
        BOTH,
        "Address and port to listen on.",
    ),
    setting(
        "MECAPY_PUBLIC_URL",
        "http:// and MECAPY_ADDR",
        SERVER,
        "Where browsers, and a worker on another machine, reach the server; share links begin with it.",
    ),
    setting(
        "MECAPY_ALLOW_PUBLIC_WITHOUT_LOGIN",
        "",
        SERVER,
        "1 lets a server without login be reached from other machines, by its address or its public URL; everybody who reaches it may then use it.",
    ),
    setting(
        "MECAPY_CORS_ORIGINS",
        "",
        SERVER,
        "Origins of other sites, comma-separated, whose pages may use the REST face from a browser, such as https://tools.example.eu; without it none may.",
    ),
    setting(
        "MECAPY_TRUSTED_PROXIES",
        "0",
        SERVER,
        "Proxies of yours that every request passes: clients are known by the entry that the outermost of them writes into X-Forwarded-For; with 0 by their connection alone.",
    ),
    setting(
        "MECAPY_REQUESTS_PER_ADDRESS",
        "6000; 60000 where only this machine reaches the server",
        SERVER,
        "Requests that one address may send a minute; 0 sets no limit.",
    ),
    setting(
        "MECAPY_REQUESTS_PER_USER",
        "3000; 60000 where only this machine reaches the server",
        SERVER,
        "Requests that one user may send a minute, from wherever; 0 sets no limit.",
    ),
    setting(
        "MECAPY_DATA_DIR",
        "./data",
        SERVER,
        "Folder of the database, the queue and the stored objects, as far as no service holds them.",
    ),
    secret(
        "DATABASE_URL",
        SERVER,
        "PostgreSQL database, such as postgres://user:password@host/name; without it a file in the data folder.",
    ),
    secret(
        "REDIS_URL",
        SERVER,
        "Redis that tells dispatchers of waiting runs, such as redis://host:6379, with TLS rediss://; without it a file in the data folder.",
    ),
    setting(
        "S3_BUCKET",
        "mecapy-storage, when S3_ENDPOINT is set",
        SERVER,
        "Bucket of the stored objects; without it and S3_ENDPOINT they are files in the data folder.",
    ),
    setting(
        "S3_ENDPOINT",
        "Amazon's",
        SERVER,
        "Address of the S3 service, such as https://s3.fr-par.scw.cloud; workers must reach it too.",
    ),
    setting(
        "AWS_REGION",
        "us-east-1",
        SERVER,
        "Region of the bucket, such as fr-par.",
    ),
    secret("AWS_ACCESS_KEY_ID", SERVER, "Access key of the bucket."),
    secret("AWS_SECRET_ACCESS_KEY", SERVER, "Secret key of the bucket."),
    setting(
        "MECAPY_CONFIG_FILE",
        "mecapy.env, when it exists",
        SERVER,
        "File of settings, one NAME=value a line; the environment wins over it.",
    ),
    setting(
        "MECAPY_SITE_DIR",
        "target/site",
        SERVER,
        "Folder of the built browser files.",
    ),
    setting(
        "MECAPY_USER_NAME",
        "the login name",
        SERVER,
        "Name of the local user, shown as the author on shared pages.",
    ),
    setting(
        "MECAPY_INLINE_BYTES",
        "65536",
        SERVER,
        "Inputs and results up to this many bytes are stored with their run, larger ones as objects.",
    ),
    setting(
        "MECAPY_WEBHOOK_PRIVATE",
        "",
        SERVER,
        "1 lets webhooks reach this machine and private networks; link-local and metadata addresses stay refused.",
    ),
    setting(
        "MECAPY_WEBHOOK_FIRST_RETRY_MS",
        "5000",
        SERVER,
        "Pause before a webhook's first retry, milliseconds; each further one is four times as long.",
    ),
    setting(
        "MECAPY_LOG",
        "warn on a terminal, else info",
        BOTH,
        "What is logged: error, warn, info, debug, trace, or a filter such as info,platform=debug; of libraries nothing below info.",
    ),
    setting(
        "MECAPY_LOG_FORMAT",
        "human on a terminal, else json",
        BOTH,
        "Form of the log: human or json.",
    ),
    secret(
        "MECAPY_METRICS_TOKEN",
        SERVER,
        "Token that Prometheus shows to read /metrics, at least 16 characters; without it /metrics is answered only where no other machine reaches the server.",
    ),
    setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        SERVER,
        "Address of an OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318, that is sent the spans of requests and runs; without it none are recorded.",
    ),
    secret(
        "OTEL_EXPORTER_OTLP_HEADERS",
        SERVER,
        "Headers that the collector asks for, as name=value, comma-separated.",
    ),
    setting(
        "MECAPY_DRAIN_S",
        "0",
        SERVER,
        "How long a server that is asked to stop by SIGTERM says so at /readyz before it accepts nothing more, seconds; what a load balancer needs to notice, such as 5.",
    ),
    setting(
        "MECAPY_WORKER_URL",
        "",
        SERVER,
        "Address of a worker that runs elsewhere; without it the server starts one of its own.",
    ),
    secret(
        "MECAPY_WORKER_TOKEN",
        SERVER,
        "Token that the server shows to the worker of MECAPY_WORKER_URL.",
    ),
    setting(
        "MECAPY_WORKER_BIN",
        "mecapy-worker beside the server",
        SERVER,
        "Program the server starts as its worker.",
    ),
    setting(
        "MECAPY_WORKER_PYTHON",
        ".venv/worker/bin/python",
        BOTH,
        "Python interpreter that runs the calculations.",
    ),
    setting(
        "MECAPY_WORKER_PYTHONPATH",
        "worker/python:sdk/python/src, those that exist",
        BOTH,
        "Folders of mecapy_runner and mecapy where they are not installed beside the interpreter.",
    ),
    setting(
        "MECAPY_WORKER_SLOTS",
        "the number of processors",
        BOTH,
        "Runs a worker executes at the same time.",
    ),
    setting(
        "MECAPY_WORKER_TOKEN_SHA256",
        "",
        WORKER,
        "SHA-256 (hexadecimal) of the token that callers of the worker must show.",
    ),
    setting(
        "MECAPY_METRICS_TOKEN_SHA256",
        "",
        WORKER,
        "SHA-256 (hexadecimal) of the token that Prometheus shows to read the worker's /metrics, for a worker that everybody reaches; without it /metrics asks for none.",
    ),
    setting(
        "MECAPY_SANDBOX_LEVEL",
        "full",
        BOTH,
        "Confinement a worker insists on; it refuses to start where the kernel cannot give it.",
    ),
    setting(
        "MECAPY_URL",
        "http://127.0.0.1:7979",
        SDK,
        "The server that the Python package and its command line speak to.",
    ),
    secret(
        "MECAPY_TOKEN",
        SDK,
        "Token that they show to it; a server without login takes any word.",
    ),
    setting(
        "PORT",
        "8080",
        WORKER,
        "Port to listen on when MECAPY_ADDR is not set.",
    ),
];

/// The setting of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// A `MECAPY_` name that no part of the product reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSetting {
    pub name: String,
    /// The known name that is most like it.
    pub nearest: &'static str,
}

impl fmt::Display for UnknownSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, nearest } = self;
        write!(
            f,
            "{name} is not a setting of MecaPy; the nearest one is {nearest}. Correct or unset it."
        )
    }
}

impl std::error::Error for UnknownSetting {}

/// Passes when every name that begins with `MECAPY_` is a known one.
///
/// # Errors
/// The first unknown name, with its nearest known neighbour.
pub fn check_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<(), UnknownSetting> {
    match names
        .into_iter()
        .find(|name| name.starts_with(PREFIX) && find(name).is_none())
    {
        None => Ok(()),
        Some(name) => Err(UnknownSetting {
            name: name.to_owned(),
            nearest: nearest(name),
        }),
    }
}

fn nearest(name: &str) -> &'static str {
    SETTINGS
        .iter()
        .map(|setting| setting.name)
        .filter(|known| known.starts_with(PREFIX))
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .expect("the table has names that begin with the prefix")
}

/// The configuration table of the README, in Markdown.
#[must_use]
pub fn markdown_table() -> String {
    let mut table =
        String::from("| name | meaning | default | read by |\n| --- | --- | --- | --- |\n");
    for setting in SETTINGS {
        let readers: Vec<_> = setting.readers.iter().map(|r| r.as_str()).collect();
        table.push_str(&format!(
            "| `{}` | {} | {} | {} |\n",
            setting.name,
            setting.meaning,
            setting.default,
            readers.join(", ")
        ));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_refused_with_the_nearest_known_one() {
        let error = check_names(["PATH", "MECAPY_ADR"]).expect_err("a typo");
        assert_eq!(error.name, "MECAPY_ADR");
        assert_eq!(error.nearest, "MECAPY_ADDR");
        assert_eq!(
            check_names(["MECAPY_DATADIR"]).expect_err("a typo").nearest,
            "MECAPY_DATA_DIR"
        );
    }

    #[test]
    fn known_names_and_names_of_others_pass() {
        let known = SETTINGS.iter().map(|setting| setting.name);
        assert_eq!(
            check_names(known.chain(["HOME", "MECA", "mecapy_x"])),
            Ok(())
        );
    }

    #[test]
    fn every_name_is_listed_once() {
        for (i, setting) in SETTINGS.iter().enumerate() {
            assert!(
                SETTINGS[i + 1..]
                    .iter()
                    .all(|other| other.name != setting.name),
                "{} is listed twice",
                setting.name
            );
        }
    }
}
