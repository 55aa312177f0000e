//! The bar of the workbench: mark, path, name, version, what is saved, menu, Share, Run.

use super::{Bench, task_menu::TaskMenu, version_menu::VersionMenu};
use crate::{
    components::{Button, ButtonKind, Glyph, Icon, button::ButtonSize},
    failures::failure_text,
    i18n::{is_one, td_string, use_locale},
    nav::{AccountMenu, Mark},
};
use domain::limits::MAX_NAME_CHARS;
use leptos::{ev, html, prelude::*};

#[component]
pub fn TopBar(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    view! {
        <header class="topbar bench-top">
            <a class="brand" href="/" aria-label=td_string!(locale, common.to_tasks)>
                <Mark />
                <span>"MecaPy"</span>
            </a>
            <a class="bench-back icon-btn" href="/" aria-label=td_string!(locale, common.to_tasks)>
                <Icon glyph=Glyph::ArrowLeft />
            </a>
            <div class="crumbs">
                <a href="/" class="crumb">{td_string!(locale, common.tasks)}</a>
                <span class="crumb-slash" aria-hidden="true">"/"</span>
                <TaskName bench />
                <VersionMenu bench />
                <SaveState bench />
            </div>
            <div class="topbar-end">
                <TaskMenu bench />
                <span class="bench-share"><ShareButton bench size=ButtonSize::Medium /></span>
                <ToCorrect bench />
                <RunProblem bench />
                <span class="bench-run-top"><RunButton bench size=ButtonSize::Medium /></span>
                <AccountMenu />
            </div>
        </header>
    }
    .into_any()
}

/// Share for the run on show, when it has a result to share.
#[component]
pub fn ShareButton(bench: Bench, size: ButtonSize) -> impl IntoView {
    let locale = use_locale();
    let nothing = Memo::new(move |_| bench.shared_run().is_none());
    let reason = move || {
        nothing
            .get()
            .then_some(td_string!(locale, workbench.nothing_to_share))
    };
    view! {
        <Button
            size
            glyph=Glyph::Share
            label=td_string!(locale, workbench.share)
            attr:disabled=move || nothing.get()
            attr:title=reason
            on:click=move |_| bench.sharing.set(true)
        />
    }
    .into_any()
}

/// Run, or Cancel in its place while a run is under way.
#[component]
pub fn RunButton(bench: Bench, size: ButtonSize) -> impl IntoView {
    let locale = use_locale();
    let running = move || bench.live.with(Option::is_some);
    let cancelling = move || {
        bench
            .live
            .with(|live| live.as_ref().is_some_and(|live| live.cancelling))
    };
    let keys = move |keys: &'static str| if size == ButtonSize::Medium { keys } else { "" };
    view! {
        <Show
            when=running
            fallback=move || {
                view! {
                    <Button
                        kind=ButtonKind::Primary
                        size
                        glyph=Glyph::Play
                        keys=keys(td_string!(locale, workbench.keys_run))
                        label=td_string!(locale, workbench.run)
                        attr:aria-busy=move || bench.busy.get().to_string()
                        on:click=move |_| bench.run()
                    />
                }
            }
        >
            <Button
                kind=ButtonKind::Danger
                size
                glyph=Glyph::Stop
                keys=keys(td_string!(locale, workbench.keys_cancel))
                label=td_string!(locale, workbench.cancel)
                attr:disabled=cancelling
                on:click=move |_| bench.cancel()
            />
        </Show>
    }
    .into_any()
}

/// How many inputs keep Run from running, once that was asked for.
#[component]
fn ToCorrect(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let count = Memo::new(move |_| {
        let touched = bench.touched.get();
        bench.inputs().err().map_or(0, |errors| {
            errors
                .iter()
                .filter(|error| touched.contains(&error.field()))
                .count()
        })
    });
    let text = move || {
        let count = count.get();
        if is_one(locale, count as u64) {
            td_string!(locale, workbench.to_correct_single, count = count).to_string()
        } else {
            td_string!(locale, workbench.to_correct_many, count = count).to_string()
        }
    };
    view! {
        <Show when=move || count.get() != 0>
            <span class="to-correct"><Icon glyph=Glyph::Warning />{text}</span>
        </Show>
    }
    .into_any()
}

/// Why the last request of Run or Save did not do it.
#[component]
fn RunProblem(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    move || {
        bench.problem.get().map(|failure| {
            let text = failure_text(&failure, locale);
            let shown = text.clone();
            view! {
                <span class="to-correct run-problem" role="alert" title=text>
                    <Icon glyph=Glyph::Warning />
                    <span>{shown}</span>
                    <button r#type="button" class="icon-btn" aria-label=td_string!(locale, common.close) on:click=move |_| bench.problem.set(None)>
                        <Icon glyph=Glyph::Close />
                    </button>
                </span>
            }
        })
    }
}

/// The name; a click makes a field of it.
#[component]
fn TaskName(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let editing = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let name = move || bench.task.with(|task| task.name.clone());
    Effect::new(move || {
        if let (true, Some(field)) = (editing.get(), field.get()) {
            drop(field.focus());
            field.select();
        }
    });
    let finish = move |keep: bool| {
        if editing.try_get_untracked() != Some(true) {
            return;
        }
        let written = field
            .get_untracked()
            .map(|field| field.value())
            .unwrap_or_default();
        let written = written.trim().to_owned();
        editing.set(false);
        if keep && !written.is_empty() && written != untrack(name) {
            bench.rename(written);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => finish(true),
        "Escape" => finish(false),
        _ => {}
    };
    view! {
        <h1 class="task-name" aria-busy=move || bench.renaming.get().to_string()>
            <Show
                when=move || editing.get()
                fallback=move || {
                    view! {
                        <button r#type="button" class="task-name-button" title=td_string!(locale, workbench.rename) on:click=move |_| editing.set(true)>
                            {name}
                        </button>
                    }
                }
            >
                <input
                    node_ref=field
                    class="task-name-field"
                    maxlength=MAX_NAME_CHARS
                    aria-label=td_string!(locale, workbench.name)
                    value=untrack(name)
                    on:keydown=on_key
                    on:blur=move |_| finish(true)
                />
            </Show>
        </h1>
    }
    .into_any()
}

/// Saved, or not yet.
#[component]
fn SaveState(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let unsaved = Memo::new(move |_| bench.is_unsaved());
    view! {
        <span class="save-state" role="status">
            <Show
                when=move || unsaved.get()
                fallback=move || view! { <Icon glyph=Glyph::Check />{td_string!(locale, workbench.saved)} }
            >
                <Icon glyph=Glyph::Unsaved class="icon-s" />
                {td_string!(locale, workbench.unsaved)}
            </Show>
        </span>
    }
    .into_any()
}
