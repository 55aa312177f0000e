//! SQLite: one file, one writing connection, several reading ones.
//!
//! Writers would queue for SQLite's single write lock anyway, and its busy handler sleeps; queueing
//! for one connection hands over at once. Every writing transaction still begins as a writer
//! (`BEGIN IMMEDIATE`), because another process may have the file open. A commit is synced
//! (`synchronous = FULL`): once a run is acknowledged, a power failure does not lose it.

use super::{PoolUse, row};
use crate::{error::Internal, services::OpenError};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

statements! {
    /// The database's clock, which all leases are measured by: milliseconds since the Unix epoch.
    NOW = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    VERSION = "SELECT MAX(version) FROM _sqlx_migrations WHERE success";
}

#[derive(Debug)]
pub(crate) struct SqliteStore {
    writer: SqlitePool,
    reader: SqlitePool,
}

impl SqliteStore {
    /// Opens or makes the file and brings it to this version.
    pub(crate) async fn open(file: &Path) -> Result<Self, OpenError> {
        let options = options(file).create_if_missing(true);
        let writer = pool(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await?;
        let reader = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, reader })
    }

    /// Opens a file that a server may have open too; `None` when it is of another version.
    pub(crate) async fn open_as_it_is(file: &Path) -> Result<Option<Self>, OpenError> {
        let options = options(file);
        let writer = pool(1).connect_with(options.clone()).await?;
        let version: Option<i64> = sqlx::query_scalar(VERSION).fetch_one(&writer).await?;
        let own = MIGRATIONS.iter().map(|step| step.version).max();
        if version != own {
            return Ok(None);
        }
        let reader = pool(1).connect_with(options.read_only(true)).await?;
        Ok(Some(Self { writer, reader }))
    }

    pub(super) fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// A transaction that may read and then write.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Internal> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// What the database's clock says, milliseconds since the Unix epoch.
    pub(super) async fn now(&self) -> Result<i64, Internal> {
        Ok(sqlx::query_scalar(NOW).fetch_one(&self.reader).await?)
    }

    pub(super) fn pools_in_use(&self) -> Vec<PoolUse> {
        let of = |name, pool: &SqlitePool| {
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            let used = pool.size().saturating_sub(idle);
            PoolUse { name, used, idle }
        };
        vec![of("writer", &self.writer), of("reader", &self.reader)]
    }

    pub(super) async fn close_pools(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// The same within a transaction.
pub(super) async fn now(tx: &mut Transaction<'_, Sqlite>) -> Result<i64, Internal> {
    Ok(sqlx::query_scalar(NOW).fetch_one(&mut **tx).await?)
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// A duration in the unit of the columns.
pub(super) fn millis(duration: Duration) -> i64 {
    row::signed(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{self, Users};
    use sqlx::{Executor, SqlSafeStr};

    #[tokio::test]
    async fn the_database_accepts_every_statement() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SqliteStore::open(&folder.path().join("test.db"))
            .await
            .expect("a new database opens");
        let all = [
            STATEMENTS,
            db::users::STATEMENTS,
            db::tasks::STATEMENTS,
            db::task_lists::STATEMENTS,
            db::submit::STATEMENTS,
            db::task_keys::STATEMENTS,
            db::runs::STATEMENTS,
            db::claims::STATEMENTS,
            db::census::STATEMENTS,
            db::attempts::STATEMENTS,
            db::events::STATEMENTS,
            db::shares::STATEMENTS,
            db::tokens::STATEMENTS,
            db::usage::STATEMENTS,
            db::webhooks::STATEMENTS,
            db::deliveries::STATEMENTS,
            db::housekeeping::STATEMENTS,
        ];
        for (name, sql) in all.into_iter().flatten().copied() {
            let prepared = store.reader.prepare(sql.into_sql_str()).await;
            assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
        }
    }

    #[tokio::test]
    async fn every_migration_can_be_undone_and_done_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SqliteStore::open(&folder.path().join("test.db"))
            .await
            .expect("a new database opens");
        MIGRATIONS.undo(&store.writer, 0).await.expect("undone");
        MIGRATIONS.run(&store.writer).await.expect("done again");
        let users = store.user("local", "Ada").await;
        users.expect("the tables are back");
    }
}
