//! Requests that may be sent twice: the same key with the same request is carried out once.

use crate::{Error, Services, checks, db::Idempotency, error::problem};
use domain::ProblemCode;
use sha2::{Digest, Sha256};

/// The key of a request with the hash of what it asks for; `bytes` is the size of that.
///
/// # Errors
/// The key is not one.
pub(crate) async fn keyed(
    s: &Services,
    key: Option<String>,
    route: String,
    bytes: usize,
    request: impl FnOnce() -> serde_json::Value + Send + 'static,
) -> Result<Option<Idempotency>, Error> {
    let Some(key) = key else {
        return Ok(None);
    };
    checks::idempotency_key(&key)?;
    let hash = move || sha256(&request().to_string());
    Ok(Some(Idempotency {
        route,
        key,
        request_sha256: s.offload(bytes, hash).await?,
    }))
}

/// The answer to a key that stands for another request.
pub(crate) fn mismatch() -> Error {
    problem(
        ProblemCode::IdempotencyMismatch,
        "This idempotency key came with another request before. Use a new key for a new request.",
    )
}

/// Hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
