//! The body of a shared page: a rail that says whose and when, and the document itself.

use super::{
    code::CodeSection,
    provenance::{Provenance, ended},
    shared_inputs, words,
};
use crate::{
    components::{Glyph, Icon, State, StateBadge},
    i18n::{Locale, td_string, use_locale},
    nav::Mark,
    result::{
        Blocks, chart_id,
        plan::{self, Block},
    },
    run::words::of as error_words,
};
use domain::{
    run::{RunError, RunStatus},
    share::SharedRun,
    signature::Parameter,
    value::Value,
};
use leptos::prelude::*;

/// Charts named in the rail.
const MAX_IN_RAIL: usize = 6;

/// Everything on the page; `link` is its whole address, none in a file, which is not copied or
/// ended either.
#[component]
pub fn SharedDocument(
    shared: SharedRun,
    parameters: Vec<Parameter>,
    link: Option<String>,
    copy_to: Option<String>,
) -> impl IntoView {
    let locale = use_locale();
    let result = shared
        .result
        .as_deref()
        .and_then(|json| Value::parse(json).ok());
    let mut blocks = result
        .map(|value| plan::blocks(value, locale.into()))
        .unwrap_or_default();
    let charts: Vec<(String, String)> = plan::charts(&blocks)
        .into_iter()
        .take(MAX_IN_RAIL)
        .map(|chart| (chart_id(chart.index), chart.title().to_owned()))
        .collect();
    let values = match blocks.first() {
        Some(Block::Values(_)) => Some(blocks.remove(0)),
        _ => None,
    };
    let status = shared.run.summary.status;
    let inputs = shared_inputs::blocks(&shared.run.inputs, &parameters, locale.into());
    let error = shared.run.summary.error.clone();
    view! {
        <TopBar copy_to=copy_to.clone() />
        <div class="doc-frame">
            <Rail shared=shared.clone() charts in_file=link.is_none() />
            <main class="doc">
                <h1>{shared.task_name.clone()}</h1>
                {(!shared.description.is_empty()).then(|| view! { <p class="doc-lead">{shared.description.clone()}</p> })}
                <RunLine shared=shared.clone() />
                <div class="doc-pair">
                    {(!inputs.is_empty()).then(|| view! {
                        <section class="doc-inputs" id="inputs">
                            <h2>{td_string!(locale, share.inputs)}</h2>
                            <Blocks blocks=inputs />
                        </section>
                    })}
                    <section class="doc-result" id="result">
                        <h2>{td_string!(locale, share.result)}</h2>
                        {match (status, values) {
                            (RunStatus::Completed, Some(values)) => view! { <Blocks blocks=vec![values] /> }.into_any(),
                            (RunStatus::Completed, None) if blocks.is_empty() => view! { <Blocks blocks=Vec::new() top=true /> }.into_any(),
                            (RunStatus::Completed, None) => view! { <p class="quiet">{td_string!(locale, share.result_below)}</p> }.into_any(),
                            _ => view! { <NoResult status error /> }.into_any(),
                        }}
                    </section>
                </div>
                {(!blocks.is_empty()).then(|| view! { <div class="doc-blocks"><Blocks blocks /></div> })}
                <CodeSection code=shared.code.clone() />
                <Provenance run=shared.run.clone() link />
            </main>
        </div>
        {copy_to.map(|to| view! { <BottomBar to /> })}
    }
    .into_any()
}

#[component]
fn TopBar(copy_to: Option<String>) -> impl IntoView {
    let locale = use_locale();
    view! {
        <header class="doc-bar">
            <span class="brand"><Mark /><span>"MecaPy"</span></span>
            <span class="doc-readonly"><Icon glyph=Glyph::Lock />{td_string!(locale, share.read_only)}</span>
            <span class="doc-actions">
                <button r#type="button" class="btn btn-quiet" data-act="print" hidden=true>
                    <Icon glyph=Glyph::Print />{td_string!(locale, share.print)}
                </button>
                {copy_to.clone().map(|_| view! {
                    <button r#type="button" class="btn btn-quiet" data-copy="link" hidden=true>
                        <Icon glyph=Glyph::Link />{td_string!(locale, share.copy_link)}
                    </button>
                })}
                {copy_to.map(|to| view! {
                    <form method="post" action=to>
                        <button class="btn btn-primary"><Icon glyph=Glyph::Copy />{td_string!(locale, share.make_a_copy)}</button>
                    </form>
                })}
            </span>
        </header>
    }
    .into_any()
}

/// Under the thumb on a narrow screen.
#[component]
fn BottomBar(to: String) -> impl IntoView {
    let locale = use_locale();
    view! {
        <footer class="doc-bottom">
            <button r#type="button" class="btn btn-l" data-copy="link" hidden=true aria-label=td_string!(locale, share.copy_link)>
                <Icon glyph=Glyph::Link />
            </button>
            <form method="post" action=to>
                <button class="btn btn-primary btn-l"><Icon glyph=Glyph::Copy />{td_string!(locale, share.make_a_copy)}</button>
            </form>
        </footer>
    }
    .into_any()
}

#[component]
fn Rail(shared: SharedRun, charts: Vec<(String, String)>, in_file: bool) -> impl IntoView {
    let locale = use_locale();
    let run = &shared.run.summary;
    let facts = [
        (td_string!(locale, share.shared_by), shared.author.clone()),
        (
            td_string!(locale, share.calculated),
            words::date(ended(&shared.run), locale),
        ),
        (td_string!(locale, share.version), version(&shared, locale)),
        (
            td_string!(locale, share.link_ends),
            link_end(&shared, in_file, locale),
        ),
    ];
    view! {
        <aside class="rail">
            <StateBadge state=State::from(run.status) />
            <dl>
                {facts
                    .into_iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
                    .collect_view()}
            </dl>
            <nav aria-label=td_string!(locale, share.contents)>
                <a href="#result">{td_string!(locale, share.result)}</a>
                {charts
                    .into_iter()
                    .map(|(id, title)| view! { <a href=format!("#{id}")>{title}</a> })
                    .collect_view()}
                <a href="#code">{td_string!(locale, share.code)}</a>
                <a href="#provenance">{td_string!(locale, share.provenance)}</a>
            </nav>
        </aside>
    }
    .into_any()
}

/// What the rail says, in one line, where there is no room for a rail.
#[component]
fn RunLine(shared: SharedRun) -> impl IntoView {
    let locale = use_locale();
    let run = &shared.run.summary;
    let said = [
        shared.author.clone(),
        words::date(ended(&shared.run), locale),
        format!("v{}", run.version),
    ];
    let said: Vec<String> = said.into_iter().filter(|text| !text.is_empty()).collect();
    view! {
        <p class="doc-line">
            <StateBadge state=State::from(run.status) />
            <span class="quiet">{said.join(", ")}</span>
        </p>
    }
    .into_any()
}

fn version(shared: &SharedRun, locale: Locale) -> String {
    let run = &shared.run.summary;
    td_string!(
        locale,
        share.version_run,
        version = run.version,
        run = run.number
    )
    .to_string()
}

/// Empty in a file, which has no end.
fn link_end(shared: &SharedRun, in_file: bool, locale: Locale) -> String {
    match shared.expires_at {
        _ if in_file => String::new(),
        Some(at) => words::date(at, locale),
        None => td_string!(locale, share.never).to_owned(),
    }
}

/// Why there is no result.
#[component]
fn NoResult(status: RunStatus, error: Option<RunError>) -> impl IntoView {
    let locale = use_locale();
    match error {
        Some(error) => view! {
            <p>{error_words(&error, locale)}</p>
            {error.traceback.map(|traceback| view! { <pre class="text-value" tabindex="0">{traceback}</pre> })}
        }
        .into_any(),
        None => {
            let word = match status {
                RunStatus::Cancelled => td_string!(locale, share.cancelled),
                _ => td_string!(locale, share.no_result),
            };
            view! { <p class="quiet">{word}</p> }.into_any()
        }
    }
}
