//! The task's runs, newest first, each with what changed since the run before.

use super::Bench;
use crate::{
    components::{Moment, MomentStyle, State, number::headline_text, state::StateIcon},
    i18n::{Locale, td_string, use_locale},
    run::{Live, change::ChangeText, words},
    server_fns::runs::list_runs,
};
use domain::{
    number::duration,
    run::{RunStatus, RunSummary},
};
use leptos::{prelude::*, task::spawn_local};

#[component]
pub fn RunList(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let selected = Memo::new(move |_| {
        let live = bench
            .live
            .with(|live| live.as_ref().map(|live| live.run.summary.id));
        let shown = bench
            .shown
            .with(|shown| shown.as_ref().map(|shown| shown.detail.summary.id));
        if bench.peek.get() {
            shown
        } else {
            live.or(shown)
        }
    });
    let has_runs = move || bench.runs.with(|runs| !runs.is_empty());
    view! {
        <Show when=has_runs>
            <section class="runs-part" aria-label=td_string!(locale, common.runs)>
                <header class="pane-head">
                    <h2>{td_string!(locale, common.runs)} <span class="tab-count">{move || bench.total_runs.get()}</span></h2>
                </header>
                <ol class="run-list">
                    <For
                        each=move || bench.runs.get()
                        key=|run| (run.id, run.status, run.headline.is_some(), run.error.is_some(), run.finished_at)
                        children=move |run| {
                            let id = run.id;
                            let is_selected = move || selected.get() == Some(id);
                            view! {
                                <li>
                                    <button
                                        r#type="button"
                                        class="run-row"
                                        aria-current=move || is_selected().then_some("true")
                                        on:click=move |_| bench.show(id)
                                    >
                                        <StateIcon state=run.status />
                                        <span class="run-number">{run.number}</span>
                                        <span class="run-change"><ChangeText change=run.change.clone() /></span>
                                        <span class="run-outcome">{outcome(bench, &run, locale)}</span>
                                        <span class="run-when"><Moment at=run.enqueued_at style=MomentStyle::Short /></span>
                                    </button>
                                </li>
                            }
                        }
                    />
                </ol>
                <MoreRuns bench />
            </section>
        </Show>
    }
    .into_any()
}

/// The headline, or what went wrong, or how far it is.
fn outcome(bench: Bench, run: &RunSummary, locale: Locale) -> AnyView {
    let lang = locale.into();
    match (run.status, &run.error, &run.headline) {
        (RunStatus::Failed, Some(error), _) => words::short(error, locale).into_any(),
        (RunStatus::Cancelled, ..) => took(run)
            .map_or_else(String::new, |wall| {
                td_string!(locale, runs.cancelled_after, time = duration(wall, lang)).to_string()
            })
            .into_any(),
        (RunStatus::Queued | RunStatus::Running, ..) => {
            let (id, listed) = (run.id, run.status);
            (move || {
                bench.live.with(|live| {
                    let live = live.as_ref().filter(|live| live.run.summary.id == id);
                    let percent = live
                        .and_then(|live| live.progress.as_ref())
                        .map(|progress| format!("{:.0}\u{202f}%", progress.fraction * 100.0));
                    let status = live.map_or(listed, Live::status);
                    percent.unwrap_or_else(|| State::from(status).word(locale).to_owned())
                })
            })
            .into_any()
        }
        (_, _, Some(headline)) => headline_text(headline, lang).into_any(),
        _ => ().into_any(),
    }
}

/// Milliseconds a run took: the worker's word, else by the clock of the server.
#[must_use]
pub fn took(run: &RunSummary) -> Option<f64> {
    let by_clock = || Some((run.finished_at?.millis() - run.started_at?.millis()) as f64);
    run.wall_ms.or_else(by_clock)
}

/// Older runs, when there are more than the list has.
#[component]
fn MoreRuns(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let more = move || {
        bench
            .runs
            .with(|runs| (runs.len() as u64) < bench.total_runs.get())
    };
    let load = move |_| {
        spawn_local(async move {
            let task = bench.task.with_untracked(|task| task.id);
            let mut cursor = None;
            // Without an answer the button stays, for what is still missing.
            while let Ok(page) = list_runs(Some(task), None, None, cursor).await {
                let known = bench.runs.try_update(|runs| {
                    let older = |run: &RunSummary| runs.iter().all(|known| known.id != run.id);
                    let older: Vec<_> = page.items.into_iter().filter(older).collect();
                    runs.extend(older);
                });
                cursor = page.next_cursor;
                if cursor.is_none() || known.is_none() {
                    break;
                }
            }
        });
    };
    view! {
        <Show when=more>
            <button r#type="button" class="link-btn run-more" on:click=load>
                {td_string!(locale, runs.show_all)}
            </button>
        </Show>
    }
    .into_any()
}
