//! Every row as it is, out of one database and into another of the same version.

use super::{
    SqlStore, Tx,
    store::{MIGRATIONS, Pools},
};
use crate::error::Internal;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use serde_json::{Map, Value as Json};
use sqlx::{
    AssertSqlSafe, Column, ColumnIndex, Decode, Row, Type, TypeInfo, ValueRef, postgres::PgRow,
    sqlite::SqliteRow,
};

/// All tables, each after those it refers to.
pub(crate) const TABLES: &[&str] = &[
    "users",
    "tasks",
    "task_versions",
    "runs",
    "run_events",
    "shares",
    "idempotency_keys",
    "task_keys",
    "api_tokens",
    "webhooks",
    "webhook_deliveries",
];

/// A row: the names of its columns and their values.
pub(crate) type Record = Map<String, Json>;

impl SqlStore {
    /// The number of the newest migration, which exported data carry.
    pub(crate) fn version() -> i64 {
        let versions = MIGRATIONS.iter().map(|step| step.version);
        versions.max().expect("there are migrations")
    }

    /// All rows of a table.
    pub(crate) fn records(&self, table: &'static str) -> BoxStream<'_, Result<Record, Internal>> {
        let select = format!("SELECT * FROM {table}");
        match &self.pools {
            Pools::Sqlite { reader, .. } => sqlx::query(AssertSqlSafe(select))
                .fetch(reader)
                .map_err(Internal::from)
                .map(|row| row.and_then(|row: SqliteRow| record(&row)))
                .boxed(),
            Pools::Postgres(pool) => sqlx::query(AssertSqlSafe(select))
                .fetch(pool)
                .map_err(Internal::from)
                .map(|row| row.and_then(|row: PgRow| record(&row)))
                .boxed(),
        }
    }

    /// Whether nobody has stored anything yet.
    pub(crate) async fn is_empty(&self) -> Result<bool, Internal> {
        let tasks = self.records("tasks").next().await.transpose()?;
        Ok(tasks.is_none())
    }

    /// Starts to take rows in; the users a server has made of itself make room.
    pub(crate) async fn begin_import(&self) -> Result<Import, Internal> {
        let mut tx = self.begin().await?;
        execute(&mut tx, "DELETE FROM users".into(), &Record::new()).await?;
        Ok(Import(tx))
    }
}

/// Rows that are there once all of them are.
pub(crate) struct Import(Tx);

impl Import {
    /// # Errors
    /// The table has no such column, or the row contradicts another.
    pub(crate) async fn insert(
        &mut self,
        table: &'static str,
        record: &Record,
    ) -> Result<(), Internal> {
        let columns: Vec<_> = filled(record).map(|(name, _)| name.as_str()).collect();
        if let Some(strange) = columns.iter().find(|name| !is_plain(name)) {
            return Err(Internal::Stored {
                what: "column",
                source: (*strange).to_owned().into(),
            });
        }
        let places: Vec<_> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let (columns, places) = (columns.join(", "), places.join(", "));
        let insert = format!("INSERT INTO {table} ({columns}) VALUES ({places})");
        execute(&mut self.0, insert, record).await
    }

    pub(crate) async fn commit(self) -> Result<(), Internal> {
        self.0.commit().await
    }
}

/// What has a value; the other columns are NULL anyway, and NULL would need a type.
fn filled(record: &Record) -> impl Iterator<Item = (&String, &Json)> {
    record.iter().filter(|(_, value)| !value.is_null())
}

/// The name of a column, which is part of a statement.
fn is_plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

async fn execute(tx: &mut Tx, sql: String, record: &Record) -> Result<(), Internal> {
    macro_rules! bound {
        ($tx:expr) => {{
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (_, value) in filled(record) {
                query = match value {
                    Json::String(text) => query.bind(text.clone()),
                    Json::Number(number) => match number.as_i64() {
                        Some(whole) => query.bind(whole),
                        None => query.bind(number.as_f64()),
                    },
                    other => query.bind(other.to_string()),
                };
            }
            query.execute(&mut **$tx).await?;
        }};
    }
    match tx {
        Tx::Sqlite(tx) => bound!(tx),
        Tx::Postgres(tx) => bound!(tx),
    }
    Ok(())
}

fn record<R>(row: &R) -> Result<Record, Internal>
where
    R: Row,
    usize: ColumnIndex<R>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> f64: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut record = Record::new();
    for (n, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(n)?;
        let value = if raw.is_null() {
            Json::Null
        } else {
            match raw.type_info().name() {
                "INTEGER" | "BIGINT" | "INT8" => row.try_get::<i64, _>(n)?.into(),
                "REAL" | "DOUBLE PRECISION" | "FLOAT8" => real(row.try_get(n)?),
                _ => row.try_get::<String, _>(n)?.into(),
            }
        };
        record.insert(column.name().to_owned(), value);
    }
    Ok(record)
}

/// Always with a point, so that it is a real number when it is read again.
fn real(number: f64) -> Json {
    serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number)
}
