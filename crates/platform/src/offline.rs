//! What the command line does to a database, whether a server uses it or not: SQLite too lets
//! several processes write in turn. It neither makes nor changes the form of what is stored; that
//! is for the server to do when it starts.

use crate::{
    Caller, Error, OpenError, accounts,
    config::{DataDir, DatabaseConfig},
    db::SqlStore,
    services::DATABASE_FILE,
    tokens::{self, CreateToken},
};
use domain::{
    TokenId,
    token::{NewToken, TokenSummary},
};

/// The data of a server without logins, and its one user.
#[derive(Debug)]
pub struct Offline {
    store: SqlStore,
    caller: Caller,
}

impl Offline {
    /// # Errors
    /// There are no data, or those of another version.
    pub async fn open(data: &DataDir, database: &DatabaseConfig) -> Result<Self, OpenError> {
        let store = match database {
            DatabaseConfig::File => {
                let file = data.0.join(DATABASE_FILE);
                if !file.is_file() {
                    let path = database.in_words(data);
                    return Err(OpenError::NoData { path });
                }
                SqlStore::open_file_as_it_is(&file).await?
            }
            DatabaseConfig::Postgres(url) => SqlStore::connect_as_it_is(url).await?,
        };
        let path = database.in_words(data);
        if !store.is_of_this_version().await.unwrap_or(false) {
            return Err(OpenError::OtherVersion { path });
        }
        let caller = accounts::known_local(&store).await?;
        let caller = caller.ok_or(OpenError::NoData { path })?;
        Ok(Self { store, caller })
    }

    /// # Errors
    /// As [`tokens::create`].
    pub async fn create_token(&self, new: CreateToken) -> Result<NewToken, Error> {
        tokens::create_in(&self.store, &self.caller, new).await
    }

    /// # Errors
    /// The database failed.
    pub async fn tokens(&self) -> Result<Vec<TokenSummary>, Error> {
        tokens::list_in(&self.store, &self.caller).await
    }

    /// # Errors
    /// No such token.
    pub async fn revoke_token(&self, token: TokenId) -> Result<(), Error> {
        tokens::revoke_in(&self.store, &self.caller, token).await
    }
}
