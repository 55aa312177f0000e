//! The gallery of examples, and the words a first visit needs.

use crate::{
    failures::failure_text,
    highlight::CodeListing,
    i18n::{td_string, use_locale},
    lists::SearchField,
    new_task::{ImportButton, NewTaskButton},
    pages::tasks::{inputs_count, results_count},
    plots::Miniature,
    server_fns::examples::{ExampleCard, use_example},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The smallest calculation that shows everything: units, a form, a result.
const FIRST_CODE: &str = "def calculate(
    force: Annotated[float, \"kN\"] = 12.0,
    section: Annotated[float, \"mm²\"] = 84.3,
):
    stress = 1000 * force / section
    return {\"Stress\": Q(stress, \"MPa\")}";

/// What to do when there is no task yet: a sentence, what one writes, what one gets.
#[component]
pub fn FirstSteps() -> impl IntoView {
    let locale = use_locale();
    let point = td_string!(locale, tasks.decimal_point);
    let number = move |whole: &str, rest: &str| format!("{whole}{point}{rest}");
    let field = move |name: &'static str, value: String, unit: &'static str| {
        view! {
            <div class="you-get-row">
                <span>{name}</span>
                <span class="you-get-field">{value}</span>
                <span class="unit">{unit}</span>
            </div>
        }
    };
    view! {
        <section class="first-steps">
            <div>
                <h1>{td_string!(locale, tasks.empty_title)}</h1>
                <p class="lead">
                    {td_string!(locale, tasks.empty_lead_before)}
                    <code>"calculate"</code>
                    {td_string!(locale, tasks.empty_lead_after)}
                </p>
                <div class="page-actions">
                    <NewTaskButton />
                    <ImportButton />
                </div>
            </div>
            <div class="you-write">
                <h2 class="small-head">{td_string!(locale, tasks.you_write)}</h2>
                <CodeListing code=FIRST_CODE.to_owned() />
            </div>
            <div class="you-get">
                <h2 class="small-head">{td_string!(locale, tasks.you_get)}</h2>
                {field(td_string!(locale, tasks.demo_force), number("12", "0"), "kN")}
                {field(td_string!(locale, tasks.demo_section), number("84", "3"), "mm²")}
                <div class="you-get-row you-get-result">
                    <span>{td_string!(locale, tasks.demo_stress)}</span>
                    <strong>{number("142", "3")}</strong>
                    <span class="unit">"MPa"</span>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// Every example as a card; choosing one makes a task of it and opens it.
#[component]
pub fn Gallery(examples: Vec<ExampleCard>) -> impl IntoView {
    let locale = use_locale();
    let query = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let examples = StoredValue::new(examples);
    let found = move || {
        let needle = query.get().trim().to_lowercase();
        examples.with_value(|examples| {
            let matching = |example: &&ExampleCard| {
                let text = format!("{} {} {}", example.name, example.summary, example.field);
                text.to_lowercase().contains(&needle)
            };
            examples
                .iter()
                .filter(matching)
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    view! {
        <section class="gallery" aria-labelledby="gallery-title">
            <header class="gallery-head">
                <h2 id="gallery-title">{td_string!(locale, tasks.start_from_example)}</h2>
                <SearchField value=query label=td_string!(locale, tasks.search_examples) />
            </header>
            {move || problem.get().map(|text| view! { <p class="problem" role="alert">{text}</p> })}
            <ul class="cards">
                <For
                    each=found
                    key=|example| example.slug.clone()
                    children=move |example| view! { <Card example problem /> }
                />
            </ul>
            <Show when=move || found().is_empty()>
                <p class="nothing">{td_string!(locale, common.nothing_found)}</p>
            </Show>
        </section>
    }
    .into_any()
}

#[component]
fn Card(example: ExampleCard, problem: RwSignal<Option<String>>) -> impl IntoView {
    let locale = use_locale();
    let navigate = use_navigate();
    let busy = RwSignal::new(false);
    let slug = example.slug;
    let choose = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (slug, navigate) = (slug.clone(), navigate.clone());
        spawn_local(async move {
            let answer = use_example(slug, locale.into()).await;
            // Who has gone to another page meanwhile is not called back.
            if problem.is_disposed() {
                return;
            }
            match answer {
                Ok(task) => navigate(&format!("/tasks/{}", task.id), NavigateOptions::default()),
                Err(failure) => {
                    busy.set(false);
                    problem.set(Some(failure_text(&failure, locale)));
                }
            }
        });
    };
    view! {
        <li>
            <button r#type="button" class="card" aria-busy=move || busy.get().to_string() on:click=choose>
                <span class="card-chart">
                    {example.miniature.map(|miniature| view! { <Miniature miniature width=240.0 height=80.0 /> })}
                </span>
                <strong>{example.name}</strong>
                <span class="card-text">{example.summary}</span>
                <span class="card-foot">
                    <span>{example.field}</span>
                    <span>{format!("{}, {}", inputs_count(example.inputs, locale), results_count(example.results, locale))}</span>
                </span>
            </button>
        </li>
    }
    .into_any()
}
