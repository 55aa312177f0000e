//! The input form that is made from the code, and the same inputs as raw JSON.

mod field;
pub mod raw;

use crate::{
    i18n::{td_string, use_locale},
    workbench::Bench,
};
use domain::signature::Style;
use field::InputField;
use leptos::prelude::*;
use raw::RawInputs;

/// The form, or the JSON behind it.
#[component]
pub fn Inputs(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    // The fields are made again only when the code asks for others; typing changes texts alone.
    let shape = Memo::new(move |_| {
        bench.form.with(|form| {
            form.fields
                .iter()
                .map(|field| (field.id(), field.groups.clone(), field.parameter.clone()))
                .collect::<Vec<_>>()
        })
    });
    let is_empty = move || shape.with(Vec::is_empty);
    let hint = move || {
        let style = bench
            .signature
            .with(|signature| signature.as_ref().map(|signature| signature.style));
        match style {
            Some(Style::Dict) => td_string!(locale, workbench.no_inputs_dict),
            _ => td_string!(locale, workbench.no_inputs),
        }
    };
    view! {
        <Show
            when=move || bench.raw.with(Option::is_none)
            fallback=move || view! { <RawInputs bench /> }
        >
            <form class="inputs" novalidate on:submit=move |event| { event.prevent_default(); bench.run(); }>
                <Show when=is_empty>
                    <p class="quiet inputs-none">{hint}</p>
                </Show>
                {move || {
                    let shape = shape.get();
                    let mut group_before: Vec<String> = Vec::new();
                    shape
                        .into_iter()
                        .enumerate()
                        .map(|(index, (id, groups, parameter))| {
                            let heading = (groups != group_before && !groups.is_empty())
                                .then(|| groups.join(", "));
                            group_before = groups;
                            view! {
                                {heading.map(|text| view! { <h3 class="inputs-group">{text}</h3> })}
                                <InputField bench index id parameter />
                            }
                        })
                        .collect_view()
                }}
                // Lets Enter in a field run, as in any form; the visible button is the page's Run.
                <button r#type="submit" class="hidden" tabindex="-1" aria-hidden="true"></button>
            </form>
        </Show>
    }
    .into_any()
}
