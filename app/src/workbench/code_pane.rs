//! The code: header, notes about drafts, editor.

use super::Bench;
use crate::{
    components::{Button, ButtonKind, Glyph, Icon, button::ButtonSize},
    editor::Editor,
    i18n::{is_one, td_string, use_locale},
    server_fns::signature::read_signature,
};
use domain::signature::Style;
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// The code is read again this long after the last change.
const TYPING_PAUSE: Duration = Duration::from_millis(300);

#[component]
pub fn CodePane(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let folded = bench.folded;
    read_again_as_it_changes(bench);
    let narrow = RwSignal::new(false);
    let measure = move || {
        let query = window().match_media("(max-width: 839px)").ok().flatten();
        narrow.set(query.is_some_and(|query| query.matches()));
    };
    Effect::new(move || {
        measure();
        let listener = window_event_listener(leptos::ev::resize, move |_| measure());
        on_cleanup(move || listener.remove());
    });
    // On a narrow screen the editor is fetched when the code is unfolded.
    let mounted = RwSignal::new(false);
    Effect::new(move || mounted.set(true));
    let wanted = Signal::derive(move || mounted.get() && (!narrow.get() || !folded.get()));
    let summary = move || {
        bench.signature.with(|signature| {
            let signature = signature.as_ref()?;
            let count = match signature.style {
                Style::Dict => bench.form.with(|form| form.fields.len()),
                Style::Parameters => signature.parameters.len(),
            };
            Some(if is_one(locale, count as u64) {
                td_string!(locale, workbench.signature_single, count = count).to_string()
            } else {
                td_string!(locale, workbench.signature_many, count = count).to_string()
            })
        })
    };
    let lines = move || {
        let count = bench.editor.code.with(|code| code.lines().count());
        if is_one(locale, count as u64) {
            td_string!(locale, workbench.code_lines_single, count = count).to_string()
        } else {
            td_string!(locale, workbench.code_lines, count = count).to_string()
        }
    };
    let fold_label = move || {
        if folded.get() {
            td_string!(locale, workbench.show)
        } else {
            td_string!(locale, workbench.hide)
        }
    };
    view! {
        <section class="pane pane-code" class:folded=move || folded.get() id="pane-code" tabindex="-1" aria-label=td_string!(locale, workbench.code)>
            <button
                r#type="button"
                class="code-fold"
                aria-expanded=move || (!folded.get()).to_string()
                on:click=move |_| folded.update(|folded| *folded = !*folded)
            >
                <Icon glyph=Glyph::ChevronRight />
                <span>{lines}</span>
                <span class="code-fold-word">{fold_label}</span>
            </button>
            <header class="pane-head">
                <h2>{td_string!(locale, workbench.code)}</h2>
                <span class="pane-note">{summary}</span>
            </header>
            <DraftNote bench />
            <div class="pane-code-body">
                <Editor handle=bench.editor wanted />
            </div>
        </section>
    }
    .into_any()
}

/// Says that edits of an earlier visit are here again.
#[component]
fn DraftNote(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    view! {
        <Show when=move || bench.restored.get()>
            <div class="note" role="status">
                <span>{td_string!(locale, workbench.draft_restored)}</span>
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    label=td_string!(locale, workbench.draft_discard)
                    on:click=move |_| bench.discard()
                />
                <Button
                    kind=ButtonKind::Quiet
                    size=ButtonSize::Small
                    label=td_string!(locale, workbench.draft_keep)
                    on:click=move |_| bench.restored.set(false)
                />
            </div>
        </Show>
    }
    .into_any()
}

/// Asks the server what the code asks for, a moment after it changed.
fn read_again_as_it_changes(bench: Bench) {
    let latest = StoredValue::new(0u32);
    Effect::watch(
        move || bench.editor.code.get(),
        move |code, before, _| {
            if before == Some(code) {
                return;
            }
            let mine = latest.with_value(|latest| latest.wrapping_add(1));
            latest.set_value(mine);
            // As at first, but for a draft that was put back.
            if bench.read_code.with_value(|read| read == code) {
                return;
            }
            let code = code.clone();
            let is_latest = move || latest.try_with_value(|latest| *latest) == Some(mine);
            set_timeout(
                move || {
                    if !is_latest() {
                        return;
                    }
                    spawn_local(async move {
                        let answer = read_signature(code.clone()).await;
                        // Without an answer the form stays as it was; Run checks again.
                        if let (Ok(reading), true) = (answer, is_latest()) {
                            bench.take_reading(code, reading);
                        }
                    });
                },
                TYPING_PAUSE,
            );
        },
        true,
    );
}
