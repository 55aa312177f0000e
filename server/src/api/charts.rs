//! The charts of a result as files: `/api/runs/{id}/charts/{n}.svg` and `.png`.

use super::results::File;
use crate::{
    extract::{Authenticated, Path},
    language,
    problem::ApiProblem,
    state::AppState,
};
use app::plots;
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    Lang, RunId,
    value::{Value, charts},
};
use platform::runs;

const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";
/// Our own drawing of the author's words; nothing in it runs all the same.
const CHART_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Which chart is meant, as the end of its address says it: `0.svg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartFile {
    /// The place among the charts of the result, depth first.
    n: usize,
    is_png: bool,
}

impl ChartFile {
    /// # Errors
    /// The name is not that of a chart.
    pub fn parse(name: &str) -> Result<Self, ApiProblem> {
        let parts = name.split_once('.');
        let n = parts.and_then(|(n, _)| n.parse().ok());
        match (n, parts.map(|(_, end)| end)) {
            (Some(n), Some("svg")) => Ok(Self { n, is_png: false }),
            (Some(n), Some("png")) => Ok(Self { n, is_png: true }),
            _ => Err(no_such_chart()),
        }
    }
}

/// Draws a chart of the result.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/charts/{file}",
    tag = "runs",
    params(
        ("id" = RunId, Path, description = "The run."),
        ("file" = String, Path, pattern = r"^[0-9]{1,4}\.(svg|png)$", example = "0.svg",
            description = "The chart's place among the charts of the result, from 0, and the kind of picture."),
    ),
    responses(
        (status = 200, description = "The picture.",
            content((String = "image/svg+xml"), (File = "image/png"))),
        (status = 409, description = "The run has no result (`not_completed`)."),
    )
)]
pub async fn get_chart(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path((run, file)): Path<(RunId, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let file = ChartFile::parse(&file)?;
    let result = runs::result(&state.services, &caller, run).await?;
    draw(&state, result.json, file, language::of(&headers)).await
}

/// Draws one chart of a result; a large result waits for its turn on a thread of its own.
///
/// # Errors
/// The result has no such chart.
pub async fn draw(
    state: &AppState,
    result: String,
    file: ChartFile,
    lang: Lang,
) -> Result<Response, ApiProblem> {
    // A bitmap takes its time however small the result is.
    let size = if file.is_png {
        usize::MAX
    } else {
        result.len()
    };
    let draw = move || draw_now(&result, file, lang);
    let Some(bytes) = state.services.offload(size, draw).await? else {
        return Err(no_such_chart());
    };
    let kind = if file.is_png { PNG } else { SVG };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, CHART_POLICY),
    ];
    Ok((headers, bytes).into_response())
}

fn draw_now(result: &str, file: ChartFile, lang: Lang) -> Option<Bytes> {
    let result = Value::parse(result).ok()?;
    let chart = *charts(&result).get(file.n)?;
    if file.is_png {
        let png = plots::png::render(chart, plots::png::DOWNLOAD_WIDTH, 0, lang);
        png.map(Bytes::from).ok()
    } else {
        Some(Bytes::from(plots::svg::document(chart, lang)))
    }
}

fn no_such_chart() -> ApiProblem {
    ApiProblem::not_found("The result has no such chart.")
}
