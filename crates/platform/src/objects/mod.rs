//! What is large: inputs, results and figures that do not fit a row.

use crate::{Error, Services, error::Internal};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The query of a presigned `/objects/{key}` URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedQuery {
    /// `GET` or `PUT`.
    pub method: String,
    /// End of validity, milliseconds since the Unix epoch.
    pub exp: i64,
    /// Largest body, bytes.
    pub max: u64,
    /// HMAC-SHA256 over method, key, expiry and size, base64url.
    pub sig: String,
}

/// The bytes a presigned GET names.
///
/// # Errors
/// The signature does not fit or is over its time, or there is no such object.
pub async fn read_signed(_s: &Services, _key: &str, _query: &SignedQuery) -> Result<Bytes, Error> {
    Err(Internal::WriterStopped.into())
}

/// How many bytes a presigned PUT allows; asked before its body is read.
///
/// # Errors
/// The signature does not fit or is over its time.
pub fn upload_limit(_s: &Services, _key: &str, _query: &SignedQuery) -> Result<u64, Error> {
    Err(Internal::WriterStopped.into())
}

/// Stores what a presigned PUT brought. An object is written once; the same bytes again are fine.
///
/// # Errors
/// As [`upload_limit`], or the body is too large, or another object has the key.
pub async fn write_signed(
    _s: &Services,
    _key: &str,
    _query: &SignedQuery,
    _body: Bytes,
) -> Result<(), Error> {
    Err(Internal::WriterStopped.into())
}
