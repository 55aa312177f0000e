//! What the command line does to a data folder, whether a server uses it or not: SQLite lets
//! several processes write in turn. It neither makes nor changes the form of what is stored; that
//! is for the server to do when it starts.

use crate::{
    Caller, Error, OpenError, accounts,
    config::DataDir,
    db::SqliteStore,
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
    store: SqliteStore,
    caller: Caller,
}

impl Offline {
    /// # Errors
    /// There are no data, or those of another version.
    pub async fn open(data: &DataDir) -> Result<Self, OpenError> {
        let path = data.0.display().to_string();
        let file = data.0.join(DATABASE_FILE);
        if !file.is_file() {
            return Err(OpenError::NoData { path });
        }
        let store = SqliteStore::open_as_it_is(&file)
            .await?
            .ok_or_else(|| OpenError::OtherVersion { path: path.clone() })?;
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
