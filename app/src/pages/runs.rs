//! Every run, newest first.

use crate::{
    components::{Moment, MomentStyle, StateBadge, number::HeadlineCells},
    i18n::{Locale, td_string, use_locale},
    lists::{ListProblem, MoreRows, Paged, SearchField},
    nav::NavBar,
    run::{change::ChangeText, words},
    server_fns::runs::list_runs,
};
use domain::{
    number::duration,
    run::{RunStatus, RunSummary},
    task::Page,
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn RunsPage() -> impl IntoView {
    let locale = use_locale();
    let runs = Resource::new(|| (), |()| list_runs(None, None, None, None));
    view! {
        <Title text=td_string!(locale, common.runs) />
        <NavBar />
        <main class="page">
            <Suspense>
                {move || Suspend::new(async move {
                    match runs.await {
                        Ok(first) if first.total == 0 => view! { <NoRuns /> }.into_any(),
                        Ok(first) => view! { <RunRows first /> }.into_any(),
                        Err(failure) => view! { <ListProblem failure /> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
}

/// Says what a run comes from.
#[component]
fn NoRuns() -> impl IntoView {
    let locale = use_locale();
    view! {
        <header class="page-head"><h1>{td_string!(locale, common.runs)}</h1></header>
        <p class="lead">{td_string!(locale, runs.none)}</p>
        <p><a class="link-btn" href="/">{td_string!(locale, common.to_tasks)}</a></p>
    }
    .into_any()
}

#[component]
fn RunRows(first: Page<RunSummary>) -> impl IntoView {
    let locale = use_locale();
    let total = first.total;
    let query = RwSignal::new(String::new());
    let status = RwSignal::new(None::<RunStatus>);
    let list = Paged::new(first, move |cursor| {
        let q = Some(query.get_untracked()).filter(|q| !q.trim().is_empty());
        list_runs(None, status.get_untracked(), q, cursor)
    });
    list.reload_on(move || (query.get(), status.get()));
    let filter = move |value: Option<RunStatus>, label: &'static str| {
        view! {
            <button
                r#type="button"
                class="filter"
                aria-pressed=move || (status.get() == value).to_string()
                on:click=move |_| status.set(value)
            >
                {label}
            </button>
        }
    };
    view! {
        <header class="page-head">
            <h1>{td_string!(locale, common.runs)} <span class="page-count">{total}</span></h1>
        </header>
        <div class="filters">
            <SearchField value=query label=td_string!(locale, runs.search) />
            <div class="filter-row" role="group" aria-label=td_string!(locale, tasks.filter)>
                {filter(None, td_string!(locale, runs.all))}
                {filter(Some(RunStatus::Queued), td_string!(locale, common.state_queued))}
                {filter(Some(RunStatus::Running), td_string!(locale, common.state_running))}
                {filter(Some(RunStatus::Completed), td_string!(locale, common.state_completed))}
                {filter(Some(RunStatus::Failed), td_string!(locale, common.state_failed))}
                {filter(Some(RunStatus::Cancelled), td_string!(locale, common.state_cancelled))}
            </div>
        </div>
        <div class="rows run-rows" role="table" aria-label=td_string!(locale, common.runs)>
            <div class="row row-head" role="row">
                <span role="columnheader">{td_string!(locale, runs.col_run)}</span>
                <span role="columnheader">{td_string!(locale, runs.col_state)}</span>
                <span role="columnheader" class="col-when">{td_string!(locale, runs.col_when)}</span>
                <span role="columnheader">{td_string!(locale, tasks.col_headline)}</span>
                <span role="columnheader" class="col-number">{td_string!(locale, runs.col_time)}</span>
                <span role="columnheader" class="col-number col-version">{td_string!(locale, tasks.col_version)}</span>
            </div>
            <For
                each=move || list.items.get()
                key=|run| (run.id, run.status)
                children=move |run| view! { <RunRow run locale /> }
            />
        </div>
        <MoreRows list />
    }
    .into_any()
}

#[component]
fn RunRow(run: RunSummary, locale: Locale) -> impl IntoView {
    let time = run.wall_ms.map(|millis| duration(millis, locale.into()));
    let outcome = match (&run.error, run.headline) {
        (Some(error), _) => {
            let (first, whole) = (words::short(error, locale), words::of(error, locale));
            view! { <span class="headline-note" title=whole>{first}</span> }.into_any()
        }
        (None, Some(headline)) => view! { <HeadlineCells headline /> }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <div class="row" role="row">
            <span class="cell-name" role="cell">
                <a class="row-link" href=format!("/tasks/{}?run={}", run.task_id, run.id)>
                    {format!("{} · {}", run.task_name, run.number)}
                </a>
                <span class="row-sub"><ChangeText change=run.change /></span>
            </span>
            <span role="cell" class="cell-state"><StateBadge state=run.status /></span>
            <span role="cell" class="col-when"><Moment at=run.enqueued_at style=MomentStyle::Ago /></span>
            <span role="cell" class="cell-headline">{outcome}</span>
            <span role="cell" class="col-number">{time}</span>
            <span role="cell" class="col-number col-version">{format!("v{}", run.version)}</span>
        </div>
    }
    .into_any()
}
