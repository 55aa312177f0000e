//! The input form that is made from the code, and the same inputs as raw JSON.

mod field;
pub mod kept;
pub mod raw;

use crate::{
    i18n::{td_string, use_locale},
    workbench::Bench,
};
use domain::{
    inputs::Field,
    signature::{Parameter, Style},
};
use field::InputField;
use leptos::prelude::*;
use raw::RawInputs;

/// The form, or the JSON behind it.
#[component]
pub fn Inputs(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    // A field is made again only when the code asks for another kind of it: whoever writes into one
    // keeps the cursor while the code is read.
    let rows = Memo::new(move |_| bench.form.with(|form| rows_of(&form.fields)));
    let is_empty = move || rows.with(Vec::is_empty);
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
                <For
                    each=move || rows.get()
                    key=|row| row.key.clone()
                    children=move |row| {
                        view! {
                            {row.heading.map(|text| view! { <h3 class="inputs-group">{text}</h3> })}
                            <InputField bench id=row.id parameter=row.parameter />
                        }
                    }
                />
                // Lets Enter in a field run, as in any form; the visible button is the page's Run.
                <button r#type="submit" class="hidden" tabindex="-1" aria-hidden="true"></button>
            </form>
        </Show>
    }
    .into_any()
}

/// A field of the form, with what its elements are made of.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// The same as long as the elements can stay as they are.
    key: String,
    /// The names of the groups it is in, on the first field of each.
    heading: Option<String>,
    id: String,
    /// Without what may change under the elements: default and description.
    parameter: Parameter,
}

fn rows_of(fields: &[Field]) -> Vec<Row> {
    let mut groups_before: &[String] = &[];
    fields
        .iter()
        .map(|field| {
            let heading = (field.groups != groups_before && !field.groups.is_empty())
                .then(|| field.groups.join(", "));
            groups_before = &field.groups;
            let parameter = Parameter {
                default: None,
                description: None,
                ..field.parameter.clone()
            };
            let id = field.id();
            Row {
                key: format!("{id} {heading:?} {parameter:?}"),
                heading,
                id,
                parameter,
            }
        })
        .collect()
}
