//! Objects in a bucket of any S3 service, which workers reach by presigned URLs themselves.
//!
//! No answer of the service about what exists decides anything: every key names its attempt or its
//! content, so that a key is written with the same bytes or never twice (the claim in the database
//! sees to that).

use super::{Found, Objects, Put};
use crate::{config::S3Config, error::Internal};
use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Credentials, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::{DisplayErrorContext, SdkError},
    presigning::{PresignedRequest, PresigningConfig},
    primitives::ByteStream,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use bytes::Bytes;
use domain::Timestamp;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use protocol::execute::UploadSlot;
use secrecy::ExposeSecret;
use std::time::Duration;
use uuid::Uuid;

/// The longest life of a presigned URL that S3 knows.
const MAX_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// One try, to the first byte of the answer. The largest object takes seconds to write.
const TRY_WITHIN: Duration = Duration::from_secs(20);
const TRIES: u32 = 3;
const NOT_FOUND: u16 = 404;

#[derive(Debug)]
pub(crate) struct S3Objects {
    client: Client,
    bucket: String,
}

impl S3Objects {
    pub(crate) fn new(config: &S3Config) -> Self {
        let credentials = Credentials::new(
            &config.access_key_id,
            config.secret_access_key.expose_secret(),
            None,
            None,
            "environment",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_WITHIN)
            .operation_attempt_timeout(TRY_WITHIN)
            .build();
        let mut settings = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(
                aws_smithy_http_client::Builder::new()
                    .tls_provider(Provider::Rustls(CryptoMode::Ring))
                    .build_https(),
            )
            .region(Region::new(config.region.clone()))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(timeouts)
            // Not every service knows the newer checksums.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = &config.endpoint {
            settings = settings.endpoint_url(endpoint).force_path_style(true);
        }
        Self {
            client: Client::from_conf(settings.build()),
            bucket: config.bucket.clone(),
        }
    }

    fn life(life: Duration) -> Result<PresigningConfig, Internal> {
        PresigningConfig::expires_in(life.min(MAX_LIFE)).map_err(failed)
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn put(&self, key: &str, bytes: Bytes) -> Result<Put, Internal> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(sdk_failed)?;
        Ok(Put::Written)
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Internal> {
        let got = self.client.get_object().bucket(&self.bucket).key(key);
        match got.send().await {
            Ok(object) => Ok(Some(
                object.body.collect().await.map_err(failed)?.into_bytes(),
            )),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(sdk_failed(error)),
        }
    }

    async fn size(&self, key: &str) -> Result<Option<u64>, Internal> {
        let head = self.client.head_object().bucket(&self.bucket).key(key);
        match head.send().await {
            Ok(head) => {
                let bytes = head.content_length().unwrap_or_default();
                Ok(Some(u64::try_from(bytes).unwrap_or_default()))
            }
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(sdk_failed(error)),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), Internal> {
        let deleted = self.client.delete_object().bucket(&self.bucket).key(key);
        match deleted.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_not_found(&error) => Ok(()),
            Err(error) => Err(sdk_failed(error)),
        }
    }

    fn list(&self, prefix: &'static str) -> BoxStream<'_, Result<Found, Internal>> {
        let pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(format!("{prefix}/"))
            .into_paginator()
            .send();
        // The paginator is no stream of its own.
        let pages = stream::unfold(pages, |mut pages| async move {
            let page = pages.next().await?;
            Some((page, pages))
        });
        pages
            .map(|page| {
                let page = page.map_err(sdk_failed)?;
                let found = page.contents.unwrap_or_default().into_iter();
                Ok::<_, Internal>(stream::iter(found.filter_map(found_object).map(Ok)))
            })
            .try_flatten()
            .boxed()
    }

    async fn can_write(&self) -> Result<(), Internal> {
        let key = format!("ready/{}", Uuid::now_v7());
        self.put(&key, Bytes::from_static(b"ready")).await?;
        self.delete(&key).await
    }

    async fn presign_get(&self, key: &str, life: Duration) -> Result<String, Internal> {
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let signed = get.presigned(Self::life(life)?).await.map_err(sdk_failed)?;
        Ok(signed.uri().to_owned())
    }

    /// S3 binds method, key and expiry of such a URL, but the size only when it is known before: the
    /// worker keeps to `max_bytes`, and nobody else is given the URL.
    async fn presign_put(
        &self,
        key: &str,
        _max_bytes: u64,
        life: Duration,
    ) -> Result<UploadSlot, Internal> {
        let put = self.client.put_object().bucket(&self.bucket).key(key);
        let signed: PresignedRequest =
            put.presigned(Self::life(life)?).await.map_err(sdk_failed)?;
        let headers = signed.headers();
        Ok(UploadSlot {
            key: key.to_owned(),
            url: signed.uri().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }
}

fn found_object(object: aws_sdk_s3::types::Object) -> Option<Found> {
    Some(Found {
        key: object.key?,
        bytes: u64::try_from(object.size.unwrap_or_default()).unwrap_or_default(),
        written_at: Timestamp::from_millis(object.last_modified?.to_millis().ok()?),
    })
}

fn is_not_found<E>(error: &SdkError<E>) -> bool {
    error
        .raw_response()
        .is_some_and(|response| response.status().as_u16() == NOT_FOUND)
}

/// With its causes, which the SDK's own text leaves out.
fn sdk_failed<E>(error: SdkError<E>) -> Internal
where
    E: std::error::Error + Send + Sync + 'static,
{
    Internal::S3(DisplayErrorContext(&error).to_string())
}

fn failed(error: impl std::error::Error) -> Internal {
    Internal::S3(DisplayErrorContext(&error).to_string())
}
