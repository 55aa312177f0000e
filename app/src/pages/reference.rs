//! How to write a calculation: the whole of it on one page.

use crate::{
    highlight::CodeListing,
    i18n::{Locale, td_string, use_locale},
    keys::{set_single_keys_off, single_keys_off},
    nav::NavBar,
};
use domain::limits;
use leptos::prelude::*;
use leptos_meta::Title;

const WITH_PARAMETERS: &str = r#""""Stress in a bar under axial load."""
from typing import Annotated, Literal

from mecapy import Q


def calculate(
    force: Annotated[float, "kN"] = 12.0,
    section: Annotated[float, "mm²"] = 84.3,
    grade: Literal["8.8", "10.9"] = "8.8",
):
    """
    Args:
        force: Axial force
        section: Stress area
    """
    stress = 1000 * force / section
    limit = {"8.8": 640.0, "10.9": 940.0}[grade]
    return {
        "Stress": Q(stress, "MPa"),
        "Safety": Q(limit / stress, headline=True),
    }"#;

const WITH_DICT: &str = r#"def calculate(inputs):
    return {"stress": inputs["force"] / inputs["section"]}"#;

const HELPERS: &str = r#"import numpy as np
from mecapy import Chart, Q, Table, progress


def calculate(samples: int = 200, length: float = 4.0):
    x = np.linspace(0, length, samples)
    progress(0.5, "deflection")
    y = -x * (length**3 - 2 * length * x**2 + x**3)
    chart = Chart("Deflection", x=x, x_label="Position", x_unit="m", y_label="Deflection", y_unit="mm")
    return {
        "Largest": Q(abs(y).max(), "mm", headline=True),
        "Shape": chart.line(y, "Beam").band(y - 1, y + 1, "Tolerance"),
        "Points": Table({"x": x, "y": y}, units={"x": "m", "y": "mm"}),
    }"#;

#[component]
#[must_use]
pub fn ReferencePage() -> impl IntoView {
    let locale = use_locale();
    let parts = [
        ("styles", td_string!(locale, reference.styles)),
        ("types", td_string!(locale, reference.types)),
        ("names", td_string!(locale, reference.names)),
        ("results", td_string!(locale, reference.results)),
        ("progress", td_string!(locale, reference.progress)),
        ("isolation", td_string!(locale, reference.isolation)),
        ("limits", td_string!(locale, reference.limits)),
        ("keys", td_string!(locale, reference.keys)),
        ("api", td_string!(locale, reference.api)),
    ];
    let contents = parts
        .map(|(id, title)| view! { <li><a href=format!("#{id}")>{title}</a></li> })
        .collect_view();
    view! {
        <Title text=td_string!(locale, common.reference) />
        <NavBar />
        <main class="page reference">
            <nav class="rail" aria-label=td_string!(locale, reference.contents)><ol>{contents}</ol></nav>
            <article class="prose">
                <h1>{td_string!(locale, reference.title)}</h1>
                <p class="lead">{prose(td_string!(locale, reference.lead))}</p>
                <h2 id="styles">{td_string!(locale, reference.styles)}</h2>
                <p>{prose(td_string!(locale, reference.styles_parameters))}</p>
                <CodeListing code=WITH_PARAMETERS.to_owned() />
                <p>{prose(td_string!(locale, reference.styles_dict))}</p>
                <CodeListing code=WITH_DICT.to_owned() />
                <h2 id="types">{td_string!(locale, reference.types)}</h2>
                <p>{prose(td_string!(locale, reference.types_lead))}</p>
                {types(locale)}
                <h2 id="names">{td_string!(locale, reference.names)}</h2>
                <p>{prose(td_string!(locale, reference.names_text))}</p>
                <h2 id="results">{td_string!(locale, reference.results)}</h2>
                <p>{prose(td_string!(locale, reference.results_lead))}</p>
                {results(locale)}
                <CodeListing code=HELPERS.to_owned() />
                <h2 id="progress">{td_string!(locale, reference.progress)}</h2>
                <p>{prose(td_string!(locale, reference.progress_text))}</p>
                <h2 id="isolation">{td_string!(locale, reference.isolation)}</h2>
                <p>{prose(td_string!(locale, reference.isolation_text))}</p>
                <h2 id="limits">{td_string!(locale, reference.limits)}</h2>
                {limits_table(locale)}
                <h2 id="keys">{td_string!(locale, reference.keys)}</h2>
                <p>{prose(td_string!(locale, reference.keys_lead))}</p>
                {keys_table(locale)}
                <SingleKeys />
                <h2 id="api">{td_string!(locale, reference.api)}</h2>
                <p>{prose(td_string!(locale, reference.api_text))}</p>
            </article>
        </main>
    }
    .into_any()
}

/// Text whose parts between backticks are code.
fn prose(text: &'static str) -> impl IntoView {
    text.split('`')
        .enumerate()
        .map(|(index, part)| {
            if index % 2 == 1 {
                view! { <code>{part}</code> }.into_any()
            } else {
                part.into_any()
            }
        })
        .collect_view()
}

fn types(locale: Locale) -> impl IntoView {
    let rows = [
        (
            "force: float = 12.0",
            td_string!(locale, reference.type_float),
        ),
        ("count: int = 4", td_string!(locale, reference.type_int)),
        (
            "bending: bool = False",
            td_string!(locale, reference.type_bool),
        ),
        ("label: str = \"A\"", td_string!(locale, reference.type_str)),
        (
            "grade: Literal[\"8.8\", \"10.9\"] = \"8.8\"",
            td_string!(locale, reference.type_literal),
        ),
        (
            "loads: list[float] = [1.0, 2.0]",
            td_string!(locale, reference.type_list),
        ),
        (
            "beam: Beam = Beam()",
            td_string!(locale, reference.type_group),
        ),
        (
            "limit: float | None = None",
            td_string!(locale, reference.type_optional),
        ),
        (
            "force: Annotated[float, \"kN\"] = 12.0",
            td_string!(locale, reference.type_unit),
        ),
        (
            "options: dict = {}",
            td_string!(locale, reference.type_other),
        ),
    ];
    view! {
        <table class="doc-table">
            <thead><tr><th scope="col">{td_string!(locale, reference.col_write)}</th><th scope="col">{td_string!(locale, reference.col_get)}</th></tr></thead>
            <tbody>
                {rows.map(|(code, text)| view! { <tr><td><code>{code}</code></td><td>{text}</td></tr> }).collect_view()}
            </tbody>
        </table>
    }
}

fn results(locale: Locale) -> impl IntoView {
    let rows = [
        td_string!(locale, reference.result_numbers),
        td_string!(locale, reference.result_quantity),
        td_string!(locale, reference.result_arrays),
        td_string!(locale, reference.result_tables),
        td_string!(locale, reference.result_chart),
        td_string!(locale, reference.result_figures),
    ];
    view! { <ul>{rows.map(|text| view! { <li>{prose(text)}</li> }).collect_view()}</ul> }
}

/// The limits in force, from the constants that enforce them: what, how much, unit.
fn limits_in_force(locale: Locale) -> [(&'static str, u64, &'static str); 11] {
    let (kb, mb) = match locale {
        Locale::en => ("KB", "MB"),
        Locale::fr => ("Ko", "Mo"),
    };
    let kilobytes = |bytes: usize| (bytes / 1024) as u64;
    let megabytes = |bytes: u64| bytes / (1024 * 1024);
    [
        (
            td_string!(locale, reference.limit_wall),
            u64::from(limits::DEFAULT_WALL_S),
            "s",
        ),
        (
            td_string!(locale, reference.limit_wall_max),
            u64::from(limits::MAX_WALL_S),
            "s",
        ),
        (
            td_string!(locale, reference.limit_memory),
            u64::from(limits::MAX_MEMORY_MB),
            mb,
        ),
        (
            td_string!(locale, reference.limit_code),
            kilobytes(limits::MAX_CODE_BYTES),
            kb,
        ),
        (
            td_string!(locale, reference.limit_inputs),
            megabytes(limits::MAX_INPUTS_BYTES as u64),
            mb,
        ),
        (
            td_string!(locale, reference.limit_result),
            megabytes(limits::MAX_RESULT_BYTES),
            mb,
        ),
        (
            td_string!(locale, reference.limit_log),
            megabytes(limits::MAX_LOG_BYTES),
            mb,
        ),
        (
            td_string!(locale, reference.limit_figures),
            limits::MAX_FIGURES as u64,
            "",
        ),
        (
            td_string!(locale, reference.limit_figure),
            megabytes(limits::MAX_FIGURE_BYTES),
            mb,
        ),
        (
            td_string!(locale, reference.limit_queue),
            u64::from(limits::MAX_QUEUED_RUNS),
            "",
        ),
        (
            td_string!(locale, reference.limit_depth),
            limits::MAX_DEPTH as u64,
            "",
        ),
    ]
}

fn limits_table(locale: Locale) -> impl IntoView {
    let rows = limits_in_force(locale);
    view! {
        <table class="doc-table doc-limits">
            <thead><tr><th scope="col">{td_string!(locale, reference.col_limit)}</th><th scope="col" class="doc-value">{td_string!(locale, reference.col_value)}</th><td></td></tr></thead>
            <tbody>
                {rows
                    .map(|(what, value, unit)| view! { <tr><td>{what}</td><td class="doc-value">{value}</td><td class="unit">{unit}</td></tr> })
                    .collect_view()}
            </tbody>
        </table>
    }
}

fn keys_table(locale: Locale) -> impl IntoView {
    let ctrl = td_string!(locale, reference.name_ctrl);
    let shift = td_string!(locale, reference.name_shift);
    let enter = td_string!(locale, reference.name_enter);
    let rows: [(&[&str], &str); 13] = [
        (&[ctrl, enter], td_string!(locale, reference.key_run)),
        (
            &[ctrl, shift, enter],
            td_string!(locale, reference.key_cancel),
        ),
        (&[ctrl, "S"], td_string!(locale, reference.key_save)),
        (&["F6"], td_string!(locale, reference.key_pane)),
        (&[ctrl, "M", "Tab"], td_string!(locale, reference.key_tab)),
        (&["F8"], td_string!(locale, reference.key_problem)),
        (
            &[td_string!(locale, reference.name_arrows)],
            td_string!(locale, reference.key_arrows),
        ),
        (&["+", "−", "0"], td_string!(locale, reference.key_zoom)),
        (&[ctrl, "C"], td_string!(locale, reference.key_copy)),
        (&["/"], td_string!(locale, reference.key_search)),
        (&["N"], td_string!(locale, reference.key_new)),
        (&["?"], td_string!(locale, reference.key_all)),
        (
            &[td_string!(locale, reference.name_escape)],
            td_string!(locale, reference.key_escape),
        ),
    ];
    let row = |(keys, text): (&[&'static str], &'static str)| {
        let keys = keys
            .iter()
            .map(|key| view! { <kbd class="keycap">{*key}</kbd> })
            .collect_view();
        view! { <tr><td class="doc-keys">{keys}</td><td>{text}</td></tr> }
    };
    view! { <table class="doc-table"><tbody>{rows.map(row).collect_view()}</tbody></table> }
}

/// Switches the single-letter keys off in this browser.
#[component]
fn SingleKeys() -> impl IntoView {
    let locale = use_locale();
    let off = RwSignal::new(false);
    Effect::new(move || off.set(single_keys_off()));
    let change = move |event| {
        let now = event_target_checked(&event);
        set_single_keys_off(now);
        off.set(now);
    };
    view! {
        <label class="check-line">
            <input r#type="checkbox" class="check" prop:checked=move || off.get() on:change=change />
            {td_string!(locale, reference.keys_off)}
        </label>
    }
}
