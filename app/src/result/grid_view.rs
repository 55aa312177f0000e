//! A grid as a table: a sticky head with units, pages of rows where the page is alive, the first
//! rows and the way to all of them where it is not.

use super::{
    grid::{Cell, Grid, GridColumn, PAGE},
    sources::use_sources,
    values::{Number, integer_width},
};
use crate::i18n::{Locale, is_one, td_string, use_locale};
use domain::Lang;
use leptos::prelude::*;
use std::sync::Arc;

/// Grids up to this many rows are open at first.
const OPEN_ROWS: usize = 24;

/// A named grid that folds; a long one is closed at first, and written when it is opened.
#[component]
pub fn GridSection(grid: Grid) -> impl IntoView {
    let locale = use_locale();
    let live = use_sources().live;
    let lists_open = grid.columns.len() > 1 || grid.rows <= OPEN_ROWS;
    let opened = RwSignal::new(lists_open || !live);
    let size = size_text(&grid, locale);
    let name = grid.name.clone();
    let unit = grid.shared_unit().map(str::to_owned);
    let grid = StoredValue::new(Arc::new(grid));
    let start_open = opened.get_untracked() && (lists_open || live);
    view! {
        <details
            class="fold"
            open=start_open
            on:toggle=move |_| opened.set(true)
        >
            <summary>
                <FoldMark />
                <span class="fold-name">{name}</span>
                <span class="unit">{unit}</span>
                <span class="fold-size">{size}</span>
            </summary>
            <Show when=move || opened.get()>
                <GridTable grid=grid.get_value() />
            </Show>
        </details>
    }
    .into_any()
}

#[component]
pub fn FoldMark() -> impl IntoView {
    use crate::components::{Glyph, Icon};
    view! { <Icon glyph=Glyph::ChevronRight class="fold-mark" /> }
}

fn size_text(grid: &Grid, locale: Locale) -> String {
    let lang: Lang = locale.into();
    let count =
        |number: usize| domain::number::format_integer(&number.to_string(), lang).to_string();
    let columns = grid.columns.len() + grid.hidden_columns;
    let (shown, one_row) = (count(grid.rows), is_one(locale, grid.rows as u64));
    if columns == 1 {
        return if one_row {
            td_string!(locale, result.values_count_single, count = shown).to_string()
        } else {
            td_string!(locale, result.values_count, count = shown).to_string()
        };
    }
    let rows = if one_row {
        td_string!(locale, result.rows_single, count = shown).to_string()
    } else {
        td_string!(locale, result.rows_count, count = shown).to_string()
    };
    let shown = count(columns);
    let columns = if is_one(locale, columns as u64) {
        td_string!(locale, result.columns_single, count = shown).to_string()
    } else {
        td_string!(locale, result.columns_count, count = shown).to_string()
    };
    format!("{rows}, {columns}")
}

fn hidden_text(hidden: usize, locale: Locale) -> String {
    if is_one(locale, hidden as u64) {
        td_string!(locale, result.hidden_columns_single, count = hidden).to_string()
    } else {
        td_string!(locale, result.hidden_columns, count = hidden).to_string()
    }
}

/// The table itself.
#[component]
pub fn GridTable(grid: Arc<Grid>) -> impl IntoView {
    let locale = use_locale();
    let sources = use_sources();
    let page = RwSignal::new(0_usize);
    let pages = grid.rows.div_ceil(PAGE).max(1);
    let rows = grid.rows;
    let hidden = grid.hidden_columns;
    let name = grid.name.clone();
    let columns = StoredValue::new(Arc::clone(&grid));
    view! {
        <div class="grid-scroll" tabindex="0" role="group" aria-label=name>
            <table class="data-grid">
                <thead>
                    <tr>
                        {grid.numbered.then(|| view! { <th scope="col" class="grid-place">"#"</th> })}
                        {grid.columns.iter().map(|column| head(column, locale.into())).collect_view()}
                    </tr>
                </thead>
                <tbody>{move || body(&columns.get_value(), page.get(), locale.into())}</tbody>
            </table>
        </div>
        {(hidden > 0)
            .then(|| view! { <p class="quiet small">{hidden_text(hidden, locale)}</p> })}
        {(rows > PAGE)
            .then(|| {
                if sources.live {
                    view! { <Pager page pages rows /> }.into_any()
                } else {
                    view! { <FirstRows rows csv=sources.csv() /> }.into_any()
                }
            })}
    }
    .into_any()
}

fn head(column: &GridColumn, lang: Lang) -> impl IntoView + use<> {
    let words = column.is_words(lang);
    let name = if column.name.is_empty() {
        lang.pick("Value", "Valeur").to_owned()
    } else {
        column.name.clone()
    };
    let unit = column.unit.clone().filter(|unit| !unit.is_empty());
    view! {
        <th scope="col" class:grid-words=words>
            {name}
            {unit.map(|unit| view! { " "<span class="unit">{unit}</span> })}
        </th>
    }
}

fn body(grid: &Grid, page: usize, lang: Lang) -> impl IntoView + use<> {
    let rows = page * PAGE..grid.rows.min((page + 1) * PAGE);
    let columns: Vec<(f64, bool, Vec<Cell>)> = grid
        .columns
        .iter()
        .map(|column| {
            let cells: Vec<Cell> = rows.clone().map(|row| column.cell(row, lang)).collect();
            let width = integer_width(cells.iter().map(|cell| &cell.number));
            (width, column.is_words(lang), cells)
        })
        .collect();
    rows.clone()
        .map(|row| {
            let place = grid
                .numbered
                .then(|| view! { <th scope="row" class="grid-place">{row}</th> });
            let cells = columns
                .iter()
                .map(|(width, words, cells)| {
                    let cell = cells[row - rows.start].clone();
                    view! { <GridCell cell width=*width words=*words /> }
                })
                .collect_view();
            view! { <tr>{place}{cells}</tr> }
        })
        .collect_view()
}

#[component]
fn GridCell(cell: Cell, width: f64, words: bool) -> impl IntoView {
    let style = (!cell.number.is_word).then(|| format!("--int:{width:.2}ch"));
    view! {
        <td class:grid-words=words style=style title=cell.exact>
            <Number number=cell.number />
        </td>
    }
    .into_any()
}

/// Turns the pages of a long table.
#[component]
fn Pager(page: RwSignal<usize>, pages: usize, rows: usize) -> impl IntoView {
    let locale = use_locale();
    let lang: Lang = locale.into();
    let count =
        move |number: usize| domain::number::format_integer(&number.to_string(), lang).to_string();
    let text = move || {
        let from = page.get() * PAGE;
        let to = rows.min(from + PAGE);
        td_string!(
            locale,
            result.rows_of,
            from = count(from),
            to = count(to - 1),
            total = count(rows)
        )
        .to_string()
    };
    let go = move |to: usize| page.set(to.min(pages - 1));
    let at_start = move || page.get() == 0;
    let at_end = move || page.get() + 1 == pages;
    let previous = move |_| go(page.get_untracked().saturating_sub(1));
    let next = move |_| go(page.get_untracked() + 1);
    view! {
        <nav class="pager" aria-label=td_string!(locale, result.pages)>
            <span class="quiet">{text}</span>
            <button r#type="button" class="link-btn" disabled=at_start on:click=move |_| go(0)>
                {td_string!(locale, result.first_page)}
            </button>
            <button r#type="button" class="link-btn" disabled=at_start on:click=previous>
                {td_string!(locale, result.previous_page)}
            </button>
            <button r#type="button" class="link-btn" disabled=at_end on:click=next>
                {td_string!(locale, result.next_page)}
            </button>
            <button r#type="button" class="link-btn" disabled=at_end on:click=move |_| go(pages - 1)>
                {td_string!(locale, result.last_page)}
            </button>
        </nav>
    }
    .into_any()
}

#[component]
fn FirstRows(rows: usize, csv: Option<String>) -> impl IntoView {
    let locale = use_locale();
    let lang: Lang = locale.into();
    let total = domain::number::format_integer(&rows.to_string(), lang).to_string();
    let text = td_string!(locale, result.first_rows, shown = PAGE, total = total).to_string();
    view! {
        <p class="quiet small">
            {text} {csv.map(|csv| view! { " "<a class="link-btn" href=csv>{td_string!(locale, result.all_as_csv)}</a> })}
        </p>
    }
    .into_any()
}
