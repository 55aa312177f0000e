//! What made a result, so that it can be checked and made again.

use super::words;
use crate::i18n::{Locale, td_string, use_locale};
use domain::{Timestamp, number, run::RunDetail};
use leptos::prelude::*;

#[component]
pub fn Provenance(
    run: RunDetail,
    /// The page's address, which is printed.
    link: Option<String>,
) -> impl IntoView {
    let locale = use_locale();
    let made = &run.provenance;
    let hashes = [
        (td_string!(locale, share.hash_code), &made.code_sha256),
        (td_string!(locale, share.hash_inputs), &made.inputs_sha256),
        (td_string!(locale, share.hash_result), &made.result_sha256),
        (
            td_string!(locale, share.hash_environment),
            &made.packages_hash,
        ),
    ];
    let rows = hashes
        .into_iter()
        .filter(|(_, hash)| !hash.is_empty())
        .map(|(name, hash)| view! { <tr><th scope="row">{name}</th><td class="hash">{grouped(hash)}</td></tr> })
        .collect_view();
    view! {
        <section id="provenance" class="doc-section">
            <h2>{td_string!(locale, share.provenance)}</h2>
            <table class="provenance">
                <tbody>
                    <tr><th scope="row">{td_string!(locale, share.run)}</th><td class="hash">{run.summary.id.to_string()}</td></tr>
                    {rows}
                    <tr><th scope="row">{td_string!(locale, share.ran_on)}</th><td>{ran_on(&run, locale)}</td></tr>
                    <tr><th scope="row">{td_string!(locale, share.took)}</th><td>{took(&run, locale)}</td></tr>
                    {link.map(|link| view! { <tr class="print-only"><th scope="row">{td_string!(locale, share.link)}</th><td>{link}</td></tr> })}
                </tbody>
            </table>
            <p class="quiet small">{td_string!(locale, share.hashes_are)}</p>
        </section>
    }
    .into_any()
}

/// Groups of eight.
fn grouped(hash: &str) -> String {
    let characters: Vec<char> = hash.chars().collect();
    let groups: Vec<String> = characters
        .chunks(8)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

fn ran_on(run: &RunDetail, locale: Locale) -> String {
    let made = &run.provenance;
    let mut parts = Vec::new();
    if !made.python.is_empty() {
        parts.push(format!("Python {}", made.python));
    }
    parts.extend(
        made.packages
            .iter()
            .map(|(name, version)| format!("{name} {version}")),
    );
    if !made.sandbox_level.is_empty() {
        parts.push(
            td_string!(locale, share.sandbox, level = made.sandbox_level.clone()).to_string(),
        );
    }
    if parts.is_empty() {
        "–".to_owned()
    } else {
        parts.join(", ")
    }
}

fn took(run: &RunDetail, locale: Locale) -> String {
    let lang = locale.into();
    let mut parts = Vec::new();
    if let Some(wall) = run.summary.wall_ms {
        parts.push(number::duration(wall, lang));
    }
    if let Some(memory) = run.memory_peak_mb {
        let megabytes =
            number::format_integer(&format!("{:.0}", memory.max(0.0)), lang).to_string();
        parts.push(td_string!(locale, share.memory_at_most, megabytes = megabytes).to_string());
    }
    parts.push(words::moment(ended(run), locale));
    parts.join(", ")
}

/// When the run ended, or last was known.
#[must_use]
pub fn ended(run: &RunDetail) -> Timestamp {
    let summary = &run.summary;
    summary
        .finished_at
        .or(summary.started_at)
        .unwrap_or(summary.enqueued_at)
}
