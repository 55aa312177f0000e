//! The choice when somebody saved a newer version meanwhile: both texts are safe until it is made.

use super::{Bench, bench::Conflict};
use crate::{
    components::{Button, ButtonKind, Dialog, use_toasts},
    drafts::difference::{Line, difference},
    i18n::{td_string, use_locale},
};
use leptos::prelude::*;

#[component]
pub fn ConflictDialog(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let comparing = RwSignal::new(false);
    Effect::new(move || open.set(bench.conflict.with(Option::is_some)));
    Effect::new(move || {
        if !open.get() {
            comparing.set(false);
            if bench.conflict.with_untracked(Option::is_some) {
                bench.conflict.set(None);
            }
        }
    });
    let take = move || {
        let conflict: Option<Conflict> = bench.conflict.get_untracked();
        open.set(false);
        conflict
    };
    let keep_mine = move |_| {
        let Some(conflict) = take() else { return };
        bench.base_version.set(conflict.theirs.version.number);
        bench.task.set(conflict.theirs);
        if conflict.run_after {
            bench.run();
        } else {
            bench.save(toasts);
        }
    };
    let take_theirs = move |_| {
        let Some(conflict) = take() else { return };
        bench.task.set(conflict.theirs);
        bench.discard();
    };
    view! {
        <Dialog open title=td_string!(locale, workbench.conflict_title) wide=true>
            <p>{move || sentence(bench)}</p>
            <Show when=move || comparing.get()>
                <Comparison bench />
            </Show>
            <div class="dialog-actions">
                <Show when=move || !comparing.get()>
                    <Button
                        kind=ButtonKind::Quiet
                        label=td_string!(locale, workbench.conflict_compare)
                        on:click=move |_| comparing.set(true)
                    />
                </Show>
                <Button label=td_string!(locale, workbench.conflict_theirs) on:click=take_theirs />
                <Button
                    kind=ButtonKind::Primary
                    label=td_string!(locale, workbench.conflict_mine)
                    on:click=keep_mine
                />
            </div>
        </Dialog>
    }
    .into_any()
}

/// Which version was saved, and which one these edits started from.
fn sentence(bench: Bench) -> String {
    let newest = bench.conflict.with(|conflict| {
        conflict
            .as_ref()
            .map_or(0, |conflict| conflict.theirs.version.number)
    });
    let base = bench.base_version.get();
    td_string!(
        bench.locale,
        workbench.conflict_text,
        newest = newest,
        base = base
    )
    .to_string()
}

/// Their code against the code in the editor.
#[component]
fn Comparison(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let rows = move || {
        bench.conflict.with(|conflict| {
            let theirs = conflict.as_ref().map(|conflict| conflict.theirs.version.code.as_str());
            bench.editor.code.with(|mine| {
                difference(theirs.unwrap_or_default(), mine)
                    .into_iter()
                    .map(|line| {
                        let (class, sign, text) = match line {
                            Line::Same(text) => ("diff-line", " ", text),
                            Line::Removed(text) => ("diff-line diff-removed", "−", text),
                            Line::Added(text) => ("diff-line diff-added", "+", text),
                        };
                        view! { <span class=class><span class="diff-sign">{sign}</span>{text.to_owned()}"\n"</span> }
                    })
                    .collect_view()
            })
        })
    };
    view! {
        <p class="small">{td_string!(locale, workbench.conflict_legend)}</p>
        <pre class="diff" tabindex="0" aria-label=td_string!(locale, workbench.conflict_compare)><code>{rows}</code></pre>
    }
    .into_any()
}
