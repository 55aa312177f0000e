//! Bodies that may bring files: JSON, or `multipart/form-data` with the same fields as parts.

use crate::{
    extract::{self, OptionalJsonBody},
    problem::ApiProblem,
};
use axum::{
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, StatusCode, header},
};
use platform::runs::SentFile;
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;

/// Fields whose part holds JSON; every other part is a text.
const JSON_FIELDS: [&str; 3] = ["inputs", "limits", "version"];

/// The fields of a request and the files that came with them.
#[derive(Debug)]
pub struct BodyWithFiles<T> {
    /// `None` when the request says nothing.
    pub fields: Option<T>,
    pub files: Vec<SentFile>,
}

impl<T> BodyWithFiles<T> {
    /// # Errors
    /// The request says nothing.
    pub fn required(self) -> Result<(T, Vec<SentFile>), ApiProblem> {
        match self.fields {
            Some(fields) => Ok((fields, self.files)),
            None => Err(extract::no_body()),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for BodyWithFiles<T> {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiProblem> {
        if !is_multipart(request.headers()) {
            let OptionalJsonBody(fields) = OptionalJsonBody::from_request(request, state).await?;
            return Ok(Self {
                fields,
                files: Vec::new(),
            });
        }
        extract::refuse_encoded(request.headers())?;
        let parts = Multipart::from_request(request, state)
            .await
            .map_err(|rejection| broken(&rejection.body_text()))?;
        let Parts { fields, files } = read(parts).await?;
        let fields = serde_json::to_vec(&fields).map_err(|_| ApiProblem::defect())?;
        Ok(Self {
            fields: Some(extract::parse(&fields)?),
            files,
        })
    }
}

/// Whether the body is said to be `multipart/form-data`.
#[must_use]
pub fn is_multipart(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
}

#[derive(Default)]
struct Parts {
    fields: BTreeMap<String, Box<RawValue>>,
    files: Vec<SentFile>,
}

async fn read(mut parts: Multipart) -> Result<Parts, ApiProblem> {
    let mut read = Parts::default();
    while let Some(part) = parts.next_field().await.map_err(ApiProblem::from)? {
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(ApiProblem::invalid(
                "body",
                "A part of the body has no name. Name each part after the field or the input it is.",
            ));
        };
        match part.file_name().map(str::to_owned) {
            Some(file_name) => read.files.push(SentFile {
                input: name,
                name: file_name,
                bytes: part.bytes().await?,
            }),
            None => {
                let value = field(&name, part).await?;
                if read.fields.insert(name.clone(), value).is_some() {
                    let detail = format!("The part {name} is there twice. Send it once.");
                    return Err(ApiProblem::invalid(name, detail));
                }
            }
        }
    }
    Ok(read)
}

async fn field(name: &str, part: Field<'_>) -> Result<Box<RawValue>, ApiProblem> {
    let bytes = part.bytes().await?;
    let text = String::from_utf8(bytes.into()).map_err(|_| {
        let detail = format!(
            "The part {name} is not UTF-8. Send it as UTF-8, or as a file, with a file name."
        );
        ApiProblem::invalid(name, detail)
    })?;
    let json = if JSON_FIELDS.contains(&name) {
        text
    } else {
        Value::String(text).to_string()
    };
    RawValue::from_string(json).map_err(|error| {
        ApiProblem::invalid(name, format!("The part {name} is not valid JSON: {error}."))
    })
}

fn broken(cause: &str) -> ApiProblem {
    ApiProblem::http(
        StatusCode::BAD_REQUEST,
        format!("The multipart body cannot be read: {cause}. Send the request again."),
    )
}

impl From<MultipartError> for ApiProblem {
    fn from(error: MultipartError) -> Self {
        broken(error.body_text().trim_end_matches('.'))
    }
}
