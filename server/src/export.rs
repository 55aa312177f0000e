//! `GET /api/runs/{id}/export.html`: the shared page as one file, for a server nobody else reaches.

use crate::{
    extract::{Authenticated, Path},
    language,
    problem::ApiProblem,
    site::Site,
    state::AppState,
};
use app::share::{EXPORT_POLICY, ExportContext, render_export};
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};
use domain::{
    RunId, inputs,
    limits::MAX_FIGURES,
    run::RunStatus,
    share::SharedRun,
    signature::Parameter,
    value::{FigureFormat, Value, figures},
};
use platform::{Caller, Services, clock, runs, signature, tasks};
use std::collections::BTreeMap;

type Figures = BTreeMap<u32, (FigureFormat, Vec<u8>)>;

/// Gives the run as one HTML file that needs no server.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/export.html",
    tag = "runs",
    params(("id" = RunId, Path, description = "The run.")),
    responses((status = 200, description = "The page, to be saved.", content((String = "text/html"))))
)]
pub async fn export_run(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let lang = language::of(&headers);
    let shown = shown_run(&state.services, &caller, run).await?;
    let figures = figures_of(&state.services, &caller, &shown).await?;
    let site = state.site;
    let write = move || {
        let parameters = parameters(&shown.code, &shown.run.inputs);
        let context = ExportContext {
            lang,
            css: &style_sheet(&site),
            file: &|name| site.read(name),
            figures: &figures,
            parameters: &parameters,
        };
        render_export(&shown, &context)
    };
    // The fonts alone make it a large file.
    let page = state.services.offload(usize::MAX, write).await?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, EXPORT_POLICY.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"run-{run}.html\""),
        ),
    ];
    Ok((headers, Html(page)).into_response())
}

/// What the form of these inputs is made of; nothing for code that cannot be read.
#[must_use]
pub fn parameters(code: &str, inputs: &str) -> Vec<Parameter> {
    let signature = signature::read(code);
    let saved = Value::parse(inputs).unwrap_or_default();
    signature.map_or_else(
        |_| Vec::new(),
        |signature| inputs::parameters(&signature, &saved).into_owned(),
    )
}

/// A run as its share would show it.
async fn shown_run(s: &Services, c: &Caller, id: RunId) -> Result<SharedRun, ApiProblem> {
    let run = runs::get(s, c, id).await?;
    let task = tasks::get(s, c, run.summary.task_id).await?;
    let version = tasks::version(s, c, task.id, run.summary.version).await?;
    let result = match run.summary.status {
        RunStatus::Completed => Some(runs::result(s, c, id).await?.json),
        _ => None,
    };
    Ok(SharedRun {
        task_name: task.name,
        description: task.description,
        author: c.name.clone(),
        code: version.code,
        run,
        result,
        shared_at: clock::now(),
        expires_at: None,
    })
}

async fn figures_of(s: &Services, c: &Caller, shown: &SharedRun) -> Result<Figures, ApiProblem> {
    let Some(result) = shown.result.clone() else {
        return Ok(Figures::new());
    };
    let slots = s.offload(result.len(), move || slots_of(&result)).await?;
    let mut found = Figures::new();
    for (slot, format) in slots {
        let stored = runs::figure(s, c, shown.run.summary.id, slot).await?;
        found.insert(slot, (format, stored.bytes.to_vec()));
    }
    Ok(found)
}

/// The figures of a result that are stored beside it.
fn slots_of(result: &str) -> Vec<(u32, FigureFormat)> {
    let result = Value::parse(result).unwrap_or_default();
    let all = figures(&result).into_iter().take(MAX_FIGURES);
    all.filter_map(|figure| Some((figure.index?, figure.format)))
        .collect()
}

fn style_sheet(site: &Site) -> String {
    site.read("mecapy.css")
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}
