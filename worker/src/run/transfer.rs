//! Large inputs and input files in, large results and figures out, by presigned URLs.

use bytes::Bytes;
use domain::limits::MAX_INPUTS_BYTES;
use futures::StreamExt;
use protocol::{
    execute::{InputFile, UploadSlot},
    zygote::PayloadFile,
};
use reqwest::{Client, StatusCode, header::CONTENT_TYPE};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::{task::JoinSet, time::sleep};

/// Times that a transfer is tried.
const TRIES: u32 = 4;
/// Wait before the second try; each further one waits four times as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const TRANSFER_WITHIN: Duration = Duration::from_secs(60);

/// Never holds the URL: it is a credential.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("the object store answered {0}")]
    Refused(StatusCode),
    #[error("the object store does not answer")]
    Unreachable,
    #[error("the object is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the object is not the file that was asked for")]
    OtherFile,
    #[error("the object is not text")]
    NotText,
}

/// The uploads of one run, under way together.
#[derive(Debug)]
pub struct Transfers {
    client: Client,
    running: JoinSet<Result<(), TransferError>>,
}

impl Transfers {
    /// A client for the whole worker: connections are kept.
    pub fn client() -> reqwest::Result<Client> {
        Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(TRANSFER_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
    }

    pub fn new(client: Client) -> Self {
        Self {
            client,
            running: JoinSet::new(),
        }
    }

    /// Begins to upload.
    pub fn put(&mut self, slot: UploadSlot, media_type: &'static str, body: Bytes) {
        let client = self.client.clone();
        self.running
            .spawn(async move { retried(|| put(&client, &slot, media_type, body.clone())).await });
    }

    /// Whether nothing is under way.
    pub fn are_done(&self) -> bool {
        self.running.is_empty()
    }

    /// Waits for all uploads. May be cancelled and called again.
    ///
    /// # Errors
    /// The first that failed; the others are stopped.
    pub async fn join(&mut self) -> Result<(), TransferError> {
        while let Some(done) = self.running.join_next().await {
            done.unwrap_or(Err(TransferError::Unreachable))?;
        }
        Ok(())
    }

    /// The inputs behind a presigned URL.
    ///
    /// # Errors
    /// They cannot be had, or are too large.
    pub async fn inputs(&self, url: &str) -> Result<String, TransferError> {
        let bytes = retried(|| get(&self.client, url, MAX_INPUTS_BYTES)).await?;
        String::from_utf8(bytes).map_err(|_| TransferError::NotText)
    }

    /// The input files, one after another: they share one connection, and their limit is small.
    ///
    /// # Errors
    /// One cannot be had, or is not what its digest says.
    pub async fn files(
        &self,
        files: &[InputFile],
    ) -> Result<Vec<PayloadFile<Vec<u8>>>, TransferError> {
        let mut fetched = Vec::with_capacity(files.len());
        for file in files {
            let most = usize::try_from(file.bytes).unwrap_or(usize::MAX);
            let bytes = retried(|| get(&self.client, &file.url, most)).await?;
            if hex::encode(Sha256::digest(&bytes)) != file.sha256 {
                return Err(TransferError::OtherFile);
            }
            fetched.push(PayloadFile {
                sha256: file.sha256.clone(),
                bytes,
            });
        }
        Ok(fetched)
    }
}

async fn retried<T, F: Future<Output = Result<T, TransferError>>>(
    mut attempt: impl FnMut() -> F,
) -> Result<T, TransferError> {
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match attempt().await {
            Err(TransferError::Unreachable) => {}
            Err(TransferError::Refused(status)) if status.is_server_error() => {}
            done => return done,
        }
        sleep(wait).await;
        wait *= 4;
    }
    attempt().await
}

async fn put(
    client: &Client,
    slot: &UploadSlot,
    media_type: &str,
    body: Bytes,
) -> Result<(), TransferError> {
    let mut request = client.put(&slot.url).body(body);
    if !slot
        .headers
        .keys()
        .any(|name| name.eq_ignore_ascii_case("content-type"))
    {
        request = request.header(CONTENT_TYPE, media_type);
    }
    for (name, value) in &slot.headers {
        request = request.header(name, value);
    }
    let response = request
        .send()
        .await
        .map_err(|_| TransferError::Unreachable)?;
    if response.status().is_success() {
        Ok(())
    } else {
        Err(TransferError::Refused(response.status()))
    }
}

async fn get(client: &Client, url: &str, most: usize) -> Result<Vec<u8>, TransferError> {
    let response = client
        .get(url)
        .send()
        .await
        .map_err(|_| TransferError::Unreachable)?;
    if !response.status().is_success() {
        return Err(TransferError::Refused(response.status()));
    }
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| TransferError::Unreachable)?;
        if body.len() + chunk.len() > most {
            return Err(TransferError::TooLarge(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
