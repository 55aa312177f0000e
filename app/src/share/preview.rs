//! What other programs show beside a link to a shared page: a picture of its plot, or of its first
//! values.

use crate::{
    components::number::headline_text as headline_line,
    plots::png::{self, BitmapError, Fact, Preview},
    result::plan::{self, Block, Row},
};
use domain::{Lang, share::SharedRun, value::Value};

/// The preview of a share as PNG.
///
/// # Errors
/// Only when the fonts or the encoder fail, which no input can cause.
pub fn preview_png(shared: &SharedRun, lang: Lang) -> Result<Vec<u8>, BitmapError> {
    let result = shared
        .result
        .as_deref()
        .and_then(|json| Value::parse(json).ok());
    let blocks = result
        .map(|value| plan::blocks(value, lang))
        .unwrap_or_default();
    let charts = plan::charts(&blocks);
    png::preview(&Preview {
        name: &shared.task_name,
        facts: &facts(shared, &blocks, lang),
        chart: charts.first().map(|planned| &planned.chart),
        lang,
    })
}

/// The headline first, then the other values that are numbers.
fn facts(shared: &SharedRun, blocks: &[Block], lang: Lang) -> Vec<Fact> {
    let headline = shared.run.summary.headline.as_ref();
    let mut facts: Vec<Fact> = Vec::new();
    if let Some(headline) = headline
        && let Ok(value) = Value::parse(&headline.value)
    {
        let value = domain::number::format_value(&value, lang).unwrap_or_default();
        facts.push(Fact {
            label: headline.label.clone(),
            value: value.to_string(),
            unit: headline.unit.clone().unwrap_or_default(),
        });
    }
    let rows = blocks.iter().find_map(|block| match block {
        Block::Values(rows) => Some(rows.as_slice()),
        _ => None,
    });
    let is_other = |row: &&Row| headline.is_none_or(|headline| headline.label != row.name);
    facts.extend(
        rows.unwrap_or_default()
            .iter()
            .filter(is_other)
            .map(|row| Fact {
                label: row.name.clone(),
                value: row.number.to_string(),
                unit: row.unit.clone().unwrap_or_default(),
            }),
    );
    facts
}

/// `Overshoot 52.66 %`
pub(super) fn headline_text(shared: &SharedRun, lang: Lang) -> Option<String> {
    let headline = shared.run.summary.headline.as_ref()?;
    Some(headline_line(headline, lang))
}
