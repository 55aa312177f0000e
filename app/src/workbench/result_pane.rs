//! What came of a run: its result, its log, the result as JSON; while it runs, how far it is.

use super::{Bench, run_list::took};
use crate::{
    components::{
        Button, ButtonKind, Glyph, Icon, Moment, MomentStyle, State, StateBadge, Tab, Tabs,
        button::ButtonSize, use_toasts,
    },
    i18n::{Locale, td_string, use_locale},
    inputs::raw::indented,
    result::{ExportMenu, ResultView},
    run::{
        log::{Log, LogView},
        running::Running,
        words,
    },
    server_fns::runs::ShownRun,
};
use domain::{
    number::duration,
    run::{RunDetail, RunError, RunStatus},
};
use leptos::prelude::*;

/// The log beside the result: the running run's while it runs.
fn log_on_show(bench: Bench) -> RwSignal<Log> {
    if bench.live.with(Option::is_some) && !bench.peek.get() {
        bench.log
    } else {
        bench.shown_log
    }
}

#[component]
pub fn ResultPane(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let lines =
        Signal::derive(move || log_on_show(bench).with(|log| log.lines().len().to_string()));
    let tabs = vec![
        Tab {
            id: "result",
            label: td_string!(locale, workbench.result).to_owned(),
            count: None,
        },
        Tab {
            id: "log",
            label: td_string!(locale, workbench.log).to_owned(),
            count: Some(lines),
        },
        Tab {
            id: "json",
            label: "JSON".to_owned(),
            count: None,
        },
    ];
    let running = Memo::new(move |_| bench.live.with(Option::is_some) && !bench.peek.get());
    let announced = move || {
        let live = bench
            .live
            .with(|live| live.as_ref().map(|live| live.status()));
        let shown = bench
            .shown
            .with(|shown| shown.as_ref().map(|shown| shown.detail.summary.status));
        live.or(shown)
            .map(|status| State::from(status).word(locale))
    };
    view! {
        <section class="pane pane-result" id="pane-result" tabindex="-1" aria-label=td_string!(locale, workbench.result)>
            <header class="pane-head">
                <Tabs label=td_string!(locale, workbench.result) tabs selected=bench.tab />
                <span class="pane-actions"><PaneActions bench /></span>
            </header>
            <p class="sr-only" aria-live="polite" data-run-state>{announced}</p>
            <div class="pane-body" id="panel-result" role="tabpanel" aria-labelledby="tab-result" class:hidden=move || bench.tab.get() != "result">
                <Show when=move || running.get() fallback=move || view! { <Outcome bench /> }>
                    <Running bench />
                </Show>
            </div>
            <div class="pane-body pane-log" id="panel-log" role="tabpanel" aria-labelledby="tab-log" class:hidden=move || bench.tab.get() != "log">
                <Show when=move || bench.tab.get() == "log">
                    {move || {
                        view! { <LogView log=log_on_show(bench) live=running /> }
                    }}
                </Show>
            </div>
            <div class="pane-body" id="panel-json" role="tabpanel" aria-labelledby="tab-json" class:hidden=move || bench.tab.get() != "json">
                <Show when=move || bench.tab.get() == "json">
                    <JsonText bench />
                </Show>
            </div>
        </section>
    }
    .into_any()
}

/// Copy and export of what is on show; while a run is under way, the way to the last result.
#[component]
fn PaneActions(bench: Bench) -> impl IntoView {
    let running = move || bench.live.with(Option::is_some);
    let has_shown = move || bench.shown.with(Option::is_some);
    view! {
        <Show when=running fallback=move || view! { <TakeAway bench /> }>
            <Show when=has_shown>
                <PeekButton bench />
            </Show>
        </Show>
    }
    .into_any()
}

/// Between the run under way and the result before it.
#[component]
fn PeekButton(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let shown = move || {
        bench
            .shown
            .with(|shown| shown.as_ref().map(|shown| shown.detail.summary.number))
    };
    let live = move || {
        bench
            .live
            .with(|live| live.as_ref().map(|live| live.run.summary.number))
    };
    let label = Signal::derive(move || {
        if bench.peek.get() {
            let number = live().unwrap_or(0);
            td_string!(locale, workbench.back_to_run, number = number).to_string()
        } else {
            let number = shown().unwrap_or(0);
            td_string!(locale, workbench.show_result_of, number = number).to_string()
        }
    });
    view! {
        <Button
            kind=ButtonKind::Quiet
            size=ButtonSize::Small
            label
            on:click=move |_| bench.peek.update(|peek| *peek = !*peek)
        />
    }
}

/// Copy of the error or the result, and the result as files.
#[component]
fn TakeAway(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let error = Memo::new(move |_| {
        bench.shown.with(|shown| {
            shown
                .as_ref()
                .and_then(|shown| shown.detail.summary.error.clone())
        })
    });
    let completed = Memo::new(move |_| {
        bench.shown.with(|shown| {
            let shown = shown.as_ref()?;
            shown
                .result
                .clone()
                .map(|result| (shown.detail.summary.id, result))
        })
    });
    let copy = move |text: Option<String>| {
        let done = move || toasts.say(td_string!(locale, common.copied));
        crate::clipboard::copy(text.unwrap_or_default(), done);
    };
    let copy_result = move |_| {
        copy(completed.with_untracked(|done| done.as_ref().map(|(_, text)| indented(text))))
    };
    let copy_error = move |_| {
        copy(error.with_untracked(|error| error.as_ref().map(|error| error_text(error, locale))));
    };
    view! {
        <Show when=move || error.with(Option::is_some)>
            <Button
                kind=ButtonKind::Quiet
                size=ButtonSize::Small
                glyph=Glyph::Copy
                label=td_string!(locale, workbench.copy_error)
                on:click=copy_error
            />
        </Show>
        {move || completed.get().map(|(run, result)| view! {
            <Button
                kind=ButtonKind::Quiet
                size=ButtonSize::Small
                glyph=Glyph::Copy
                label=td_string!(locale, common.copy)
                on:click=copy_result
            />
            <ExportMenu run result />
        })}
    }
    .into_any()
}

fn error_text(error: &RunError, locale: Locale) -> String {
    let said = words::of(error, locale);
    match &error.traceback {
        Some(traceback) => format!("{said}\n\n{traceback}"),
        None => said,
    }
}

/// The run on show, or that there is none yet.
#[component]
fn Outcome(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    move || match bench.shown.get() {
        None => view! {
            <div class="nothing-yet">
                <p class="nothing-yet-title">{td_string!(locale, workbench.nothing_yet)}</p>
                <p>{td_string!(locale, workbench.nothing_yet_text)}</p>
            </div>
        }
        .into_any(),
        Some(shown) => match shown.detail.summary.status {
            RunStatus::Completed => view! { <Completed bench shown /> }.into_any(),
            _ => view! { <NotCompleted bench shown /> }.into_any(),
        },
    }
}

#[component]
fn Completed(bench: Bench, shown: ShownRun) -> impl IntoView {
    let stale = Memo::new(move |_| bench.stale());
    view! {
        <RunLine bench detail=shown.detail.clone() stale />
        <div class="outcome" class:outcome-stale=move || stale.with(Option::is_some)>
            {result_view(shown)}
        </div>
    }
    .into_any()
}

fn result_view(shown: ShownRun) -> impl IntoView {
    let run = shown.detail.summary;
    view! { <ResultView result=shown.result.unwrap_or_default() run=run.id task=run.task_id /> }
}

/// State, duration, and which run of which version this is; once edited since, that it is not of
/// these inputs.
#[component]
fn RunLine(
    bench: Bench,
    detail: RunDetail,
    #[prop(into)] stale: Signal<Option<State>>,
) -> impl IntoView {
    let locale = use_locale();
    let run = detail.summary;
    let (number, version) = (run.number, run.version);
    let took = took(&run).map(|wall| duration(wall, locale.into()));
    let took = took.map(|time| match run.status {
        RunStatus::Completed => td_string!(locale, workbench.in_time, time = time).to_string(),
        _ => td_string!(locale, workbench.after_time, time = time).to_string(),
    });
    let at = run.finished_at.unwrap_or(run.enqueued_at);
    let inputs = detail.inputs;
    let status = run.status;
    let took = StoredValue::new(took);
    view! {
        <div class="run-line">
            <Show
                when=move || stale.with(Option::is_some)
                fallback=move || {
                    view! {
                        <StateBadge state=status />
                        <span class="ink2">{took.get_value()}</span>
                    }
                }
            >
                {move || stale.get().map(|state| view! { <StateBadge state /> })}
            </Show>
            <span class="quiet">
                {td_string!(locale, workbench.run_of, number = number, version = version).to_string()}
                <span class="run-line-when">", "<Moment at style=MomentStyle::Full /></span>
            </span>
            <Show when=move || stale.get() == Some(State::InputsChanged)>
                <UseInputs bench inputs=inputs.clone() />
            </Show>
        </div>
    }
    .into_any()
}

/// Puts the run's own inputs back, where they are what differs.
#[component]
fn UseInputs(bench: Bench, inputs: String) -> impl IntoView {
    let locale = use_locale();
    view! {
        <button r#type="button" class="link-btn" on:click=move |_| bench.fill(&inputs)>
            {td_string!(locale, workbench.use_its_inputs)}
        </button>
    }
}

/// A failed or cancelled run: what happened, what to do, and the last good result in quieter figures.
#[component]
fn NotCompleted(bench: Bench, shown: ShownRun) -> impl IntoView {
    let locale = use_locale();
    let id = shown.detail.summary.id;
    let error = shown.detail.summary.error.clone();
    let good = Memo::new(move |_| {
        bench.last_good.with(|good| {
            good.as_ref()
                .filter(|good| good.detail.summary.id != id)
                .cloned()
        })
    });
    view! {
        <RunLine bench detail=shown.detail stale=Signal::stored(None) />
        {match error {
            Some(error) => view! { <ErrorWords bench error code=shown.code /> }.into_any(),
            None => view! { <p class="nothing-yet">{td_string!(locale, workbench.was_cancelled)}</p> }.into_any(),
        }}
        {move || {
            let good = good.get()?;
            let run = good.detail.summary.clone();
            let (number, version) = (run.number, run.version);
            Some(view! {
                <div class="last-good">
                    <header>
                        <span class="ink2">{td_string!(locale, workbench.last_result, number = number, version = version).to_string()}</span>
                        <button r#type="button" class="link-btn" on:click=move |_| bench.show(run.id)>
                            {td_string!(locale, workbench.open_run, number = number).to_string()}
                        </button>
                    </header>
                    <div class="outcome outcome-quiet">{result_view(good)}</div>
                </div>
            })
        }}
    }
    .into_any()
}

#[component]
fn ErrorWords(bench: Bench, error: RunError, code: String) -> impl IntoView {
    let locale = use_locale();
    let (title, advice) = words::full(&error, &code, locale);
    let line = error.line;
    view! {
        <div class="error-words">
            <h3>{title}</h3>
            {(!advice.is_empty()).then(|| view! { <p class="ink2">{advice}</p> })}
            {line.map(|line| {
                let label = td_string!(locale, workbench.go_to_line, line = line).to_string();
                view! { <Button label on:click=move |_| bench.go_to_line(line) /> }
            })}
        </div>
        {error.traceback.map(|traceback| view! {
            <details class="traceback" open=true>
                <summary><Icon glyph=Glyph::ChevronRight />{td_string!(locale, workbench.traceback)}</summary>
                <pre tabindex="0">{traceback}</pre>
            </details>
        })}
    }
    .into_any()
}

/// The result as the API gives it, indented.
#[component]
fn JsonText(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    /// More than this is for the download, not for a page.
    const MOST: usize = 200_000;
    move || {
        let json = bench
            .shown
            .with(|shown| shown.as_ref().and_then(|shown| shown.result.clone()));
        let Some(json) = json else {
            return view! { <p class="nothing-yet quiet">{td_string!(locale, workbench.no_json)}</p> }.into_any();
        };
        let mut text = indented(&json);
        let cut = text.len() > MOST;
        if cut {
            let end = (0..=MOST)
                .rev()
                .find(|&at| text.is_char_boundary(at))
                .unwrap_or(0);
            text.truncate(end);
        }
        view! {
            {cut.then(|| view! { <p class="quiet small json-cut">{td_string!(locale, workbench.json_cut)}</p> })}
            <pre class="json-text" tabindex="0">{text}</pre>
        }
        .into_any()
    }
}
