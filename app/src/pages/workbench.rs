//! The page of one task.

use crate::{
    components::{button::ButtonSize, use_toasts},
    drafts::{self, Draft},
    failures::failure_text,
    i18n::{td_string, use_locale},
    nav::NavBar,
    server_fns::{
        Failure,
        workbench::{WorkbenchData, open_workbench},
    },
    share::ShareDialog,
    workbench::{
        Bench,
        code_pane::CodePane,
        conflict::ConflictDialog,
        following,
        inputs_pane::InputsPane,
        panes::{Divider, Edge, Widths},
        result_pane::ResultPane,
        shortcuts,
        status_bar::StatusBar,
        top_bar::{RunButton, ShareButton, TopBar},
    },
};
use domain::{Problem, ProblemCode, RunId, TaskId};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    LazyRoute,
    hooks::{use_params_map, use_query_map},
    lazy_route,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// A part counts as reached when its top is this near under the bars of a narrow screen.
const HERE_BELOW_PX: f64 = 120.0;
/// Edits are kept in the browser this long after the last one.
const DRAFT_PAUSE: Duration = Duration::from_millis(400);

/// What the page shows, asked for while its code is still on the way: the workbench with its charts
/// and dialogs is the larger half of the product, and the lists do without it.
#[derive(Debug)]
pub struct WorkbenchPage {
    data: Resource<Result<WorkbenchData, Failure>>,
}

#[lazy_route]
impl LazyRoute for WorkbenchPage {
    fn data() -> Self {
        let params = use_params_map();
        let query = use_query_map();
        let task = Memo::new(move |_| params.with(|params| params.get("id")).unwrap_or_default());
        let data = Resource::new(
            move || task.get(),
            move |task| {
                let run = query.with_untracked(|query| query.get("run"));
                async move { open(&task, run.as_deref()).await }
            },
        );
        Self { data }
    }

    fn view(this: Self) -> AnyView {
        let data = this.data;
        view! {
            <Suspense fallback=|| view! { <NavBar /><main class="page" aria-busy="true"></main> }>
                {move || Suspend::new(async move {
                    match data.await {
                        Ok(data) => view! { <Workbench data /> }.into_any(),
                        Err(failure) => view! { <NoTask failure /> }.into_any(),
                    }
                })}
            </Suspense>
        }
        .into_any()
    }
}

async fn open(task: &str, run: Option<&str>) -> Result<WorkbenchData, Failure> {
    let no_such_task = || Problem::new(ProblemCode::NotFound, "There is no such task.");
    let task: TaskId = task.parse().map_err(|_| no_such_task())?;
    let run: Option<RunId> = run.and_then(|run| run.parse().ok());
    open_workbench(task, run).await
}

#[component]
fn NoTask(failure: Failure) -> impl IntoView {
    let locale = use_locale();
    let title = if failure.is(ProblemCode::NotFound) {
        td_string!(locale, workbench.no_task).to_owned()
    } else {
        td_string!(locale, workbench.not_opened).to_owned()
    };
    view! {
        <Title text=title.clone() />
        <NavBar />
        <main class="page">
            <h1>{title}</h1>
            <p class="lead">{failure_text(&failure, locale)}</p>
            <p><a class="link-btn" href="/">{td_string!(locale, common.to_tasks)}</a></p>
        </main>
    }
    .into_any()
}

#[component]
fn Workbench(data: WorkbenchData) -> impl IntoView {
    let bench = Bench::new(data);
    let toasts = use_toasts();
    let widths = RwSignal::new(Widths::remembered());
    following::resume(bench);
    shortcuts::listen(bench, toasts);
    keep_drafts(bench);
    show_result_on_run(bench);
    Effect::new(move || bench.editor.mistake.set(bench.mistake()));
    view! {
        // The head may ask once more when the page has left already.
        <Title text=move || bench.task.try_with(|task| task.name.clone()).unwrap_or_default() />
        <div class="bench">
            <TopBar bench />
            <PaneBar />
            <main class="panes" style=move || widths.get().style()>
                <CodePane bench />
                <Divider widths edge=Edge::Code />
                <div class="pane-right">
                    <InputsPane bench />
                    <Divider widths edge=Edge::Inputs />
                    <ResultPane bench />
                </div>
            </main>
            <div class="bench-bottom">
                <ShareButton bench size=ButtonSize::Large />
                <RunButton bench size=ButtonSize::Large />
            </div>
            <StatusBar bench />
        </div>
        <ConflictDialog bench />
        <ShareDialog open=bench.sharing run=Signal::derive(move || bench.shared_run()) />
    }
    .into_any()
}

/// On a narrow screen: the way to each part, with a mark at where one is.
#[component]
fn PaneBar() -> impl IntoView {
    let locale = use_locale();
    let here = RwSignal::new("pane-code");
    Effect::new(move || {
        let listener = window_event_listener(leptos::ev::scroll, move |_| {
            let passed = ["pane-code", "pane-inputs", "pane-result"]
                .into_iter()
                .rfind(|id| {
                    document()
                        .get_element_by_id(id)
                        .is_some_and(|pane| pane.get_bounding_client_rect().top() < HERE_BELOW_PX)
                });
            if let Some(id) = passed {
                here.set(id);
            }
        });
        on_cleanup(move || listener.remove());
    });
    let part = move |id: &'static str, label: &'static str| {
        view! {
            <button
                r#type="button"
                class="pane-bar-part"
                aria-current=move || (here.get() == id).then_some("true")
                on:click=move |_| scroll_to(id)
            >
                {label}
            </button>
        }
    };
    view! {
        <nav class="pane-bar" aria-label=td_string!(locale, workbench.parts)>
            {part("pane-code", td_string!(locale, workbench.code))}
            {part("pane-inputs", td_string!(locale, workbench.inputs))}
            {part("pane-result", td_string!(locale, workbench.result))}
        </nav>
    }
    .into_any()
}

fn scroll_to(id: &str) {
    if let Some(pane) = document().get_element_by_id(id) {
        pane.scroll_into_view();
    }
}

/// After Run the view goes to the result, where that is not in sight anyway.
fn show_result_on_run(bench: Bench) {
    let running = Memo::new(move |_| bench.live.with(Option::is_some));
    Effect::watch(
        move || running.get(),
        move |running, _, _| {
            let narrow = window()
                .match_media("(max-width: 1199px)")
                .ok()
                .flatten()
                .is_some_and(|query| query.matches());
            if *running {
                bench.tab.set("result");
                if narrow {
                    request_animation_frame(|| scroll_to("pane-result"));
                }
            }
        },
        false,
    );
}

/// Keeps unsaved edits in this browser, and puts those of an earlier visit back.
fn keep_drafts(bench: Bench) {
    Effect::new(move || {
        let (task, version) = bench
            .task
            .with_untracked(|task| (task.id, task.version.clone()));
        if let Some(draft) = drafts::load(task) {
            let saved_meanwhile =
                draft.base_version != version.number && draft.code == version.code;
            if saved_meanwhile {
                drafts::forget(task);
            } else {
                bench.restore(draft);
            }
        }
    });
    let pending = Pending::default();
    let latest = StoredValue::new(0u32);
    Effect::new({
        let pending = pending.clone();
        move || {
            bench.editor.code.track();
            bench.form.track();
            bench.raw.track();
            let unsaved = bench.is_unsaved();
            let task = bench.task.with_untracked(|task| task.id);
            pending.put(task, unsaved.then(|| bench.draft()));
            if !unsaved {
                bench.restored.set(false);
            }
            let mine = latest.with_value(|latest| latest.wrapping_add(1));
            latest.set_value(mine);
            let pending = pending.clone();
            set_timeout(
                move || {
                    if latest.try_with_value(|latest| *latest) == Some(mine) {
                        pending.write();
                    }
                },
                DRAFT_PAUSE,
            );
        }
    });
    Effect::new({
        let pending = pending.clone();
        move || {
            let pending = pending.clone();
            let listener = window_event_listener(
                leptos::ev::Custom::<web_sys::Event>::new("pagehide"),
                move |_| {
                    // Another tab may have taken over what this one had stored.
                    if untrack(|| bench.is_unsaved()) {
                        let task = bench.task.with_untracked(|task| task.id);
                        pending.put(task, Some(bench.draft()));
                    }
                    pending.write();
                },
            );
            on_cleanup(move || listener.remove());
        }
    });
    on_cleanup(move || pending.write());
}

/// What is to be kept next: a draft, or that there is none. Whoever leaves the page writes it at once.
#[derive(Clone, Default)]
struct Pending(Arc<Mutex<Option<Kept>>>);

/// The draft of a task, or that it has none.
type Kept = (TaskId, Option<Draft>);

impl Pending {
    fn put(&self, task: TaskId, draft: Option<Draft>) {
        if let Ok(mut pending) = self.0.lock() {
            *pending = Some((task, draft));
        }
    }

    fn write(&self) {
        let pending = self.0.lock().ok().and_then(|mut pending| pending.take());
        match pending {
            Some((task, Some(draft))) => drafts::store(task, &draft),
            Some((task, None)) => drafts::forget(task),
            None => {}
        }
    }
}
