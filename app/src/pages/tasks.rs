//! The list of tasks; before the first task, the gallery of examples.

use crate::{
    components::{Moment, MomentStyle, State, StateBadge, number::HeadlineCells},
    gallery::{FirstSteps, Gallery},
    i18n::{Locale, is_one, td_string, use_locale},
    lists::{ListProblem, MoreRows, Paged, SearchField},
    nav::NavBar,
    new_task::{ImportButton, NewTaskButton},
    plots::Miniature,
    run::words,
    server_fns::{
        examples::{ExampleCard, list_examples},
        failure::Failure,
        tasks::list_tasks,
    },
};
use domain::{
    Lang,
    number::duration,
    run::{Miniature as Points, RunStatus},
    task::{LastRun, Page, TaskSummary},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// What the first paint needs: the list, and the gallery when the list is empty.
type Opening = Result<(Page<TaskSummary>, Vec<ExampleCard>), Failure>;

async fn opening(lang: Lang) -> Opening {
    let tasks = list_tasks(None, None, None).await?;
    let examples = if tasks.total == 0 {
        list_examples(lang).await?
    } else {
        Vec::new()
    };
    Ok((tasks, examples))
}

#[component]
pub fn TasksPage() -> impl IntoView {
    let locale = use_locale();
    let opening = Resource::new(|| (), move |()| opening(locale.into()));
    view! {
        <Title text=td_string!(locale, common.tasks) />
        <NavBar />
        <main class="page">
            <Suspense>
                {move || Suspend::new(async move {
                    match opening.await {
                        Ok((tasks, examples)) if tasks.total == 0 => {
                            view! {
                                <FirstSteps />
                                <Gallery examples />
                            }
                                .into_any()
                        }
                        Ok((tasks, _)) => view! { <TaskList first=tasks /> }.into_any(),
                        Err(failure) => view! { <ListProblem failure /> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
}

#[component]
fn TaskList(first: Page<TaskSummary>) -> impl IntoView {
    let locale = use_locale();
    let total = first.total;
    let query = RwSignal::new(String::new());
    let status = RwSignal::new(None::<RunStatus>);
    let list = Paged::new(first, move |cursor| {
        let q = Some(query.get_untracked()).filter(|q| !q.trim().is_empty());
        list_tasks(q, status.get_untracked(), cursor)
    });
    list.reload_on(move || (query.get(), status.get()));
    view! {
        <header class="page-head">
            <h1>{td_string!(locale, common.tasks)} <span class="page-count">{total}</span></h1>
            <div class="page-actions">
                <ImportButton />
                <NewTaskButton />
            </div>
        </header>
        <div class="filters">
            <SearchField value=query label=td_string!(locale, tasks.search) />
            <div class="filter-row" role="group" aria-label=td_string!(locale, tasks.filter)>
                <Filter status value=None label=td_string!(locale, tasks.all) />
                <Filter status value=Some(RunStatus::Running) label=td_string!(locale, common.state_running) />
                <Filter status value=Some(RunStatus::Completed) label=td_string!(locale, common.state_completed) />
                <Filter status value=Some(RunStatus::Failed) label=td_string!(locale, common.state_failed) />
            </div>
        </div>
        <div class="rows task-rows" role="table" aria-label=td_string!(locale, common.tasks)>
            <div class="row row-head" role="row">
                <span role="columnheader">{td_string!(locale, tasks.col_name)}</span>
                <span role="columnheader">{td_string!(locale, tasks.col_last_run)}</span>
                <span role="columnheader" class="col-when"><span class="sr-only">{td_string!(locale, tasks.col_when)}</span></span>
                <span role="columnheader">{td_string!(locale, tasks.col_headline)}</span>
                <span role="columnheader" class="col-chart">{td_string!(locale, tasks.col_chart)}</span>
                <span role="columnheader" class="col-number">{td_string!(locale, common.runs)}</span>
                <span role="columnheader" class="col-number col-version">{td_string!(locale, tasks.col_version)}</span>
            </div>
            <For
                each=move || list.items.get()
                key=|task| (task.id, task.version, task.runs, task.updated_at, task.last_run.as_ref().map(|run| run.status))
                children=move |task| view! { <TaskRow task locale /> }
            />
        </div>
        <MoreRows list />
    }
    .into_any()
}

#[component]
fn Filter(
    status: RwSignal<Option<RunStatus>>,
    value: Option<RunStatus>,
    label: &'static str,
) -> impl IntoView {
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
}

#[component]
fn TaskRow(task: TaskSummary, locale: Locale) -> impl IntoView {
    let description = Some(task.description)
        .filter(|text| !text.trim().is_empty())
        .unwrap_or_else(|| td_string!(locale, tasks.no_description).to_owned());
    let first_line = description.lines().next().unwrap_or_default().to_owned();
    let run = task.last_run;
    let state = run.as_ref().map_or(State::NotRun, |run| run.status.into());
    let quiet = !matches!(state, State::Run(RunStatus::Completed));
    let miniature = run.as_ref().and_then(|run| run.miniature.clone());
    view! {
        <div class="row" role="row">
            <span class="cell-name" role="cell">
                <a class="row-link" href=format!("/tasks/{}", task.id) title=task.name.clone()>{task.name.clone()}</a>
                <span class="row-sub">{first_line}</span>
            </span>
            <span role="cell" class="cell-state"><StateBadge state /></span>
            <span role="cell" class="col-when">{when(run.as_ref(), locale)}</span>
            <span role="cell" class="cell-headline">{outcome(run, locale)}</span>
            <span role="cell" class="col-chart">{chart(miniature, quiet, locale)}</span>
            <span role="cell" class="col-number">{task.runs}</span>
            <span role="cell" class="col-number col-version">{format!("v{}", task.version)}</span>
        </div>
    }
    .into_any()
}

fn when(run: Option<&LastRun>, locale: Locale) -> AnyView {
    match run {
        Some(run) => view! { <Moment at=run.at style=MomentStyle::Ago /> }.into_any(),
        None => td_string!(locale, tasks.never).into_any(),
    }
}

/// The headline; why there is none after a failure.
fn outcome(run: Option<LastRun>, locale: Locale) -> Option<AnyView> {
    let run = run?;
    let wall = run.wall_ms.map(|millis| duration(millis, locale.into()));
    match (run.status, run.error, run.headline) {
        (RunStatus::Failed, Some(error), _) => {
            let (first, whole) = (words::short(&error, locale), words::of(&error, locale));
            Some(view! { <span class="headline-note" title=whole>{first}</span> }.into_any())
        }
        (RunStatus::Cancelled, ..) => {
            let note = wall.map_or_else(String::new, |time| {
                td_string!(locale, runs.cancelled_after, time = time).to_string()
            });
            Some(view! { <span class="headline-note">{note}</span> }.into_any())
        }
        (_, _, Some(headline)) => Some(view! { <HeadlineCells headline /> }.into_any()),
        _ => None,
    }
}

fn chart(miniature: Option<Points>, quiet: bool, locale: Locale) -> AnyView {
    match miniature {
        Some(miniature) => view! { <Miniature miniature quiet /> }.into_any(),
        None => {
            view! { <span class="quiet">{td_string!(locale, tasks.no_chart)}</span> }.into_any()
        }
    }
}

/// `5 inputs`, in words.
#[must_use]
pub fn inputs_count(count: usize, locale: Locale) -> String {
    if is_one(locale, count as u64) {
        td_string!(locale, tasks.inputs_single, count = count).to_string()
    } else {
        td_string!(locale, tasks.inputs_many, count = count).to_string()
    }
}

/// `6 results`, in words.
#[must_use]
pub fn results_count(count: usize, locale: Locale) -> String {
    if is_one(locale, count as u64) {
        td_string!(locale, tasks.results_single, count = count).to_string()
    } else {
        td_string!(locale, tasks.results_many, count = count).to_string()
    }
}
