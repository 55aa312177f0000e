//! A whole result on a page.

use super::{
    grid_view::{FoldMark, GridSection},
    plan::{self, Block, Group, OPEN_DEPTH, PlannedChart},
    sources::{Sources, use_sources},
    values::ValueTable,
};
use crate::{
    i18n::{is_one, td_string, use_locale},
    plots::{ChartView, PlotBuilder, svg},
};
use domain::{
    RunId, TaskId,
    chart::Chart,
    value::{Column, Figure, Value, columns},
};
use leptos::prelude::*;
use std::sync::Arc;

/// Widths that a chart is drawn for on a page without scripts, pixels.
const STILL_WIDE: f64 = 760.0;
const STILL_NARROW: f64 = 358.0;
/// Characters of a text that are shown before it folds.
const TEXT_SHOWN: usize = 2000;

/// The result of a completed run, in the result encoding as JSON text, with a plot of the reader's
/// own choice where there are columns to choose from.
#[component]
pub fn ResultView(
    #[prop(into)] result: String,
    run: RunId,
    /// For which task the choice of a plot is remembered.
    task: TaskId,
) -> impl IntoView {
    provide_context(Sources::of_run(run));
    let locale = use_locale();
    let Ok(value) = Value::parse(&result) else {
        // Stored results are valid; this is what a defect of ours would look like.
        return view! { <pre class="text-value">{result}</pre> }.into_any();
    };
    let columns = columns(&value);
    let blocks = plan::blocks(value, locale.into());
    let has_charts = !plan::charts(&blocks).is_empty();
    view! {
        <Blocks blocks top=true />
        {(!columns.is_empty()).then(|| view! { <OwnPlot columns task open=!has_charts /> })}
    }
    .into_any()
}

/// The plot of the reader's choice; open at first where the author returned no chart.
#[component]
fn OwnPlot(columns: Vec<Column>, task: TaskId, open: bool) -> impl IntoView {
    let locale = use_locale();
    let opened = RwSignal::new(open);
    let columns = StoredValue::new(columns);
    view! {
        <details class="fold" open=open on:toggle=move |_| opened.set(true)>
            <summary>
                <FoldMark />
                <span class="fold-name">{td_string!(locale, result.plot)}</span>
            </summary>
            <Show when=move || opened.get()>
                <PlotBuilder columns=columns.get_value() task />
            </Show>
        </details>
    }
    .into_any()
}

/// Blocks of a result or of a group within it.
#[component]
pub fn Blocks(
    blocks: Vec<Block>,
    /// Says so when there is nothing.
    #[prop(optional)]
    top: bool,
) -> impl IntoView {
    let locale = use_locale();
    if blocks.is_empty() {
        let text = if top {
            td_string!(locale, result.nothing)
        } else {
            td_string!(locale, result.empty_group)
        };
        return view! { <p class="quiet">{text}</p> }.into_any();
    }
    blocks
        .into_iter()
        .map(|block| view! { <BlockView block /> })
        .collect_view()
        .into_any()
}

#[component]
fn BlockView(block: Block) -> impl IntoView {
    let locale = use_locale();
    match block {
        Block::Values(rows) => view! { <ValueTable rows /> }.into_any(),
        Block::Group(group) => view! { <GroupView group /> }.into_any(),
        Block::Grid(grid) => view! { <GridSection grid /> }.into_any(),
        Block::Chart(chart) => view! { <ChartBlock chart=*chart /> }.into_any(),
        Block::Figure { name, figure } => view! { <FigureView name figure=*figure /> }.into_any(),
        Block::Text { name, text } => view! { <TextView name text /> }.into_any(),
        Block::Rest { hidden } => {
            let text = if is_one(locale, hidden as u64) {
                td_string!(locale, result.more_entries_single, count = hidden).to_string()
            } else {
                td_string!(locale, result.more_entries, count = hidden).to_string()
            };
            view! { <p class="quiet small">{text}</p> }.into_any()
        }
    }
}

#[component]
fn GroupView(group: Group) -> impl IntoView {
    let locale = use_locale();
    let count = if is_one(locale, group.entries as u64) {
        td_string!(locale, result.entries_single, count = group.entries).to_string()
    } else {
        td_string!(locale, result.entries_count, count = group.entries).to_string()
    };
    view! {
        <details class="fold" open=group.depth < OPEN_DEPTH>
            <summary>
                <FoldMark />
                <span class="fold-name">{group.name}</span>
                <span class="fold-size">{count}</span>
            </summary>
            <div class="fold-body"><Blocks blocks=group.blocks /></div>
        </details>
    }
    .into_any()
}

#[component]
fn ChartBlock(chart: PlannedChart) -> impl IntoView {
    let title = chart.title().to_owned();
    let id = chart_id(chart.index);
    if use_sources().live {
        return view! { <div class="block" id=id><ChartView chart=Arc::new(chart.chart) title /></div> }.into_any();
    }
    view! {
        <section class="block" id=id>
            <h2>{title}</h2>
            <StillChart chart=chart.chart />
        </section>
    }
    .into_any()
}

/// The anchor of a chart in its page.
#[must_use]
pub fn chart_id(index: usize) -> String {
    format!("chart-{}", index + 1)
}

/// A chart for a page without scripts: drawn twice, and the style sheet shows the one that fits.
#[component]
fn StillChart(chart: Chart) -> impl IntoView {
    let lang = use_locale().into();
    view! {
        <div class="chart-still chart-wide" inner_html=svg::element(&chart, STILL_WIDE, lang)></div>
        <div class="chart-still chart-narrow" inner_html=svg::element(&chart, STILL_NARROW, lang)></div>
    }
    .into_any()
}

#[component]
fn FigureView(name: String, figure: Figure) -> impl IntoView {
    let locale = use_locale();
    let source = use_sources().figure(&figure);
    let title = figure.title.clone().filter(|title| !title.is_empty());
    let caption = title.clone().unwrap_or_else(|| name.clone());
    match source {
        Some(source) => view! {
            <figure class="block figure">
                <figcaption>{caption.clone()}</figcaption>
                <img src=source alt=caption width=figure.width height=figure.height loading="lazy" decoding="async" />
            </figure>
        }
        .into_any(),
        None => view! { <p class="quiet">{td_string!(locale, result.figure_missing, name = name).to_string()}</p> }
            .into_any(),
    }
}

/// A text too long for a row.
#[component]
fn TextView(name: String, text: String) -> impl IntoView {
    let locale = use_locale();
    let folded = text.char_indices().nth(TEXT_SHOWN).map(|(end, _)| end);
    let body = match folded {
        None => view! { <pre class="text-value" tabindex="0">{text}</pre> }.into_any(),
        Some(end) => {
            let count = text.chars().count();
            let start = format!("{}…", &text[..end]);
            view! {
                <pre class="text-value" tabindex="0">{start}</pre>
                <details class="text-rest">
                    <summary class="link-btn">{td_string!(locale, result.whole_text, count = count).to_string()}</summary>
                    <pre class="text-value" tabindex="0">{text}</pre>
                </details>
            }
            .into_any()
        }
    };
    view! {
        <section class="block">
            <h4 class="text-name">{name}</h4>
            {body}
        </section>
    }
    .into_any()
}
