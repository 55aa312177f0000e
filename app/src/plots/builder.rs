//! Plots the reader's own choice of a result's columns.

use super::{
    chart_view::ChartView,
    choice::{Choice, Kind, find},
    describe, save, svg,
};
use crate::i18n::{td_string, use_locale};
use domain::{Lang, TaskId, chart::Chart, value::Column};
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

/// The choice on show, and the way to change and remember it.
#[derive(Clone, Copy)]
struct Choosing {
    task: TaskId,
    columns: Columns,
    choice: RwSignal<Choice>,
}

impl Choosing {
    fn change(self, act: impl FnOnce(&mut Choice)) {
        let mut next = self.choice.get_untracked();
        act(&mut next);
        let next = next.fitted(&self.columns.get_value());
        remember(self.task, &next);
        self.choice.set(next);
    }

    fn get<T: Send + Sync + 'static>(
        self,
        pick: impl Fn(&Choice) -> T + Send + Sync + 'static,
    ) -> Signal<T> {
        Signal::derive(move || self.choice.with(&pick))
    }

    fn chart(self, place_name: &'static str) -> Memo<Option<Chart>> {
        Memo::new(move |_| {
            self.choice
                .with(|choice| choice.chart(&self.columns.get_value(), place_name))
        })
    }
}

/// Chooses x and y from `columns`, which is not empty, and how they are drawn.
#[component]
pub fn PlotBuilder(columns: Vec<Column>, task: TaskId) -> impl IntoView {
    let locale = use_locale();
    let choosing = Choosing {
        task,
        choice: RwSignal::new(Choice::first(&columns)),
        columns: StoredValue::new(Arc::new(columns)),
    };
    Effect::new(move || {
        if let Some(found) = remembered(task) {
            choosing
                .choice
                .set(found.fitted(&choosing.columns.get_value()));
        }
    });
    let chart = choosing.chart(td_string!(locale, result.plot_place));
    let drawn = move || {
        let chart = chart.get()?;
        let title = match chart.title.as_str() {
            "" => format!(
                "{} {} {}",
                chart.y.label,
                td_string!(locale, result.plot_over),
                chart.x.label
            ),
            title => title.to_owned(),
        };
        Some(view! { <ChartView chart=Arc::new(chart) title /> })
    };
    view! {
        <div class="plot-builder">
            <div class="plot-choices">
                <DataChoices choosing />
                <LooksChoices choosing />
            </div>
            {drawn}
            <SaveButtons chart />
        </div>
    }
    .into_any()
}

/// What is plotted against what, and as what.
#[component]
fn DataChoices(choosing: Choosing) -> impl IntoView {
    let locale = use_locale();
    let choose_x = move |x: String| {
        choosing.change(|choice| {
            choice.x = x;
            choice.unit_x = None;
        });
    };
    let choose_y = move |y: String| {
        choosing.change(|choice| {
            choice.y = y;
            choice.unit_y = None;
        });
    };
    let choose_kind = move |event| {
        let kind = Kind::parse(&event_target_value(&event)).unwrap_or_default();
        choosing.change(|choice| choice.kind = kind);
    };
    let kind = choosing.get(|choice| choice.kind);
    let words = [
        td_string!(locale, result.plot_line),
        td_string!(locale, result.plot_scatter),
        td_string!(locale, result.plot_bar),
    ];
    let kinds = Kind::ALL
        .into_iter()
        .zip(words)
        .map(|(one, word)| view! { <option value=one.code() selected=move || kind.get() == one>{word}</option> })
        .collect_view();
    view! {
        <ColumnChoice
            label=td_string!(locale, result.plot_x)
            columns=choosing.columns
            chosen=choosing.get(|choice| choice.x.clone())
            fits=choosing.get(|choice| choice.y.clone())
            places=true
            on_choose=Callback::new(choose_x)
        />
        <ColumnChoice
            label=td_string!(locale, result.plot_y)
            columns=choosing.columns
            chosen=choosing.get(|choice| choice.y.clone())
            on_choose=Callback::new(choose_y)
        />
        <label class="plot-field">
            <span>{td_string!(locale, result.plot_kind)}</span>
            <select aria-label=td_string!(locale, result.plot_kind) on:change=choose_kind>{kinds}</select>
        </label>
    }
    .into_any()
}

/// Title, units and scales.
#[component]
fn LooksChoices(choosing: Choosing) -> impl IntoView {
    let locale = use_locale();
    let columns = choosing.columns;
    view! {
        <TextChoice
            label=td_string!(locale, result.plot_title)
            text=choosing.get(|choice| choice.title.clone())
            on_write=Callback::new(move |text| choosing.change(|choice| choice.title = text))
        />
        <TextChoice
            label=td_string!(locale, result.plot_unit_x)
            narrow=true
            text=choosing.get(move |choice| written(&choice.unit_x, &choice.x, columns))
            on_write=Callback::new(move |text| choosing.change(|choice| choice.unit_x = Some(text)))
        />
        <TextChoice
            label=td_string!(locale, result.plot_unit_y)
            narrow=true
            text=choosing.get(move |choice| written(&choice.unit_y, &choice.y, columns))
            on_write=Callback::new(move |text| choosing.change(|choice| choice.unit_y = Some(text)))
        />
        <Check
            label=td_string!(locale, result.plot_log_x)
            checked=choosing.get(|choice| choice.log_x)
            on_change=Callback::new(move |on| choosing.change(|choice| choice.log_x = on))
        />
        <Check
            label=td_string!(locale, result.plot_log_y)
            checked=choosing.get(|choice| choice.log_y)
            on_change=Callback::new(move |on| choosing.change(|choice| choice.log_y = on))
        />
    }
    .into_any()
}

#[component]
fn SaveButtons(chart: Memo<Option<Chart>>) -> impl IntoView {
    let locale = use_locale();
    let lang: Lang = locale.into();
    let save_svg = move |_| {
        with_file(chart, lang, "svg", |name, file| {
            save::text(&name, "image/svg+xml", file)
        });
    };
    let save_png = move |_| with_file(chart, lang, "png", save::png);
    view! {
        <p class="plot-save">
            <button r#type="button" class="link-btn" on:click=save_svg>
                {td_string!(locale, result.plot_svg)}
            </button>
            <button r#type="button" class="link-btn" on:click=save_png>
                {td_string!(locale, result.plot_png)}
            </button>
        </p>
    }
}

/// Gives the name of a file and the stand-alone SVG to `act`.
fn with_file(chart: Memo<Option<Chart>>, lang: Lang, ending: &str, act: impl FnOnce(String, &str)) {
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
    let options =
        move || {
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
fn Check(
    #[prop(into)] label: String,
    checked: Signal<bool>,
    on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="plot-check">
            <input r#type="checkbox" prop:checked=checked on:change=move |event| on_change.run(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
