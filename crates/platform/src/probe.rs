//! What an operator asks before a start: whether each service that is configured is there and does
//! what is needed. `None` for what no service holds.

use crate::{
    config::{Config, DatabaseConfig, ObjectStoreConfig, QueueConfig},
    db::{Housekeeping, SqlStore},
    objects::{Objects, S3Objects},
};
use secrecy::ExposeSecret;
use std::{error::Error, time::Duration};
use tokio::time::timeout;

/// What is found out about one service, in words.
pub type Found = Result<String, String>;

const WITHIN: Duration = Duration::from_secs(10);

/// PostgreSQL: its version, and whether its tables are those of this program.
pub async fn database(config: &Config) -> Option<Found> {
    let DatabaseConfig::Postgres(url) = &config.database else {
        return None;
    };
    Some(
        within(async {
            let store = SqlStore::connect_as_it_is(url).await.map_err(in_words)?;
            store.can_write().await.map_err(in_words)?;
            let state = match store.is_of_this_version().await {
                Ok(true) => "its tables are of this version",
                Ok(false) => "its tables are of another version; `mecapy-server migrate` brings them to this one",
                Err(_) => "it has no tables yet; the first start makes them",
            };
            store.close().await;
            Ok(format!("PostgreSQL answers; {state}"))
        })
        .await,
    )
}

/// Redis: whether it answers.
pub async fn queue(config: &Config) -> Option<Found> {
    let QueueConfig::Redis(url) = &config.queue else {
        return None;
    };
    Some(
        within(async {
            let client = redis::Client::open(url.expose_secret()).map_err(in_words)?;
            let mut connection = client
                .get_multiplexed_async_connection()
                .await
                .map_err(in_words)?;
            let _: String = redis::cmd("PING")
                .query_async(&mut connection)
                .await
                .map_err(in_words)?;
            Ok("Redis answers".to_owned())
        })
        .await,
    )
}

/// S3: whether an object can be written, read and removed.
pub async fn objects(config: &Config) -> Option<Found> {
    let ObjectStoreConfig::S3(bucket) = &config.objects.store else {
        return None;
    };
    Some(
        within(async {
            S3Objects::new(bucket).can_write().await.map_err(in_words)?;
            Ok(format!("the bucket {} takes objects", bucket.bucket))
        })
        .await,
    )
}

/// A worker elsewhere: whether it takes runs.
pub async fn worker(url: &str) -> Found {
    within(async {
        let ready = reqwest::get(format!("{url}/readyz"))
            .await
            .map_err(in_words)?;
        if ready.status().is_success() {
            Ok(format!("ready, at {url}"))
        } else {
            Err(format!(
                "{url} answers {}; its log says why",
                ready.status()
            ))
        }
    })
    .await
}

async fn within(found: impl Future<Output = Found>) -> Found {
    timeout(WITHIN, found)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", WITHIN.as_secs())))
}

/// An error with its causes.
fn in_words(error: impl Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}
