//! What differs from the run before, in a line that shortens the name and never the change.

use crate::i18n::{td_string, use_locale};
use domain::{number::shown_input, run::RunChange};
use leptos::prelude::*;

#[component]
#[must_use]
pub fn ChangeText(change: RunChange) -> impl IntoView {
    let locale = use_locale();
    let lang = locale.into();
    match change {
        RunChange::First => td_string!(locale, runs.first).into_any(),
        RunChange::Nothing => td_string!(locale, runs.unchanged).into_any(),
        RunChange::Code { version } => td_string!(locale, runs.code, version = version)
            .to_string()
            .into_any(),
        RunChange::Input {
            name,
            before,
            after,
            unit,
            others,
        } => {
            let others = (others > 0).then(|| {
                let more = td_string!(locale, runs.and_others, count = others).to_string();
                view! { <span class="change-unit">{more}</span> }
            });
            let full = format!("{name} {before} → {after}");
            view! {
                <span class="change" title=full>
                    <span class="change-name">{name}</span>
                    <span class="change-values">
                        {shown_input(&before, lang)}" "<span class="change-arrow">"→"</span>" "
                        {shown_input(&after, lang)}
                        {unit.map(|unit| view! { <span class="change-unit">{unit}</span> })}
                        {others}
                    </span>
                </span>
            }
            .into_any()
        }
    }
}
