//! One statement for either database: sqlx's own builders are generic over the database, which
//! every use would have to repeat; these choose it when they run.
//!
//! Texts are portable, and values are of the three kinds that both databases store alike. Where the
//! two differ (locks and clocks), the difference is here.

use super::{
    Tx,
    store::{Pools, SqlStore},
};
use crate::error::Internal;
use sqlx::{
    Arguments, AssertSqlSafe, Database, Encode, FromRow, PgConnection, PgPool, Postgres, SqlStr,
    Sqlite, SqliteConnection, SqlitePool, Type, postgres::PgRow, sqlite::SqliteRow,
};
use std::{marker::PhantomData, time::Duration};

/// A value of a statement. Text is owned, because it outlives the caller's borrow on some paths.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Real(Option<f64>),
}

macro_rules! values {
    ($($kind:ident from $($ty:ty => |$value:ident| $owned:expr),+;)+) => {
        $($(
            impl From<$ty> for Value {
                fn from($value: $ty) -> Self {
                    Self::$kind(Some($owned))
                }
            }
            impl From<Option<$ty>> for Value {
                fn from(value: Option<$ty>) -> Self {
                    Self::$kind(value.map(|$value| $owned))
                }
            }
        )+)+
    };
}

values! {
    Text from &str => |text| text.to_owned(), String => |text| text, &String => |text| text.clone();
    Integer from i64 => |number| number;
    Real from f64 => |number| number;
}

/// A row that either database can be read into.
pub(super) trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Record for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

/// What a statement runs on.
#[derive(Debug)]
pub(super) enum On<'a> {
    SqlitePool(&'a SqlitePool),
    Sqlite(&'a mut SqliteConnection),
    PostgresPool(&'a PgPool),
    Postgres(&'a mut PgConnection),
}

impl<'a> From<&'a SqlStore> for On<'a> {
    /// Any connection that reads.
    fn from(store: &'a SqlStore) -> Self {
        match &store.pools {
            Pools::Sqlite { reader, .. } => On::SqlitePool(reader),
            Pools::Postgres(pool) => On::PostgresPool(pool),
        }
    }
}

impl<'a> From<&'a mut Tx> for On<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        match tx {
            Tx::Sqlite(tx) => On::Sqlite(tx),
            Tx::Postgres(tx) => On::Postgres(tx),
        }
    }
}

/// A statement that brings nothing.
pub(super) fn query(text: &'static str) -> Query<()> {
    Query::new(text)
}

/// A statement that brings rows.
pub(super) fn query_as<T: Record>(text: &'static str) -> Query<T> {
    Query::new(text)
}

/// A statement that brings rows of one column.
pub(super) fn query_scalar<T>(text: &'static str) -> Scalar<T>
where
    (T,): Record,
{
    Scalar(Query::new(text))
}

/// A query whose rows are one column.
#[derive(Debug)]
pub(super) struct Scalar<T>(Query<(T,)>);

/// Which of the rows it reads a statement keeps from others until its transaction ends.
#[derive(Clone, Copy, Debug)]
enum Lock {
    None,
    Rows,
    FreeRows,
}

impl Lock {
    /// What Postgres is told; SQLite's writing transactions are alone.
    const fn clause(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Rows => " FOR UPDATE",
            Self::FreeRows => " FOR UPDATE OF r SKIP LOCKED",
        }
    }
}

#[derive(Debug)]
pub(super) struct Query<T> {
    text: &'static str,
    values: Vec<Value>,
    lock: Lock,
    rows: PhantomData<fn() -> T>,
}

impl<T> Query<T> {
    fn new(text: &'static str) -> Self {
        Self {
            text,
            values: Vec::new(),
            lock: Lock::None,
            rows: PhantomData,
        }
    }

    /// The value of the next parameter.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// For a SELECT that decides what the same transaction writes: nobody else changes these rows
    /// until it ends. On SQLite, whose transactions write one at a time, nobody could.
    pub(super) fn for_update(mut self) -> Self {
        self.lock = Lock::Rows;
        self
    }

    /// The same for rows that somebody else may take just as well: of the table called `r`, those
    /// that are locked already are left out.
    pub(super) fn skipping_locked(mut self) -> Self {
        self.lock = Lock::FreeRows;
        self
    }

    fn on_sqlite(self) -> Result<(&'static str, <Sqlite as Database>::Arguments), sqlx::Error> {
        Ok((self.text, arguments::<Sqlite>(self.values)?))
    }

    fn on_postgres(self) -> Result<(SqlStr, <Postgres as Database>::Arguments), sqlx::Error> {
        use sqlx::SqlSafeStr;
        let text = match self.lock.clause() {
            "" => self.text.into_sql_str(),
            // Both parts are constants of this program.
            clause => AssertSqlSafe(format!("{}{clause}", self.text)).into_sql_str(),
        };
        Ok((text, arguments::<Postgres>(self.values)?))
    }
}

impl Query<()> {
    /// How many rows it changed.
    pub(super) async fn execute<'a>(self, on: impl Into<On<'a>>) -> Result<u64, Internal> {
        Ok(match on.into() {
            On::SqlitePool(pool) => {
                let (text, values) = self.on_sqlite()?;
                let done = sqlx::query_with::<Sqlite, _>(text, values).execute(pool);
                done.await?.rows_affected()
            }
            On::Sqlite(connection) => {
                let (text, values) = self.on_sqlite()?;
                let done = sqlx::query_with::<Sqlite, _>(text, values).execute(connection);
                done.await?.rows_affected()
            }
            On::PostgresPool(pool) => {
                let (text, values) = self.on_postgres()?;
                let done = sqlx::query_with::<Postgres, _>(text, values).execute(pool);
                done.await?.rows_affected()
            }
            On::Postgres(connection) => {
                let (text, values) = self.on_postgres()?;
                let done = sqlx::query_with::<Postgres, _>(text, values).execute(connection);
                done.await?.rows_affected()
            }
        })
    }
}

impl<T: Record> Query<T> {
    pub(super) async fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> Result<Vec<T>, Internal> {
        Ok(match on.into() {
            On::SqlitePool(pool) => {
                let (text, values) = self.on_sqlite()?;
                sqlx::query_as_with::<Sqlite, T, _>(text, values)
                    .fetch_all(pool)
                    .await?
            }
            On::Sqlite(connection) => {
                let (text, values) = self.on_sqlite()?;
                sqlx::query_as_with::<Sqlite, T, _>(text, values)
                    .fetch_all(connection)
                    .await?
            }
            On::PostgresPool(pool) => {
                let (text, values) = self.on_postgres()?;
                sqlx::query_as_with::<Postgres, T, _>(text, values)
                    .fetch_all(pool)
                    .await?
            }
            On::Postgres(connection) => {
                let (text, values) = self.on_postgres()?;
                sqlx::query_as_with::<Postgres, T, _>(text, values)
                    .fetch_all(connection)
                    .await?
            }
        })
    }

    /// The first row, when there is one.
    pub(super) async fn fetch_optional<'a>(
        self,
        on: impl Into<On<'a>>,
    ) -> Result<Option<T>, Internal> {
        // Statements that are asked for one row bring one: their key or LIMIT says so.
        Ok(self.fetch_all(on).await?.into_iter().next())
    }

    pub(super) async fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> Result<T, Internal> {
        let row = self.fetch_optional(on).await?;
        row.ok_or(Internal::Database(sqlx::Error::RowNotFound))
    }
}

impl<T> Scalar<T>
where
    (T,): Record,
{
    /// As [`Query::bind`].
    pub(super) fn bind(self, value: impl Into<Value>) -> Self {
        Self(self.0.bind(value))
    }

    /// As [`Query::skipping_locked`].
    pub(super) fn skipping_locked(self) -> Self {
        Self(self.0.skipping_locked())
    }

    pub(super) async fn fetch_all<'a>(self, on: impl Into<On<'a>>) -> Result<Vec<T>, Internal> {
        let rows = self.0.fetch_all(on).await?;
        Ok(rows.into_iter().map(|(value,)| value).collect())
    }

    pub(super) async fn fetch_optional<'a>(
        self,
        on: impl Into<On<'a>>,
    ) -> Result<Option<T>, Internal> {
        let row = self.0.fetch_optional(on).await?;
        Ok(row.map(|(value,)| value))
    }

    pub(super) async fn fetch_one<'a>(self, on: impl Into<On<'a>>) -> Result<T, Internal> {
        let (value,) = self.0.fetch_one(on).await?;
        Ok(value)
    }
}

fn arguments<DB: Database>(values: Vec<Value>) -> Result<DB::Arguments, sqlx::Error>
where
    Option<String>: for<'t> Encode<'t, DB> + Type<DB>,
    Option<i64>: for<'t> Encode<'t, DB> + Type<DB>,
    Option<f64>: for<'t> Encode<'t, DB> + Type<DB>,
{
    let mut arguments = DB::Arguments::default();
    for value in values {
        let added = match value {
            Value::Text(text) => arguments.add(text),
            Value::Integer(number) => arguments.add(number),
            Value::Real(number) => arguments.add(number),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// A duration in the unit of the columns.
pub(super) fn millis(duration: Duration) -> i64 {
    super::row::signed(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
