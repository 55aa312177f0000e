//! The result of a run: JSON in the result encoding, CSV, figures.

use crate::{
    extract::{Authenticated, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    RunId, csv,
    value::{Arrays, Value},
};
use platform::runs::{self, Figure};
use serde::Deserialize;

/// Clients that accept this get large arrays as base64 instead of lists.
const TYPED_JSON: &str = "application/vnd.mecapy.typed+json";
const JSON: &str = "application/json";
const CSV: &str = "text/csv; charset=utf-8";
/// A figure is the author's: nothing in it runs, even when it is opened by itself.
const FIGURE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
    Csv,
}

#[derive(Debug, Deserialize)]
pub struct ResultOptions {
    format: Option<Format>,
    /// 1 asks the browser to save the answer as a file.
    download: Option<u8>,
}

/// The form a result is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    TypedJson,
    Csv,
}

/// `GET /api/runs/{id}/result?format&download`
pub async fn get_result(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
    Query(options): Query<ResultOptions>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let stored = runs::result(&state.services, &caller, run).await?;
    let form = form_of(&options, &headers);
    let name = (options.download == Some(1)).then(|| format!("result-{run}"));
    send(&state, stored.json, form, name.as_deref()).await
}

/// `GET /api/runs/{id}/figures/{n}`
pub async fn get_figure(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((run, n)): Path<(RunId, u32)>,
) -> Result<Response, ApiProblem> {
    let figure = runs::figure(&state.services, &caller, run, n).await?;
    Ok(figure_answer(figure))
}

/// A figure, so that it is a picture and nothing else.
#[must_use]
pub fn figure_answer(figure: Figure) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(figure.media_type),
        ),
        (header::CONTENT_SECURITY_POLICY, FIGURE_POLICY),
    ];
    (headers, figure.bytes).into_response()
}

/// A stored result in one of its forms; with a name as a file to save. Writing a large one anew
/// waits for its turn on a thread of its own.
///
/// # Errors
/// A defect of ours.
pub async fn send(
    state: &AppState,
    json: String,
    form: Form,
    name: Option<&str>,
) -> Result<Response, ApiProblem> {
    let (kind, extension) = match form {
        Form::Json => (JSON, "json"),
        Form::TypedJson => (TYPED_JSON, "json"),
        Form::Csv => (CSV, "csv"),
    };
    let bytes = json.len();
    let write = move || match form {
        Form::Json => as_json(json, Arrays::Nested),
        Form::TypedJson => as_json(json, Arrays::Packed),
        Form::Csv => as_csv(&json),
    };
    let body = state.services.offload(bytes, write).await?;
    let mut response = ([(header::CONTENT_TYPE, kind)], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    if let Some(name) = name
        && let Ok(value) =
            HeaderValue::from_str(&format!("attachment; filename=\"{name}.{extension}\""))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

fn form_of(options: &ResultOptions, headers: &HeaderMap) -> Form {
    match options.format {
        Some(Format::Json) => Form::Json,
        Some(Format::Csv) => Form::Csv,
        None if accepts(headers, TYPED_JSON) => Form::TypedJson,
        None if accepts(headers, "text/csv") => Form::Csv,
        None => Form::Json,
    }
}

/// Whether a media type is named; the wildcards of browsers name none.
fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|entry| entry.split(';').next())
        .any(|named| named.trim().eq_ignore_ascii_case(kind))
}

/// Stored text is sent as it is unless its arrays must be written another way.
fn as_json(json: String, arrays: Arrays) -> String {
    if arrays == Arrays::Nested && !json.contains("\"array\"") {
        return json;
    }
    match Value::parse(&json) {
        Ok(value) => value.to_json(arrays),
        Err(_) => json,
    }
}

/// With the mark by which spreadsheets know UTF-8.
fn as_csv(json: &str) -> String {
    let result = Value::parse(json).unwrap_or_default();
    format!("{}{}", csv::BOM, csv::of_result(&result))
}
