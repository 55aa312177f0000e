//! Who there is.

use crate::{
    Caller, Error, Services,
    db::{SqlStore, Users},
    error::Internal,
};

/// The subject of the one user of a server without logins.
const LOCAL: &str = "local";

/// The one user of a server without logins, by the name of its configuration.
///
/// # Errors
/// The database failed.
pub async fn local(s: &Services) -> Result<Caller, Error> {
    let name = s.0.config.account.name.clone();
    let user = s.0.store.user(LOCAL, &name).await?;
    Ok(Caller::new(user, name))
}

/// The same as it is stored; `None` before a server has started.
pub(crate) async fn known_local(store: &SqlStore) -> Result<Option<Caller>, Internal> {
    let known = store.known_user(LOCAL).await?;
    Ok(known.map(|(user, name)| Caller::new(user, name)))
}
