//! A run under way: how far it is, its story so far, and what it prints.

use super::{
    Live,
    log::LogView,
    story::{Progress, Step},
};
use crate::{
    components::{Glyph, Icon, Moment, MomentStyle, StateBadge, clock::now},
    i18n::{Locale, td_string, use_locale},
    retold::retold,
    workbench::Bench,
};
use domain::{Timestamp, number::duration, run::RunStatus};
use leptos::prelude::*;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(100);
/// The place in the queue is known as of when the run was first seen, and told this long.
const PLACE_HOLDS_MS: i64 = 10_000;

/// The time by the browser's clock, milliseconds; ticks.
fn ticking() -> RwSignal<i64> {
    let time = RwSignal::new(now());
    Effect::new(move || {
        let tick = set_interval_with_handle(move || time.set(now()), TICK);
        on_cleanup(move || {
            if let Ok(tick) = tick {
                tick.clear();
            }
        });
    });
    time
}

/// Milliseconds since the run started, by the server's clock.
fn elapsed(live: Memo<Option<Live>>, time: RwSignal<i64>) -> Signal<Option<f64>> {
    Signal::derive(move || {
        let (started, ahead) = live.with(|live| {
            let live = live.as_ref()?;
            Some((live.started_at?, live.clock_ahead))
        })?;
        Some((time.get() - ahead - started.millis()).max(0) as f64)
    })
}

#[component]
pub fn Running(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let live = Memo::new(move |_| bench.live.get());
    let status =
        Memo::new(move |_| live.with(|live| live.as_ref().map_or(RunStatus::Queued, Live::status)));
    let time = ticking();
    let elapsed = elapsed(live, time);
    let progress = Memo::new(move |_| live.with(|live| live.as_ref()?.progress.clone()));
    let wall_s = move || live.with(|live| live.as_ref().map_or(0, |live| live.run.limits.wall_s));
    let figures = move || figures(progress.get(), elapsed.get(), wall_s(), locale);
    let percent = move || {
        progress.with(|progress| progress.as_ref().map(|progress| progress.fraction * 100.0))
    };
    let left = move || {
        let left = live.with(|live| live.as_ref().and_then(Live::time_left))?;
        let time = duration(left, locale.into());
        Some(td_string!(locale, workbench.about_left, time = time).to_string())
    };
    view! {
        <div class="running">
            <div class="running-top">
                <div class="running-head">
                    {move || view! { <StateBadge state=status.get() /> }}
                    <span class="running-figures">{figures}</span>
                </div>
                <div
                    class="progress"
                    class:progress-unknown=move || percent().is_none()
                    role="progressbar"
                    aria-label=td_string!(locale, workbench.progress)
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow=move || percent().map(|percent| format!("{percent:.0}"))
                >
                    <span style=move || format!("width:{}%", percent().unwrap_or(0.0))></span>
                </div>
                <div class="running-note">
                    <span>{move || progress.with(|progress| progress.as_ref().map(|progress| progress.message.clone()))}</span>
                    <span>{left}</span>
                </div>
                <Show when=move || bench.lost.get()>
                    <p class="note-line" role="status"><Icon glyph=Glyph::Warning />{td_string!(locale, workbench.connection_lost)}</p>
                </Show>
            </div>
            <Story live time />
            <LogView log=bench.log live=true />
        </div>
    }
    .into_any()
}

/// `62 % · 7.4 s of 600 s allowed`
fn figures(
    progress: Option<Progress>,
    elapsed: Option<f64>,
    wall_s: u32,
    locale: Locale,
) -> impl IntoView {
    let lang = locale.into();
    let percent = progress.map(|progress| {
        let percent = format!("{:.0}", progress.fraction * 100.0);
        view! { <strong>{percent}</strong>"\u{202f}% · " }
    });
    let time = elapsed.map(|elapsed| {
        let time = duration(elapsed, lang);
        let allowed = td_string!(locale, workbench.of_allowed, seconds = wall_s).to_string();
        view! { <strong>{time}</strong>" "{allowed} }
    });
    view! { {percent}{time} }
}

/// What happened to the run, step by step.
#[component]
fn Story(live: Memo<Option<Live>>, time: RwSignal<i64>) -> impl IntoView {
    let locale = use_locale();
    let steps = Memo::new(move |_| {
        live.with(|live| {
            live.as_ref()
                .map(|live| live.steps.clone())
                .unwrap_or_default()
        })
    });
    let started = Memo::new(move |_| {
        live.with(|live| live.as_ref().is_some_and(|live| live.started_at.is_some()))
    });
    let position = Memo::new(move |_| {
        live.with(|live| {
            let live = live.as_ref()?;
            (time.get() - live.seen_at < PLACE_HOLDS_MS).then_some(live.run.position)?
        })
    });
    let cancelling =
        Memo::new(move |_| live.with(|live| live.as_ref().is_some_and(|live| live.cancelling)));
    let memory = Memo::new(move |_| {
        live.with(|live| live.as_ref().map_or(0, |live| live.run.limits.memory_mb))
    });
    view! {
        <ol class="story">
            {move || {
                let steps = steps.get();
                let ends: Vec<Option<Timestamp>> = steps.iter().skip(1).map(|(_, at)| Some(*at)).chain([None]).collect();
                steps
                    .into_iter()
                    .zip(ends)
                    .map(|((step, at), until)| told(&step, at, until, position.get(), memory.get(), locale))
                    .collect_view()
            }}
            <Show when=move || started.get() || cancelling.get()>
                <li>
                    <Icon glyph=Glyph::Ring class="turning" />
                    <div>
                        <strong>
                            {move || if cancelling.get() { td_string!(locale, workbench.step_cancelling) } else { td_string!(locale, workbench.step_calculating) }}
                        </strong>
                        <p>{td_string!(locale, workbench.may_close)}</p>
                    </div>
                    <span class="quiet">{td_string!(locale, workbench.now)}</span>
                </li>
            </Show>
        </ol>
    }
    .into_any()
}

/// One step: what it was, what it meant, when.
fn told(
    step: &Step,
    at: Timestamp,
    until: Option<Timestamp>,
    position: Option<u32>,
    memory_mb: u32,
    locale: Locale,
) -> impl IntoView + use<> {
    let waited =
        until.map(|until| duration((until.millis() - at.millis()).max(0) as f64, locale.into()));
    let (title, text) = match step {
        Step::Queued => {
            let text = match (waited, position) {
                (Some(time), _) => td_string!(locale, workbench.waited, time = time).to_string(),
                (None, Some(place)) if place > 1 => {
                    td_string!(locale, workbench.place_in_line, place = place).to_string()
                }
                (None, _) => td_string!(locale, workbench.starts_by_itself).to_owned(),
            };
            (td_string!(locale, common.state_queued), text)
        }
        Step::Requeued { reason } => {
            let reason = retold(reason, locale).unwrap_or_else(|| reason.clone());
            (td_string!(locale, workbench.step_requeued), reason)
        }
        Step::Started { python, sandbox } => {
            let (python, sandbox) = (python.clone(), sandbox.clone());
            let text = td_string!(
                locale,
                workbench.started_in,
                python = python,
                sandbox = sandbox,
                memory = memory_mb
            );
            (td_string!(locale, workbench.step_started), text.to_string())
        }
    };
    let glyph = match (step, until) {
        (Step::Queued | Step::Requeued { .. }, None) => Glyph::Queued,
        _ => Glyph::Check,
    };
    view! {
        <li>
            <Icon glyph />
            <div><strong>{title}</strong><p>{text}</p></div>
            <span class="quiet"><Moment at style=MomentStyle::Time /></span>
        </li>
    }
}
