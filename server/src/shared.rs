//! `/r/{token}…`: what the holder of a link sees. The page is written by the server, reads without
//! script and without login, ignores the session and sets no cookie; links that are unknown,
//! expired or revoked get one and the same answer.

use crate::{
    api::{
        charts::{self, ChartFile},
        negotiate::Form,
        results,
    },
    export::parameters,
    extract::{Authenticated, Path},
    language,
    problem::ApiProblem,
    state::AppState,
};
use app::share::{
    SHARED_PAGE_POLICY, SharedPageContext, preview_png, render_gone, render_shared_page,
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::{Lang, Problem, ProblemCode, share::SharedRun};
use platform::{Error, shares};

/// `GET /r/{token}`
pub async fn show_page(
    State(state): State<AppState>,
    token: Result<Path<String>, ApiProblem>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let lang = language::of(&headers);
    // What cannot be a token opens nothing, as any other that is not one of ours.
    let Ok(Path(token)) = token else {
        return Ok(gone(&state, lang));
    };
    match shares::open(&state.services, &token).await {
        Ok(shared) => page_of(state, shared, format!("/r/{token}"), lang).await,
        Err(error) => gone_or(error, &state, lang),
    }
}

/// `POST /r/{token}/copy`: a task of the caller's own, and the way to it.
pub async fn copy_task(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    match shares::copy(&state.services, &caller, &token).await {
        Ok(task) => Ok(Redirect::to(&format!("/tasks/{}", task.id)).into_response()),
        Err(error) => gone_or(error, &state, language::of(&headers)),
    }
}

/// `GET /r/{token}/result.json`
pub async fn get_json(
    State(state): State<AppState>,
    Path(token): Path<String>,
) -> Result<Response, ApiProblem> {
    let result = result_of(&state, &token).await?;
    results::send(&state, result, Form::Json, Some("result")).await
}

/// `GET /r/{token}/result.csv`
pub async fn get_csv(
    State(state): State<AppState>,
    Path(token): Path<String>,
) -> Result<Response, ApiProblem> {
    let result = result_of(&state, &token).await?;
    results::send(&state, result, Form::Csv, Some("result")).await
}

/// `GET /r/{token}/figures/{n}`
pub async fn get_figure(
    State(state): State<AppState>,
    Path((token, n)): Path<(String, u32)>,
) -> Result<Response, ApiProblem> {
    let figure = shares::figure(&state.services, &token, n).await?;
    Ok(results::figure_answer(figure))
}

/// `GET /r/{token}/charts/{n}.svg` and `.png`
pub async fn get_chart(
    State(state): State<AppState>,
    Path((token, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let result = result_of(&state, &token).await?;
    let file = ChartFile::parse(&file)?;
    charts::draw(&state, result, file, language::of(&headers)).await
}

/// `GET /r/{token}/preview.png`: what other programs show beside the link.
pub async fn get_preview(
    State(state): State<AppState>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let lang = language::of(&headers);
    let shared = shares::open(&state.services, &token).await?;
    let draw = move || preview_png(&shared, lang);
    let Ok(png) = state.services.offload(usize::MAX, draw).await? else {
        tracing::error!("a preview image could not be drawn");
        return Err(ApiProblem::defect());
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    Ok((headers, png).into_response())
}

async fn page_of(
    state: AppState,
    shared: SharedRun,
    path: String,
    lang: Lang,
) -> Result<Response, ApiProblem> {
    let services = state.services.clone();
    let size = shared.result.as_ref().map_or(0, String::len) + shared.run.inputs.len();
    let write = move || {
        let parameters = parameters(&shared.code, &shared.run.inputs);
        let context = SharedPageContext {
            lang,
            pkg: &state.site.pkg_url(),
            path: &path,
            origin: &state.addresses.public_url,
            parameters: &parameters,
        };
        render_shared_page(&shared, &context)
    };
    let page = services.offload(size, write).await?;
    Ok(page_answer(StatusCode::OK, page))
}

fn gone_or(error: Error, state: &AppState, lang: Lang) -> Result<Response, ApiProblem> {
    match error {
        Error::Problem(Problem {
            code: ProblemCode::NotFound,
            ..
        }) => Ok(gone(state, lang)),
        other => Err(other.into()),
    }
}

fn gone(state: &AppState, lang: Lang) -> Response {
    page_answer(
        StatusCode::NOT_FOUND,
        render_gone(lang, &state.site.pkg_url()),
    )
}

fn page_answer(status: StatusCode, page: String) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "private, no-store"),
        (header::CONTENT_SECURITY_POLICY, SHARED_PAGE_POLICY),
        (header::VARY, "accept-language, cookie"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    (status, headers, Html(page)).into_response()
}

async fn result_of(state: &AppState, token: &str) -> Result<String, ApiProblem> {
    let shared = shares::open(&state.services, token).await?;
    shared.result.ok_or_else(|| {
        let detail = "The shared run has no result: it did not complete.";
        Problem::new(ProblemCode::NotCompleted, detail).into()
    })
}
