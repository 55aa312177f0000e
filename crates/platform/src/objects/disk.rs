//! Objects as files below the data folder, served by this server under presigned URLs.

use super::{Found, Method, Objects, Put, Signer};
use crate::{clock, error::Internal};
use async_trait::async_trait;
use bytes::Bytes;
use domain::Timestamp;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutPayload, local::LocalFileSystem,
    path::Path,
};
use protocol::execute::UploadSlot;
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct DiskObjects {
    files: LocalFileSystem,
    signer: Signer,
    /// Where workers reach this server, without a slash at its end.
    base_url: String,
}

impl DiskObjects {
    /// Every write is synced: an object that a committed row names is there after a power failure.
    pub(crate) fn open(
        folder: &std::path::Path,
        signer: Signer,
        base_url: String,
    ) -> Result<Self, StoreError> {
        let files = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            files,
            signer,
            base_url,
        })
    }

    fn url(&self, method: Method, key: &str, max_bytes: u64, life: Duration) -> String {
        let life = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
        let expires = Timestamp::from_millis(clock::now().millis().saturating_add(life));
        let query = self.signer.sign(method, key, max_bytes, expires);
        format!("{}/objects/{key}?{}", self.base_url, query.to_query())
    }
}

#[async_trait]
impl Objects for DiskObjects {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<Put, Internal> {
        let path = Path::from(key);
        let payload = PutPayload::from_bytes(bytes.clone());
        let written = self
            .files
            .put_opts(&path, payload, PutMode::Create.into())
            .await;
        match written {
            Ok(_) => Ok(Put::Written),
            Err(StoreError::AlreadyExists { .. }) => {
                let same = self.get(key).await?.is_some_and(|there| there == bytes);
                Ok(if same { Put::Written } else { Put::Taken })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Internal> {
        match self.files.get(&Path::from(key)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn size(&self, key: &str) -> Result<Option<u64>, Internal> {
        match self.files.head(&Path::from(key)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), Internal> {
        match self.files.delete(&Path::from(key)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn list(&self, prefix: &'static str) -> BoxStream<'_, Result<Found, Internal>> {
        let found = self.files.list(Some(&Path::from(prefix)));
        found
            .map_ok(|object| Found {
                key: object.location.to_string(),
                bytes: object.size,
                written_at: Timestamp::from_millis(object.last_modified.timestamp_millis()),
            })
            .map_err(Internal::from)
            .boxed()
    }

    async fn can_write(&self) -> Result<(), Internal> {
        let key = format!("ready/{}", Uuid::now_v7());
        self.put(&key, Bytes::from_static(b"ready")).await?;
        self.delete(&key).await
    }

    async fn presign_get(&self, key: &str, life: Duration) -> Result<String, Internal> {
        Ok(self.url(Method::Get, key, 0, life))
    }

    async fn presign_put(
        &self,
        key: &str,
        max_bytes: u64,
        life: Duration,
    ) -> Result<UploadSlot, Internal> {
        Ok(UploadSlot {
            key: key.to_owned(),
            url: self.url(Method::Put, key, max_bytes, life),
            headers: BTreeMap::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_object_is_written_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let objects = DiskObjects::open(folder.path(), Signer::random(), String::new())
            .expect("a folder opens");
        let put = async |bytes: &'static str| objects.put("runs/a/1/result", bytes.into()).await;
        assert_eq!(put("one").await.expect("first"), Put::Written);
        assert_eq!(put("one").await.expect("again"), Put::Written);
        assert_eq!(put("two").await.expect("another"), Put::Taken);
        let kept = objects.get("runs/a/1/result").await.expect("readable");
        assert_eq!(kept.as_deref(), Some(b"one".as_slice()));
    }
}
