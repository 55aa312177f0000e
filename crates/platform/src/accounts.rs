//! Who there is.

use crate::{Caller, Error, Services};

/// The one user of a server without logins.
///
/// # Errors
/// The database failed.
pub async fn local(_s: &Services) -> Result<Caller, Error> {
    Err(crate::error::Internal::WriterStopped.into())
}
