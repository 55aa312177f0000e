//! Scalars as a table aligned on the decimal point. A row under the pointer or with the focus
//! writes its full value with a button that copies it.

use super::{plan::Row, sources::use_sources};
use crate::{
    clipboard,
    components::{Glyph, Icon, use_toasts},
    i18n::{td_string, use_locale},
};
use domain::number::Formatted;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// Integer parts longer than this, in digits, do not push the others to the right.
const WIDEST: f64 = 16.0;

#[component]
pub fn ValueTable(rows: Vec<Row>) -> impl IntoView {
    let locale = use_locale();
    let live = use_sources().live;
    let body = NodeRef::<html::Tbody>::new();
    let width = integer_width(rows.iter().map(|row| &row.number));
    let on_key = move |event: ev::KeyboardEvent| on_key(&event, body);
    view! {
        <table class="values" style=format!("--int:{width:.2}ch")>
            <thead class="sr-only">
                <tr>
                    <th scope="col">{td_string!(locale, result.name)}</th>
                    <th scope="col">{td_string!(locale, result.value)}</th>
                    <th scope="col">{td_string!(locale, result.unit)}</th>
                    {live.then(|| view! { <th scope="col">{td_string!(locale, result.full_value)}</th> })}
                </tr>
            </thead>
            <tbody node_ref=body on:keydown=on_key>
                {rows
                    .into_iter()
                    .enumerate()
                    .map(|(index, row)| view! { <ValueRow row first=index == 0 /> })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

#[component]
fn ValueRow(row: Row, first: bool) -> impl IntoView {
    let live = use_sources().live;
    let Row {
        name,
        number,
        unit,
        exact,
    } = row;
    let text = number.is_word && number.integer_part.chars().count() > 24;
    let exact = StoredValue::new(exact);
    view! {
        <tr
            tabindex=live.then_some(if first { "0" } else { "-1" })
            data-exact=live.then(|| exact.get_value())
        >
            <th scope="row"><span class="v-name">{name}</span></th>
            <td class="value" class:value-text=text>
                <Number number />
            </td>
            <td class="unit">{unit}</td>
            {live.then(|| view! { <td class="exact"><Exact exact /></td> })}
        </tr>
    }
    .into_any()
}

#[component]
fn Exact(exact: StoredValue<String>) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let copy = move |_| {
        clipboard::copy(exact.get_value(), move || {
            toasts.say(td_string!(locale, common.copied))
        });
    };
    view! {
        <span class="exact-over">
            <span class="exact-text">{exact.get_value()}</span>
            <button
                r#type="button"
                class="exact-copy"
                tabindex="-1"
                aria-label=td_string!(locale, result.copy_value)
                on:click=copy
            >
                <Icon glyph=Glyph::Copy />
            </button>
        </span>
    }
    .into_any()
}

/// A shown number in parts that align in a column: `--int` is the room of the integer parts.
#[component]
#[must_use]
pub fn Number(number: Formatted) -> impl IntoView {
    let exponent = number.exponent_text();
    let fraction = (!number.fraction_part.is_empty() || exponent.is_some()).then(|| {
        view! {
            <span class="v-frac">
                {number.fraction_part}
                {exponent.map(|exponent| view! { "\u{a0}×\u{a0}10"<sup>{exponent}</sup> })}
            </span>
        }
    });
    view! {
        <span class="v-int" class:v-word=number.is_word>{number.integer_part}</span>
        {fraction}
    }
}

/// Room for the integer parts of a column, in widths of a digit.
#[must_use]
pub fn integer_width<'a>(numbers: impl Iterator<Item = &'a Formatted>) -> f64 {
    numbers
        .filter(|number| !number.is_word)
        .map(|number| {
            let narrow = |c: char| if c == domain::number::GROUP { 0.2 } else { 1.0 };
            number.integer_part.chars().map(narrow).sum::<f64>()
        })
        .filter(|&width| width <= WIDEST)
        .fold(1.0, f64::max)
}

/// Arrows move between rows, Ctrl C copies the full value of the row.
fn on_key(event: &ev::KeyboardEvent, body: NodeRef<html::Tbody>) {
    let Some(row) = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        .filter(|element| element.tag_name() == "TR")
    else {
        return;
    };
    let key = event.key();
    if key == "c" && (event.ctrl_key() || event.meta_key()) {
        let selected = window()
            .get_selection()
            .ok()
            .flatten()
            .is_some_and(|selection| !selection.is_collapsed());
        if let Some(exact) = row.get_attribute("data-exact").filter(|_| !selected) {
            event.prevent_default();
            clipboard::copy(exact, || ());
        }
        return;
    }
    let steps = if event.shift_key() { 10 } else { 1 };
    let mut next = row.clone();
    let step: fn(&web_sys::Element) -> Option<web_sys::Element> = match key.as_str() {
        "ArrowDown" | "End" => web_sys::Element::next_element_sibling,
        "ArrowUp" | "Home" => web_sys::Element::previous_element_sibling,
        _ => return,
    };
    let most = if matches!(key.as_str(), "Home" | "End") {
        usize::MAX
    } else {
        steps
    };
    for _ in 0..most {
        let Some(sibling) = step(&next).and_then(|element| element.dyn_into().ok()) else {
            break;
        };
        next = sibling;
    }
    event.prevent_default();
    if body.get_untracked().is_some() {
        let _ = row.set_attribute("tabindex", "-1");
        let _ = next.set_attribute("tabindex", "0");
        let _ = next.focus();
    }
}
