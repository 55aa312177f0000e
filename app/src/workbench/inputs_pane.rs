//! The inputs, and under them the runs.

use super::{Bench, run_list::RunList};
use crate::{
    components::{Button, ButtonKind, button::ButtonSize},
    i18n::{td_string, use_locale},
    inputs::{Inputs, raw},
};
use leptos::prelude::*;

#[component]
pub fn InputsPane(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let running = move || bench.live.with(Option::is_some);
    let raw_label = Signal::derive(move || {
        let label = if bench.raw.with(Option::is_some) {
            td_string!(locale, workbench.form)
        } else {
            "JSON"
        };
        label.to_owned()
    });
    view! {
        <div class="pane pane-inputs">
            <section class="inputs-part" id="pane-inputs" tabindex="-1" aria-label=td_string!(locale, workbench.inputs)>
                <header class="pane-head">
                    <h2>{td_string!(locale, workbench.inputs)}</h2>
                    <Show
                        when=running
                        fallback=move || {
                            view! {
                                <span class="pane-actions">
                                    <Button
                                        kind=ButtonKind::Quiet
                                        size=ButtonSize::Small
                                        label=raw_label
                                        on:click=move |_| raw::toggle(bench)
                                    />
                                    <Button
                                        kind=ButtonKind::Quiet
                                        size=ButtonSize::Small
                                        label=td_string!(locale, workbench.reset_inputs)
                                        on:click=move |_| bench.reset_inputs()
                                    />
                                </span>
                            }
                        }
                    >
                        <span class="pane-note">{td_string!(locale, workbench.edits_next_run)}</span>
                    </Show>
                </header>
                <Inputs bench />
            </section>
            <RunList bench />
        </div>
    }
    .into_any()
}
