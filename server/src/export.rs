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
    RunId, Timestamp, inputs,
    run::RunStatus,
    share::SharedRun,
    signature::Parameter,
    value::{FigureFormat, Value, figures},
};
use platform::{Caller, Services, runs, signature, tasks};
use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::task::spawn_blocking;

type Figures = BTreeMap<u32, (FigureFormat, Vec<u8>)>;

/// `GET /api/runs/{id}/export.html`
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
    let written = spawn_blocking(move || {
        let parameters = parameters(&shown.code, &shown.run.inputs);
        let context = ExportContext {
            lang,
            css: &style_sheet(&site),
            file: &|name| site.read(name),
            figures: &figures,
            parameters: &parameters,
        };
        render_export(&shown, &context)
    });
    let page = written.await.map_err(|_| ApiProblem::defect())?;
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
        shared_at: now(),
        expires_at: None,
    })
}

async fn figures_of(s: &Services, c: &Caller, shown: &SharedRun) -> Result<Figures, ApiProblem> {
    let result = shown.result.as_deref().map(Value::parse);
    let Some(Ok(result)) = result else {
        return Ok(Figures::new());
    };
    let mut found = Figures::new();
    for figure in figures(&result) {
        if let Some(slot) = figure.index {
            let stored = runs::figure(s, c, shown.run.summary.id, slot).await?;
            found.insert(slot, (figure.format, stored.bytes.to_vec()));
        }
    }
    Ok(found)
}

fn style_sheet(site: &Site) -> String {
    site.read("mecapy.css")
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since_epoch.map_or(0, |elapsed| elapsed.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
