//! Plots the reader's own choice of a result's columns.

use super::{
    chart_view::ChartView,
    choice::{Choice, Kind, find},
    describe, save, svg,
};
use crate::i18n::{td_string, use_locale};
use domain::{TaskId, value::Column};
use leptos::prelude::*;
use std::sync::Arc;

/// Where the browser keeps the choice for a task.
fn key(task: TaskId) -> String {
    format!("mecapy-plot-{task}")
}

fn remembered(task: TaskId) -> Option<Choice> {
    let storage = window().local_storage().ok().flatten()?;
    let text = storage.get_item(&key(task)).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// A browser that keeps nothing shows the first choice again; nothing else is lost.
fn remember(task: TaskId, choice: &Choice) {
    if let Ok(Some(storage)) = window().local_storage()
        && let Ok(text) = serde_json::to_string(choice)
    {
        let _ = storage.set_item(&key(task), &text);
    }
}

type Columns = StoredValue<Arc<Vec<Column>>>;

/// Chooses x and y from `columns`, which is not empty, and how they are drawn.
#[component]
pub fn PlotBuilder(columns: Vec<Column>, task: TaskId) -> impl IntoView {
    let locale = use_locale();
    let choice = RwSignal::new(Choice::first(&columns));
    let columns: Columns = StoredValue::new(Arc::new(columns));
    Effect::new(move || {
        if let Some(found) = remembered(task) {
            choice.set(found.fitted(&columns.get_value()));
        }
    });
    let change = move |act: &dyn Fn(&mut Choice)| {
        let mut next = choice.get_untracked();
        act(&mut next);
        let next = next.fitted(&columns.get_value());
        remember(task, &next);
        choice.set(next);
    };
    let chart = Memo::new(move |_| {
        let place = td_string!(locale, result.plot_place);
        choice.with(|choice| choice.chart(&columns.get_value(), place))
    });
    let drawn = move || {
        let chart = chart.get()?;
        let title = if chart.title.is_empty() { chart.y.label.clone() } else { chart.title.clone() };
        Some(view! { <ChartView chart=Arc::new(chart) title /> })
    };
    view! {
        <div class="plot-builder">
            <div class="plot-choices">
                <ColumnChoice
                    label=td_string!(locale, result.plot_x)
                    columns
                    chosen=Signal::derive(move || choice.with(|c| c.x.clone()))
                    fits=Signal::derive(move || choice.with(|c| c.y.clone()))
                    places=true
                    on_choose=Callback::new(move |x: String| change(&|c| {
                        c.x.clone_from(&x);
                        c.unit_x = None;
                    }))
                />
                <ColumnChoice
                    label=td_string!(locale, result.plot_y)
                    columns
                    chosen=Signal::derive(move || choice.with(|c| c.y.clone()))
                    on_choose=Callback::new(move |y: String| change(&|c| {
                        c.y.clone_from(&y);
                        c.unit_y = None;
                    }))
                />
                <label class="plot-field">
                    <span>{td_string!(locale, result.plot_kind)}</span>
                    <select
                        aria-label=td_string!(locale, result.plot_kind)
                        prop:value=move || choice.with(|c| c.kind.code())
                        on:change=move |event| {
                            let kind = Kind::parse(&event_target_value(&event)).unwrap_or_default();
                            change(&|c| c.kind = kind);
                        }
                    >
                        <option value="line">{td_string!(locale, result.plot_line)}</option>
                        <option value="scatter">{td_string!(locale, result.plot_scatter)}</option>
                        <option value="bar">{td_string!(locale, result.plot_bar)}</option>
                    </select>
                </label>
                <TextChoice
                    label=td_string!(locale, result.plot_title)
                    text=Signal::derive(move || choice.with(|c| c.title.clone()))
                    on_write=Callback::new(move |text: String| change(&|c| c.title.clone_from(&text)))
                />
                <TextChoice
                    label=td_string!(locale, result.plot_unit_x)
                    narrow=true
                    text=Signal::derive(move || choice.with(|c| written(&c.unit_x, &c.x, columns)))
                    on_write=Callback::new(move |text: String| change(&|c| c.unit_x = Some(text.clone())))
                />
                <TextChoice
                    label=td_string!(locale, result.plot_unit_y)
                    narrow=true
                    text=Signal::derive(move || choice.with(|c| written(&c.unit_y, &c.y, columns)))
                    on_write=Callback::new(move |text: String| change(&|c| c.unit_y = Some(text.clone())))
                />
                <Check
                    label=td_string!(locale, result.plot_log_x)
                    checked=Signal::derive(move || choice.with(|c| c.log_x))
                    on_change=Callback::new(move |on: bool| change(&|c| c.log_x = on))
                />
                <Check
                    label=td_string!(locale, result.plot_log_y)
                    checked=Signal::derive(move || choice.with(|c| c.log_y))
                    on_change=Callback::new(move |on: bool| change(&|c| c.log_y = on))
                />
            </div>
            {drawn}
            <p class="plot-save">
                <button
                    r#type="button"
                    class="link-btn"
                    on:click=move |_| with_file(chart, |name, file| save::text(&name, "image/svg+xml", file), locale.into(), "svg")
                >
                    {td_string!(locale, result.plot_svg)}
                </button>
                <button
                    r#type="button"
                    class="link-btn"
                    on:click=move |_| with_file(chart, |name, file| save::png(name, file), locale.into(), "png")
                >
                    {td_string!(locale, result.plot_png)}
                </button>
            </p>
        </div>
    }
    .into_any()
}

/// Gives the stand-alone SVG and a file's name to `act`.
fn with_file(
    chart: Memo<Option<domain::chart::Chart>>,
    act: impl FnOnce(String, &str),
    lang: domain::Lang,
    ending: &str,
) {
    if let Some(chart) = chart.get_untracked() {
        let name = format!("{}.{ending}", describe::file_name(&chart));
        act(name, &svg::document(&chart, lang));
    }
}

/// The unit on show: what was written, else the column's own.
fn written(unit: &Option<String>, path: &str, columns: Columns) -> String {
    unit.clone()
        .or_else(|| columns.with_value(|columns| find(columns, path).and_then(|c| c.unit.clone())))
        .unwrap_or_default()
}

#[component]
fn ColumnChoice(
    #[prop(into)] label: String,
    columns: Columns,
    chosen: Signal<String>,
    /// Offers only columns as long as this one.
    #[prop(optional, into)]
    fits: Option<Signal<String>>,
    /// Offers the place in the list too.
    #[prop(optional)]
    places: bool,
    on_choose: Callback<String>,
) -> impl IntoView {
    let locale = use_locale();
    let length = Memo::new(move |_| {
        let path = fits?.get();
        columns.with_value(|columns| find(columns, &path).map(|column| column.values.len()))
    });
    let options = move || {
        let wanted = length.get();
        columns.with_value(|columns| {
            columns
                .iter()
                .filter(|column| wanted.is_none_or(|wanted| wanted == column.values.len()))
                .map(|column| {
                    let path = column.path.clone();
                    let is_chosen = { let path = path.clone(); move || chosen.get() == path };
                    view! { <option value=path.clone() selected=is_chosen>{path.clone()}</option> }
                })
                .collect_view()
        })
    };
    view! {
        <label class="plot-field">
            <span>{label.clone()}</span>
            <select aria-label=label on:change=move |event| on_choose.run(event_target_value(&event))>
                {places.then(|| view! { <option value="" selected=move || chosen.with(String::is_empty)>{td_string!(locale, result.plot_place)}</option> })}
                {options}
            </select>
        </label>
    }
    .into_any()
}

#[component]
fn TextChoice(
    #[prop(into)] label: String,
    text: Signal<String>,
    on_write: Callback<String>,
    #[prop(optional)] narrow: bool,
) -> impl IntoView {
    view! {
        <label class="plot-field" class:plot-field-narrow=narrow>
            <span>{label.clone()}</span>
            <input aria-label=label r#type="text" maxlength="120" prop:value=text on:change=move |event| on_write.run(event_target_value(&event)) />
        </label>
    }
    .into_any()
}

#[component]
fn Check(#[prop(into)] label: String, checked: Signal<bool>, on_change: Callback<bool>) -> impl IntoView {
    view! {
        <label class="plot-check">
            <input r#type="checkbox" prop:checked=checked on:change=move |event| on_change.run(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
