//! The bar of the workbench: mark, path, name, version, what is saved, menu, Share, Run.

use super::{Bench, task_menu::TaskMenu, version_menu::VersionMenu};
use crate::{
    components::{
        Button, ButtonKind, Glyph, Icon,
        button::{ButtonSize, button_class},
    },
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
                <div class="run-notes">
                    <ToCorrect bench />
                    <RunProblem bench />
                </div>
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

/// Run, or Cancel in its place while a run is under way: one button, so that the focus stays on it.
#[component]
pub fn RunButton(bench: Bench, size: ButtonSize) -> impl IntoView {
    let locale = use_locale();
    let running = Memo::new(move |_| bench.live.with(Option::is_some));
    let cancelling = move || {
        bench
            .live
            .with(|live| live.as_ref().is_some_and(|live| live.cancelling))
    };
    let press = move |event: ev::MouseEvent| {
        if !running.get_untracked() {
            bench.run();
        } else if event.detail() < 2 && !untrack(cancelling) {
            // The second click of a double click was meant for Run.
            bench.cancel();
        }
    };
    // A key that is held down would press Cancel where it just pressed Run.
    let hold = move |event: ev::KeyboardEvent| {
        if event.repeat() && event.key() == "Enter" {
            event.prevent_default();
        }
    };
    let kind = move || match running.get() {
        true => ButtonKind::Danger,
        false => ButtonKind::Primary,
    };
    let icon = move || {
        let glyph = if running.get() {
            Glyph::Stop
        } else {
            Glyph::Play
        };
        view! { <Icon glyph /> }
    };
    let word = move || match running.get() {
        true => td_string!(locale, workbench.cancel),
        false => td_string!(locale, workbench.run),
    };
    let keys = move || match running.get() {
        true => td_string!(locale, workbench.keys_cancel),
        false => td_string!(locale, workbench.keys_run),
    };
    view! {
        <button
            r#type="button"
            class=move || button_class(kind(), size)
            aria-busy=move || bench.busy.get().to_string()
            aria-disabled=move || cancelling().then_some("true")
            on:click=press
            on:keydown=hold
        >
            {icon}
            <span class="btn-label">{word}</span>
            {(size == ButtonSize::Medium).then(|| view! { <span class="btn-keys" aria-hidden="true">{keys}</span> })}
        </button>
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
    let button = NodeRef::<html::Button>::new();
    // Leaving the field by a key goes back to where the keyboard came from.
    let by_key = StoredValue::new(false);
    let name = move || bench.task.with(|task| task.name.clone());
    Effect::new(move || {
        if let (true, Some(field)) = (editing.get(), field.get()) {
            drop(field.focus());
            field.select();
        }
    });
    Effect::new(move || {
        if let Some(button) = button.get()
            && by_key.get_value()
        {
            by_key.set_value(false);
            drop(button.focus());
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
    let on_key = move |event: ev::KeyboardEvent| {
        let keep = match event.key().as_str() {
            "Enter" => true,
            "Escape" => false,
            _ => return,
        };
        // Else the same key press would act on the button that takes the field's place.
        event.prevent_default();
        by_key.set_value(true);
        finish(keep);
    };
    view! {
        <h1 class="task-name" aria-busy=move || bench.renaming.get().to_string()>
            <Show
                when=move || editing.get()
                fallback=move || {
                    view! {
                        <button node_ref=button r#type="button" class="task-name-button" title=td_string!(locale, workbench.rename) on:click=move |_| editing.set(true)>
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
    let word = move || {
        if unsaved.get() {
            td_string!(locale, workbench.unsaved)
        } else {
            td_string!(locale, workbench.saved)
        }
    };
    view! {
        <span class="save-state" role="status" title=word>
            <Show when=move || unsaved.get() fallback=move || view! { <Icon glyph=Glyph::Check /> }>
                <Icon glyph=Glyph::Unsaved class="icon-s" />
            </Show>
            <span class="save-word">{word}</span>
        </span>
    }
    .into_any()
}
