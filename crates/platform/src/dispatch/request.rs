//! What a worker is sent: code and small inputs inline, everything else as presigned URLs that
//! live as long as the attempt can.

use crate::{
    config::DispatchConfig,
    db::{ClaimedRun, Placed},
    error::Internal,
    objects::{self, Objects},
};
use domain::limits::{MAX_FIGURE_BYTES, MAX_FIGURES};
use protocol::execute::{ExecuteRequest, InputFile, UploadUrls};
use serde_json::value::RawValue;
use std::time::Duration;

/// Beyond wall limit and grace: what uploads may take.
const UPLOAD_TIME: Duration = Duration::from_secs(60);

pub(super) async fn request(
    run: &ClaimedRun,
    objects: &dyn Objects,
    config: &DispatchConfig,
    inline_bytes: usize,
) -> Result<ExecuteRequest, Internal> {
    let wall = Duration::from_secs(run.limits.wall_s.into());
    let life = wall + config.grace + UPLOAD_TIME;
    let (inputs, inputs_url, inputs_key) = match &run.inputs {
        Placed::Inline(text) => (Some(raw(text)?), None, None),
        Placed::Object(key) => (None, Some(objects.presign_get(key, life).await?), Some(key)),
    };
    Ok(ExecuteRequest {
        run_id: Some(run.id.to_string()),
        attempt: run.attempt,
        code: run.code.clone(),
        inputs,
        inputs_url,
        files: files(run, objects, life).await?,
        upload_urls: Some(slots(run, objects, life).await?),
        limits: run.limits,
        inline_bytes: Some(inline_bytes as u64),
        task_id: Some(run.task.to_string()),
        user_id: Some(run.user.to_string()),
        inputs_s3_key: inputs_key.cloned(),
    })
}

async fn files(
    run: &ClaimedRun,
    objects: &dyn Objects,
    life: Duration,
) -> Result<Vec<InputFile>, Internal> {
    let mut files = Vec::with_capacity(run.files.len());
    for file in &run.files {
        let key = objects::file_key(run.user, &file.sha256);
        files.push(InputFile {
            sha256: file.sha256.clone(),
            bytes: file.bytes,
            url: objects.presign_get(&key, life).await?,
        });
    }
    Ok(files)
}

async fn slots(
    run: &ClaimedRun,
    objects: &dyn Objects,
    life: Duration,
) -> Result<UploadUrls, Internal> {
    let key = objects::result_key(run.id, run.attempt);
    let result = objects
        .presign_put(&key, run.limits.output_bytes, life)
        .await?;
    let mut figures = Vec::with_capacity(MAX_FIGURES);
    for n in 0..MAX_FIGURES as u32 {
        let key = objects::figure_key(run.id, run.attempt, n);
        figures.push(objects.presign_put(&key, MAX_FIGURE_BYTES, life).await?);
    }
    Ok(UploadUrls { result, figures })
}

fn raw(inputs: &str) -> Result<Box<RawValue>, Internal> {
    RawValue::from_string(inputs.to_owned()).map_err(|error| Internal::Stored {
        what: "run's inputs",
        source: error.into(),
    })
}
