//! Every statement and every migration, on both databases.

use crate::db::{
    self, SqlStore, Users,
    store::{MIGRATIONS, Pools},
};
use sqlx::{Executor, SqlSafeStr};
use testbed::Postgres;

fn statements() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [
        db::store::STATEMENTS,
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
        db::pruning::STATEMENTS,
    ];
    all.into_iter().flatten().copied()
}

async fn over_sqlite() -> (SqlStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = SqlStore::open_file(&folder.path().join("test.db")).await;
    (store.expect("a new database opens"), folder)
}

async fn over_postgres() -> (SqlStore, Postgres) {
    let postgres = Postgres::start();
    let store = SqlStore::connect(&postgres.url().into()).await;
    (store.expect("a new database opens"), postgres)
}

#[tokio::test]
async fn sqlite_accepts_every_statement() {
    let (store, _folder) = over_sqlite().await;
    let Pools::Sqlite { reader, .. } = &store.pools else {
        unreachable!("a file");
    };
    let mut refused = Vec::new();
    for (name, sql) in statements() {
        let prepared = reader.prepare(sql.into_sql_str()).await;
        refused.extend(prepared.err().map(|error| (name, error)));
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[tokio::test]
async fn postgres_accepts_every_statement() {
    let (store, _postgres) = over_postgres().await;
    let Pools::Postgres(pool) = &store.pools else {
        unreachable!("a server");
    };
    let mut refused = Vec::new();
    for (name, sql) in statements() {
        let prepared = pool.prepare(sql.into_sql_str()).await;
        refused.extend(prepared.err().map(|error| (name, error)));
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[tokio::test]
async fn every_migration_can_be_undone_and_done_again_on_sqlite() {
    let (store, _folder) = over_sqlite().await;
    let Pools::Sqlite { writer, .. } = &store.pools else {
        unreachable!("a file");
    };
    MIGRATIONS.undo(writer, 0).await.expect("undone");
    MIGRATIONS.run(writer).await.expect("done again");
    let users = store.user("local", "Ada").await;
    users.expect("the tables are back");
}

#[tokio::test]
async fn every_migration_can_be_undone_and_done_again_on_postgres() {
    let (store, _postgres) = over_postgres().await;
    let Pools::Postgres(pool) = &store.pools else {
        unreachable!("a server");
    };
    MIGRATIONS.undo(pool, 0).await.expect("undone");
    MIGRATIONS.run(pool).await.expect("done again");
    let users = store.user("local", "Ada").await;
    users.expect("the tables are back");
}

#[tokio::test]
async fn every_table_is_exported() {
    let (store, _folder) = over_sqlite().await;
    let Pools::Sqlite { reader, .. } = &store.pools else {
        unreachable!("a file");
    };
    let tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'
        AND name NOT LIKE 'sqlite%'";
    let tables: Vec<(String,)> = sqlx::query_as(tables)
        .fetch_all(reader)
        .await
        .expect("the list of tables");
    for (table,) in tables {
        assert!(
            db::TABLES.contains(&table.as_str()),
            "{table} is left behind"
        );
    }
}
