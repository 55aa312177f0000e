//! The result of a run: JSON in the result encoding, CSV, Arrow, Parquet, figures.

use super::{
    negotiate::{Form, Format, forms},
    wait::{self, WaitOptions},
};
use crate::{
    extract::{Authenticated, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    RunId, csv, tabular,
    value::{Arrays, Value},
};
use platform::runs::{self, Figure};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A figure is the author's: nothing in it runs, even when it is opened by itself.
const FIGURE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Bytes of a file, in the document of the REST face.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct File(#[expect(dead_code, reason = "only its schema is used")] Vec<u8>);

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ResultOptions {
    /// The form of the answer, for who cannot send `Accept`.
    #[param(inline)]
    format: Option<Format>,
    /// 1 asks the browser to save the answer as a file.
    #[param(minimum = 0, maximum = 255)]
    download: Option<u8>,
}

/// Reads the result of a run.
///
/// JSON in the result encoding, with large arrays as base64 for who accepts
/// `application/vnd.mecapy.typed+json`; CSV; and, where the result is a table, Arrow or Parquet.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/result",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run."), ResultOptions, WaitOptions),
    responses(
        (status = 200, description = "The result.", content(
            (Value = "application/json"),
            (Value = "application/vnd.mecapy.typed+json"),
            (String = "text/csv"),
            (File = "application/vnd.apache.arrow.stream"),
            (File = "application/vnd.apache.parquet"),
        )),
        (status = 406, description = "The result is no table, and only a table was asked for; `available` names what there is."),
        (status = 409, description = "The run has no result (`not_completed`)."),
    )
)]
pub async fn get_result(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
    Query(options): Query<ResultOptions>,
    Query(waiting): Query<WaitOptions>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    if let Some(wait) = waiting.duration()? {
        wait::ended(&state, &caller, run, wait).await?;
    }
    let stored = runs::result(&state.services, &caller, run).await?;
    let forms = forms(options.format, &headers);
    let (form, body) = written(&state, stored.json, forms).await?;
    let name = (options.download == Some(1)).then(|| format!("result-{run}"));
    Ok(answer(form, body, name.as_deref()))
}

/// Gives a figure of the result as the author drew it.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/figures/{n}",
    tag = "runs",
    params(
        ("id" = RunId, Path, description = "The run."),
        ("n" = u32, Path, description = "The figure's `index` in the result."),
    ),
    responses(
        (status = 200, description = "The picture.",
            content((String = "image/svg+xml"), (File = "image/png"))),
        (status = 409, description = "The run has no result (`not_completed`)."),
    )
)]
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

/// A stored result in one of its forms; with a name as a file to save.
///
/// # Errors
/// A defect of ours.
pub async fn send(
    state: &AppState,
    json: String,
    form: Form,
    name: Option<&str>,
) -> Result<Response, ApiProblem> {
    let (form, body) = written(state, json, vec![form]).await?;
    Ok(answer(form, body, name))
}

/// A stored result in the first of these forms that it has. Writing a large one anew waits for its
/// turn on a thread of its own.
///
/// # Errors
/// It has none of them, or a defect of ours.
pub async fn written(
    state: &AppState,
    json: String,
    forms: Vec<Form>,
) -> Result<(Form, Vec<u8>), ApiProblem> {
    let bytes = json.len();
    state
        .services
        .offload(bytes, move || write(json, &forms))
        .await?
}

/// The text of a result as JSON, in the way that form writes arrays.
///
/// # Errors
/// A defect of ours.
pub async fn json_text(state: &AppState, json: String, form: Form) -> Result<String, ApiProblem> {
    let arrays = arrays(form);
    let bytes = json.len();
    Ok(state
        .services
        .offload(bytes, move || as_json(json, arrays))
        .await?)
}

/// JSON that holds a result, under the media type of its form.
pub fn json_answer(body: &impl Serialize, form: Form) -> Response {
    let text = serde_json::to_vec(body).expect("the bodies of answers have string keys only");
    answer(form, text, None)
}

/// The body of an answer under its media type; with a name as a file to save.
#[must_use]
pub fn answer(form: Form, body: Vec<u8>, name: Option<&str>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, form.content_type())], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    if let Some(name) = name
        && let Ok(value) = HeaderValue::from_str(&format!(
            "attachment; filename=\"{name}.{}\"",
            form.extension()
        ))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn write(json: String, forms: &[Form]) -> Result<(Form, Vec<u8>), ApiProblem> {
    let defect = |error: &dyn std::error::Error| {
        tracing::error!(%error, "a table could not be written");
        ApiProblem::defect()
    };
    for &form in forms {
        if !form.is_tabular() {
            let text = match form {
                Form::Csv => as_csv(&json),
                other => as_json(json, arrays(other)),
            };
            return Ok((form, text.into_bytes()));
        }
        let Some(columns) = tabular::of_result(&Value::parse(&json).unwrap_or_default()) else {
            continue;
        };
        let bytes = match form {
            Form::Parquet => super::tabular::parquet(columns).map_err(|error| defect(&error))?,
            _ => super::tabular::arrow(columns).map_err(|error| defect(&error))?,
        };
        return Ok((form, bytes));
    }
    Err(no_table())
}

fn no_table() -> ApiProblem {
    let available = [Form::Json, Form::TypedJson, Form::Csv].map(Form::media_type);
    ApiProblem::http(
        StatusCode::NOT_ACCEPTABLE,
        format!(
            "The result is no table, so it has no Arrow or Parquet form. A table, a list of records, a matrix, or an object of lists of equal length has one. Ask for {}.",
            available.join(", ")
        ),
    )
    .with("available", available)
}

const fn arrays(form: Form) -> Arrays {
    match form {
        Form::TypedJson => Arrays::Packed,
        _ => Arrays::Nested,
    }
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
