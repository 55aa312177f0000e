//! The figures of a result: which there are is stored with the run, so that one in an upload slot is
//! found without reading the result.

use super::read::{result_of, text};
use crate::{
    Error, Services,
    db::{RunRecord, StoredFigure},
    error::{Internal, problem},
    objects,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::{
    ProblemCode,
    limits::MAX_FIGURES,
    value::{FigureFormat, Value, figures},
};

/// A figure of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub bytes: Bytes,
    pub media_type: &'static str,
}

/// What is stored of a result's figures.
pub(crate) fn stored(result: &Value) -> Vec<StoredFigure> {
    let one = |figure: &&domain::value::Figure| StoredFigure {
        index: figure.index,
        png: figure.format == FigureFormat::Png,
        inline: figure.data.is_some(),
    };
    figures(result).iter().take(MAX_FIGURES).map(one).collect()
}

/// Figure `n`: the one of that number, else the one at that place.
pub(crate) async fn figure_of(s: &Services, record: &RunRecord, n: u32) -> Result<Figure, Error> {
    let all = match (&record.figures, &record.result) {
        (Some(all), Some(_)) => all.clone(),
        _ => list_from_result(s, record).await?,
    };
    let place = all.iter().position(|figure| figure.index == Some(n));
    let place = place.unwrap_or(n as usize);
    let figure = all.get(place).ok_or_else(|| unknown(n))?;
    let bytes = if figure.inline {
        from_result(s, record, place).await?
    } else {
        let summary = &record.detail.summary;
        let slot = figure.index.unwrap_or(n);
        let key = objects::figure_key(summary.id, summary.attempt, slot);
        s.0.objects.get(&key).await?
    };
    let bytes = bytes.ok_or_else(|| unknown(n))?;
    let media_type = media_type(&bytes, figure.png);
    Ok(Figure { bytes, media_type })
}

/// For runs that ended before their figures were stored with them.
async fn list_from_result(s: &Services, record: &RunRecord) -> Result<Vec<StoredFigure>, Error> {
    let json = result_of(s, record).await?.json;
    let read = move || Value::parse(&json).map(|value| stored(&value));
    let listed = s.offload(record_bytes(record), read).await?;
    Ok(listed.map_err(unreadable)?)
}

/// The bytes of a figure that had no slot.
async fn from_result(
    s: &Services,
    record: &RunRecord,
    place: usize,
) -> Result<Option<Bytes>, Error> {
    let Some(placed) = &record.result else {
        return Ok(None);
    };
    let json = text(s, placed, "run's result").await?;
    let read = move || {
        let value = Value::parse(&json)?;
        let data = figures(&value)
            .get(place)
            .and_then(|figure| figure.data.as_ref());
        Ok(data.and_then(|data| STANDARD.decode(data).ok()))
    };
    let found = s.offload(record_bytes(record), read).await?;
    Ok(found.map_err(unreadable)?.map(Bytes::from))
}

fn record_bytes(record: &RunRecord) -> usize {
    let bytes = record.detail.result_bytes.unwrap_or(u64::MAX);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn unreadable(error: domain::value::ReadError) -> Internal {
    Internal::Stored {
        what: "run's result",
        source: error.into(),
    }
}

fn unknown(n: u32) -> Error {
    problem(
        ProblemCode::NotFound,
        format!("The result has no figure {n}."),
    )
}

/// What the bytes are counts, not what the result says they are.
fn media_type(bytes: &[u8], is_png: bool) -> &'static str {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    if bytes.starts_with(PNG) {
        FigureFormat::Png.media_type()
    } else if is_png {
        "application/octet-stream"
    } else {
        FigureFormat::Svg.media_type()
    }
}
