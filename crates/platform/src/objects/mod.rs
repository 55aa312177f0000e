//! What is large: inputs, results and figures that do not fit a row, and input files. Keys are
//! `runs/{run}/inputs` and `runs/{run}/{attempt}/…`, so that attempts never write over each other,
//! and `files/{user}/{sha256}`, so that a user's file is stored once.

mod disk;
mod presign;
mod s3;

pub(crate) use disk::DiskObjects;
pub use presign::SignedQuery;
pub(crate) use presign::{Grant, Method, Signer};
pub(crate) use s3::S3Objects;

use crate::{
    Error, Services, clock,
    error::{Internal, problem},
};
use async_trait::async_trait;
use bytes::Bytes;
use domain::{ProblemCode, RunId, UserId};
use protocol::execute::UploadSlot;
use std::time::Duration;

/// A store of immutable objects.
#[async_trait]
pub(crate) trait Objects: std::fmt::Debug + Send + Sync {
    /// Writes an object that does not exist, or exists with the same bytes.
    async fn put(&self, key: &str, bytes: Bytes) -> Result<Put, Internal>;
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Internal>;
    /// Bytes of an object, when there is one.
    async fn size(&self, key: &str) -> Result<Option<u64>, Internal>;
    /// Removes an object that nothing names; one that is not there is gone already.
    async fn delete(&self, key: &str) -> Result<(), Internal>;
    /// Waits until something could be written.
    async fn can_write(&self) -> Result<(), Internal>;
    /// A URL whose holder may read the object for that long.
    async fn presign_get(&self, key: &str, life: Duration) -> Result<String, Internal>;
    /// A slot whose holder may write the object once, of at most `max_bytes`, for that long.
    async fn presign_put(
        &self,
        key: &str,
        max_bytes: u64,
        life: Duration,
    ) -> Result<UploadSlot, Internal>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    Written,
    /// Another object has that key.
    Taken,
}

pub(crate) fn inputs_key(run: RunId) -> String {
    format!("runs/{run}/inputs")
}

pub(crate) fn file_key(user: UserId, sha256: &str) -> String {
    format!("files/{user}/{sha256}")
}

pub(crate) fn result_key(run: RunId, attempt: u32) -> String {
    format!("runs/{run}/{attempt}/result")
}

pub(crate) fn figure_key(run: RunId, attempt: u32, n: u32) -> String {
    format!("runs/{run}/{attempt}/figure-{n}")
}

/// The bytes a presigned GET names.
///
/// # Errors
/// The signature does not fit or is over its time, or there is no such object.
pub async fn read_signed(s: &Services, key: &str, query: &SignedQuery) -> Result<Bytes, Error> {
    verify(s, Method::Get, key, query)?;
    let found = s.0.objects.get(key).await?;
    found.ok_or_else(|| problem(ProblemCode::NotFound, "There is no such object."))
}

/// How many bytes a presigned PUT allows; asked before its body is read.
///
/// # Errors
/// The signature does not fit or is over its time.
pub fn upload_limit(s: &Services, key: &str, query: &SignedQuery) -> Result<u64, Error> {
    verify(s, Method::Put, key, query).map(|grant| grant.max_bytes)
}

/// Stores what a presigned PUT brought. An object is written once; the same bytes again are fine.
///
/// # Errors
/// As [`upload_limit`], or the body is too large, or another object has the key.
pub async fn write_signed(
    s: &Services,
    key: &str,
    query: &SignedQuery,
    body: Bytes,
) -> Result<(), Error> {
    let max_bytes = upload_limit(s, key, query)?;
    if body.len() as u64 > max_bytes {
        return Err(problem(
            ProblemCode::TooLarge,
            format!("This upload may have {max_bytes} bytes at most."),
        ));
    }
    match s.0.objects.put(key, body).await? {
        Put::Written => Ok(()),
        Put::Taken => Err(problem(
            ProblemCode::Conflict,
            "An object is written once, and this one has been.",
        )),
    }
}

fn verify(s: &Services, method: Method, key: &str, query: &SignedQuery) -> Result<Grant, Error> {
    let grant = s.0.signer.verify(method, key, query, clock::now());
    grant.ok_or_else(|| {
        problem(
            ProblemCode::Forbidden,
            "This object URL is not valid, or its time is over.",
        )
    })
}
