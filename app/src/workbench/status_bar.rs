//! The line at the bottom: problems, cursor, and what the run on show ran in.

use super::Bench;
use crate::{
    components::{Glyph, Icon},
    i18n::{td_string, use_locale},
};
use domain::limits::Limits;
use leptos::prelude::*;

/// Packages named in the bar, when the worker has them.
const NAMED_PACKAGES: [&str; 2] = ["numpy", "scipy"];

#[component]
pub fn StatusBar(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let cursor = bench.editor.cursor;
    let limits = Memo::new(move |_| {
        bench.shown.with(|shown| {
            shown
                .as_ref()
                .map_or_else(Limits::default, |shown| shown.detail.limits)
        })
    });
    view! {
        <footer class="statusbar">
            <Problems bench />
            <span class="status-fill"></span>
            <span class="status-item">
                {move || {
                    let at = cursor.get();
                    td_string!(locale, workbench.cursor, line = at.line, column = at.column).to_string()
                }}
            </span>
            <RanIn bench />
            <span class="status-item">
                {move || {
                    let limits = limits.get();
                    td_string!(locale, workbench.limits, seconds = limits.wall_s, memory = limits.memory_mb).to_string()
                }}
            </span>
        </footer>
    }
    .into_any()
}

/// The mistake in the code and the way to it, or that there is none.
#[component]
fn Problems(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let mistake = Memo::new(move |_| bench.mistake());
    move || {
        match mistake.get() {
        None => view! {
            <span class="status-item"><Icon glyph=Glyph::Check />{td_string!(locale, workbench.no_problems)}</span>
        }
        .into_any(),
        Some(mistake) => {
            let line = mistake.line;
            view! {
                <button
                    r#type="button"
                    class="status-item status-error"
                    title=mistake.title
                    on:click=move |_| bench.go_to_line(line)
                >
                    <Icon glyph=Glyph::Failed />
                    {td_string!(locale, workbench.one_error, line = line).to_string()}
                </button>
            }
            .into_any()
        }
    }
    }
}

/// Python, packages and confinement of the run on show.
#[component]
fn RanIn(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let provenance = Memo::new(move |_| {
        bench.shown.with(|shown| {
            shown
                .as_ref()
                .or(bench.last_good.read().as_ref())
                .map(|shown| shown.detail.provenance.clone())
        })
    });
    move || {
        let provenance = provenance.get()?;
        let python = provenance
            .python
            .split('.')
            .take(2)
            .collect::<Vec<_>>()
            .join(".");
        let packages = NAMED_PACKAGES
            .into_iter()
            .filter_map(|name| {
                provenance
                    .packages
                    .get(name)
                    .map(|version| format!("{name} {version}"))
            })
            .map(|text| view! { <span class="status-item">{text}</span> })
            .collect_view();
        let layers = provenance.sandbox_layers.join(", ");
        Some(view! {
            {(!python.is_empty()).then(|| view! { <span class="status-item">{format!("Python {python}")}</span> })}
            {packages}
            {(!provenance.sandbox_level.is_empty()).then(|| view! {
                <span class="status-item" title=layers>
                    <Icon glyph=Glyph::Lock />
                    {td_string!(locale, workbench.sandbox, level = provenance.sandbox_level.clone()).to_string()}
                </span>
            })}
        })
    }
}
