//! What can be taken away from a result: its data, its charts, and the table behind each chart.

use super::{
    grid_view::GridTable,
    plan::{self, PlannedChart},
    sources::Sources,
};
use crate::{
    components::{Dialog, Glyph, Icon, Menu, MenuItem},
    i18n::{td_string, use_locale},
    plots::describe,
};
use domain::{
    RunId,
    chart::Chart,
    value::{Table, TableColumn, Value},
};
use leptos::prelude::*;
use std::sync::Arc;

/// The menu of downloads for a completed run.
#[component]
pub fn ExportMenu(run: RunId, #[prop(into)] result: String) -> impl IntoView {
    let locale = use_locale();
    let blocks = Value::parse(&result)
        .map(|value| plan::blocks(value, locale.into()))
        .unwrap_or_default();
    let charts: Vec<PlannedChart> = plan::charts(&blocks).into_iter().cloned().collect();
    let charts = StoredValue::new(charts);
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(0_usize);
    let title = Signal::derive(move || {
        charts.with_value(|charts| {
            charts
                .get(chosen.get())
                .map(|c| c.title().to_owned())
                .unwrap_or_default()
        })
    });
    let trigger = move || {
        view! { <Icon glyph=Glyph::Download /><span class="btn-label">{td_string!(locale, result.export)}</span> }
    };
    view! {
        <Menu label=td_string!(locale, result.export) class="btn btn-quiet btn-s" trigger=trigger.into()>
            <FileItem href=format!("/api/runs/{run}/result?download=1") label="JSON" />
            <FileItem href=format!("/api/runs/{run}/result?format=csv&download=1") label="CSV" />
            <FileItem
                href=format!("/api/runs/{run}/export.html?download=1")
                label=td_string!(locale, result.as_page)
            />
            {charts
                .get_value()
                .into_iter()
                .enumerate()
                .map(|(place, chart)| {
                    let file = format!("/api/runs/{run}/charts/{}", chart.index);
                    view! {
                        <div class="menu-rule"></div>
                        <div class="menu-title">{chart.title().to_owned()}</div>
                        <FileItem href=format!("{file}.svg?download=1") label="SVG" />
                        <FileItem href=format!("{file}.png?download=1") label="PNG" />
                        <MenuItem
                            label=td_string!(locale, result.chart_data)
                            on_choose=Callback::new(move |()| {
                                chosen.set(place);
                                open.set(true);
                            })
                        />
                    }
                })
                .collect_view()}
        </Menu>
        <Dialog open title wide=true>
            {move || {
                provide_context(Sources::of_run(run));
                let grid = charts.with_value(|charts| charts.get(chosen.get()).map(|c| data_grid(&c.chart)));
                grid.map(|grid| view! { <GridTable grid=Arc::new(grid) /> })
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn FileItem(href: String, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <a class="menu-item" role="menuitem" tabindex="-1" href=href download="" rel="external">
            {label}
        </a>
    }
    .into_any()
}

/// A chart's data as a grid.
#[must_use]
pub fn data_grid(chart: &Chart) -> super::grid::Grid {
    let data = describe::data_table(chart);
    let columns = data
        .columns
        .into_iter()
        .enumerate()
        .map(|(index, (name, unit))| TableColumn {
            name,
            dtype: String::new(),
            unit,
            values: data.rows.iter().map(|row| cell(&row[index])).collect(),
        })
        .collect();
    super::grid::Grid::from_table(chart.title.clone(), Table { columns })
}

fn cell(text: &str) -> Value {
    match text.parse::<f64>() {
        Ok(number) => Value::from_f64(number),
        Err(_) if text.is_empty() => Value::Null,
        Err(_) => Value::Text(text.to_owned()),
    }
}
