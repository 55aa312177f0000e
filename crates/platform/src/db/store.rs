//! The store over a SQL database: SQLite for a data folder that one machine has to itself, Postgres
//! for several.
//!
//! SQLite: one file, one writing connection, several reading ones. Writers would queue for SQLite's
//! single write lock anyway, and its busy handler sleeps; queueing for one connection hands over at
//! once. Every writing transaction still begins as a writer (`BEGIN IMMEDIATE`), because another
//! process may have the file open. A commit is synced (`synchronous = FULL`): once a run is
//! acknowledged, a power failure does not lose it.
//!
//! Postgres: transactions run side by side (READ COMMITTED). What a transaction decides by, it locks:
//! rows with [`for_update`](super::sql::Query::for_update), what is counted with [`Tx::alone`]; always
//! runs in the order of their ids, so that no two wait for each other.

use super::{PoolUse, query_scalar};
use crate::{error::Internal, services::OpenError};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, str::FromStr, time::Duration};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// Connections of one process to Postgres.
const POSTGRES_CONNECTIONS: u32 = 16;
/// One listens, one tells.
const LISTENING_CONNECTIONS: u32 = 2;
/// How long a request waits for a connection before it is told that the database is not there.
const ACQUIRE_WITHIN: Duration = Duration::from_secs(5);

statements! {
    VERSION = "SELECT MAX(version) FROM _sqlx_migrations WHERE success";
}

/// The database's clock, which all leases are measured by: milliseconds since the Unix epoch.
const SQLITE_NOW: &str = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)";
pub(super) const POSTGRES_NOW: &str =
    "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
/// Held until the transaction ends.
pub(super) const POSTGRES_ALONE: &str =
    "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($1, 0))) AS held";

#[derive(Debug)]
pub(crate) struct SqlStore {
    pub(super) pools: Pools,
}

#[derive(Debug)]
pub(super) enum Pools {
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

/// A transaction that may read and then write. Dropped, it is undone.
#[derive(Debug)]
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub(super) async fn commit(self) -> Result<(), Internal> {
        let committed = match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        };
        Ok(committed?)
    }

    pub(super) async fn rollback(self) -> Result<(), Internal> {
        let undone = match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        };
        Ok(undone?)
    }

    /// What the database's clock says, milliseconds since the Unix epoch.
    pub(super) async fn now(&mut self) -> Result<i64, Internal> {
        let now = match self {
            Self::Sqlite(_) => SQLITE_NOW,
            Self::Postgres(_) => POSTGRES_NOW,
        };
        query_scalar(now).fetch_one(self).await
    }

    /// Waits until no other transaction holds this word, and holds it until this one ends: for
    /// rows that are counted before one is added. SQLite's transactions are alone as they are.
    pub(super) async fn alone(&mut self, word: &str) -> Result<(), Internal> {
        if let Self::Postgres(_) = self {
            let _: i32 = query_scalar(POSTGRES_ALONE)
                .bind(word)
                .fetch_one(self)
                .await?;
        }
        Ok(())
    }
}

impl SqlStore {
    /// Opens or makes the SQLite file and brings it to this version.
    pub(crate) async fn open_file(file: &Path) -> Result<Self, OpenError> {
        let options = sqlite_options(file).create_if_missing(true);
        let writer = sqlite_pool(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await?;
        let reader = options.read_only(true);
        let reader = sqlite_pool(READERS).connect_with(reader).await?;
        Ok(Self {
            pools: Pools::Sqlite { writer, reader },
        })
    }

    /// Opens a SQLite file that a server may have open too, whatever version it has.
    pub(crate) async fn open_file_as_it_is(file: &Path) -> Result<Self, OpenError> {
        let options = sqlite_options(file);
        let writer = sqlite_pool(1).connect_with(options.clone()).await?;
        let reader = sqlite_pool(1).connect_with(options.read_only(true)).await?;
        Ok(Self {
            pools: Pools::Sqlite { writer, reader },
        })
    }

    /// Connects to Postgres and brings it to this version; servers that start at the same time
    /// take turns.
    pub(crate) async fn connect(url: &SecretString) -> Result<Self, OpenError> {
        let store = Self::connect_as_it_is(url).await?;
        if let Pools::Postgres(pool) = &store.pools {
            MIGRATIONS.run(pool).await?;
        }
        Ok(store)
    }

    /// Connects to Postgres, whatever version it has.
    pub(crate) async fn connect_as_it_is(url: &SecretString) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url.expose_secret())?;
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_WITHIN)
            .connect_with(options.application_name("mecapy"))
            .await?;
        Ok(Self {
            pools: Pools::Postgres(pool),
        })
    }

    /// Whether the tables are those of this program.
    pub(crate) async fn is_of_this_version(&self) -> Result<bool, Internal> {
        let version: Option<i64> = query_scalar(VERSION).fetch_one(self).await?;
        Ok(version == MIGRATIONS.iter().map(|step| step.version).max())
    }

    /// Connections apart from those of requests, for who listens to Postgres and who tells it.
    pub(crate) async fn listening_pool(url: &SecretString) -> Result<PgPool, sqlx::Error> {
        let options = PgConnectOptions::from_str(url.expose_secret())?;
        PgPoolOptions::new()
            .max_connections(LISTENING_CONNECTIONS)
            .acquire_timeout(ACQUIRE_WITHIN)
            .connect_with(options.application_name("mecapy-news"))
            .await
    }

    /// What statements that only read run on.
    pub(super) fn reader(&self) -> &Self {
        self
    }

    pub(super) async fn begin(&self) -> Result<Tx, Internal> {
        Ok(match &self.pools {
            Pools::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// What the database's clock says, milliseconds since the Unix epoch.
    pub(super) async fn now(&self) -> Result<i64, Internal> {
        let now = match &self.pools {
            Pools::Sqlite { .. } => SQLITE_NOW,
            Pools::Postgres(_) => POSTGRES_NOW,
        };
        query_scalar(now).fetch_one(self).await
    }

    pub(super) fn pools_in_use(&self) -> Vec<PoolUse> {
        match &self.pools {
            Pools::Sqlite { writer, reader } => {
                vec![PoolUse::of("writer", writer), PoolUse::of("reader", reader)]
            }
            Pools::Postgres(pool) => vec![PoolUse::of("postgres", pool)],
        }
    }

    pub(super) async fn close_pools(&self) {
        match &self.pools {
            Pools::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn sqlite_options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}
