//! Where things are stored: in services that several servers share, or in the data folder.

use super::ConfigError;
use crate::environment::Environment;
use platform::config::{DatabaseConfig, ObjectStoreConfig, QueueConfig, S3Config};
use secrecy::SecretString;

const DEFAULT_BUCKET: &str = "mecapy-storage";
/// What services without regions of their own expect.
const DEFAULT_REGION: &str = "us-east-1";

/// `DATABASE_URL`, `REDIS_URL`, `S3_…` and `AWS_…`.
#[derive(Debug, Clone, Default)]
pub struct StorageConfig {
    pub database: DatabaseConfig,
    pub queue: QueueConfig,
    pub objects: ObjectStoreConfig,
}

impl StorageConfig {
    /// # Errors
    /// A setting that is wrong or missing, with what it should be.
    pub fn from_environment(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            database: match url(env, "DATABASE_URL", &["postgres", "postgresql"], DATABASE)? {
                Some(url) => DatabaseConfig::Postgres(url),
                None => DatabaseConfig::File,
            },
            queue: match url(env, "REDIS_URL", &["redis", "rediss"], REDIS)? {
                Some(url) => QueueConfig::Redis(url),
                None => QueueConfig::File,
            },
            objects: objects(env)?,
        })
    }

    /// Something is stored in the data folder.
    #[must_use]
    pub fn needs_folder(&self) -> bool {
        matches!(self.database, DatabaseConfig::File)
            || matches!(self.queue, QueueConfig::File)
            || self.serves_objects()
    }

    /// Workers read and write objects through this server.
    #[must_use]
    pub fn serves_objects(&self) -> bool {
        matches!(self.objects, ObjectStoreConfig::Folder)
    }
}

const DATABASE: &str = "an address such as postgres://user:password@host:5432/name is expected";
const REDIS: &str =
    "an address such as redis://host:6379, or rediss://host:6379 with TLS, is expected";
const ENDPOINT: &str = "an address such as https://s3.fr-par.scw.cloud is expected";

/// An address that may hold a password, and so is never repeated.
fn url(
    env: &Environment,
    name: &'static str,
    schemes: &[&str],
    expected: &'static str,
) -> Result<Option<SecretString>, ConfigError> {
    let Some(text) = env.get(name) else {
        return Ok(None);
    };
    let fits = text
        .split_once("://")
        .is_some_and(|(scheme, rest)| schemes.contains(&scheme) && !rest.is_empty());
    if fits {
        Ok(Some(text.to_owned().into()))
    } else {
        Err(ConfigError::InvalidSecret { name, expected })
    }
}

fn objects(env: &Environment) -> Result<ObjectStoreConfig, ConfigError> {
    let endpoint = env.get("S3_ENDPOINT");
    if endpoint.is_none() && env.get("S3_BUCKET").is_none() {
        return Ok(ObjectStoreConfig::Folder);
    }
    let needed = |name| env.get(name).ok_or(ConfigError::BucketKeyMissing(name));
    Ok(ObjectStoreConfig::S3(S3Config {
        bucket: env.get("S3_BUCKET").unwrap_or(DEFAULT_BUCKET).to_owned(),
        endpoint: endpoint.map(checked_endpoint).transpose()?,
        region: env.get("AWS_REGION").unwrap_or(DEFAULT_REGION).to_owned(),
        access_key_id: needed("AWS_ACCESS_KEY_ID")?.to_owned(),
        secret_access_key: needed("AWS_SECRET_ACCESS_KEY")?.to_owned().into(),
    }))
}

fn checked_endpoint(text: &str) -> Result<String, ConfigError> {
    let uri: Option<http::Uri> = text.parse().ok();
    let fits = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    if fits {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(ConfigError::Invalid {
            name: "S3_ENDPOINT",
            value: text.to_owned(),
            expected: ENDPOINT,
        })
    }
}
