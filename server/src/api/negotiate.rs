//! The form a client wants an answer in: `Accept` (RFC 9110) or, for browsers, `?format=`.

use axum::http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::ToSchema;

/// The form a result is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Large arrays as base64 instead of lists.
    TypedJson,
    Arrow,
    Parquet,
    Csv,
    Json,
}

/// What `?format=` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Json,
    Csv,
    Arrow,
    Parquet,
}

impl Form {
    /// Of forms that are wanted equally, the earlier one is sent.
    const ALL: [Self; 5] = [
        Self::TypedJson,
        Self::Arrow,
        Self::Parquet,
        Self::Csv,
        Self::Json,
    ];

    /// As `Accept` names it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::TypedJson => "application/vnd.mecapy.typed+json",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
        }
    }

    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            other => other.media_type(),
        }
    }

    /// The end of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::TypedJson | Self::Json => "json",
            Self::Arrow => "arrows",
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }

    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::TypedJson)
    }

    /// Only a table can be sent so.
    #[must_use]
    pub const fn is_tabular(self) -> bool {
        matches!(self, Self::Arrow | Self::Parquet)
    }
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Csv => Self::Csv,
            Format::Arrow => Self::Arrow,
            Format::Parquet => Self::Parquet,
        }
    }
}

/// The forms that will do, the most wanted first; never empty. Wildcards mean JSON, as browsers
/// send them, and so does a client that names nothing of ours.
#[must_use]
pub fn forms(format: Option<Format>, headers: &HeaderMap) -> Vec<Form> {
    if let Some(format) = format {
        return vec![format.into()];
    }
    let mut wanted: Vec<(Form, f32)> = Form::ALL
        .into_iter()
        .filter_map(|form| Some((form, quality(headers, form)?)))
        .filter(|(_, quality)| *quality > 0.0)
        .collect();
    wanted.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    if wanted.is_empty() {
        wanted.push((Form::Json, 1.0));
    }
    wanted.into_iter().map(|(form, _)| form).collect()
}

/// The form of an answer that is JSON in any case.
#[must_use]
pub fn json_form(headers: &HeaderMap) -> Form {
    let forms = forms(None, headers);
    let json = forms.into_iter().find(|form| form.is_json());
    json.unwrap_or(Form::Json)
}

/// How much a form is wanted, 0 to 1; `None` when it is not named.
fn quality(headers: &HeaderMap, form: Form) -> Option<f32> {
    let named = entries(headers).find(|(kind, _)| kind.eq_ignore_ascii_case(form.media_type()));
    let wildcard = || {
        let any = |kind: &str| matches!(kind, "*/*" | "application/*");
        entries(headers).find(|(kind, _)| form == Form::Json && any(kind))
    };
    named.or_else(wildcard).map(|(_, quality)| quality)
}

fn entries(headers: &HeaderMap) -> impl Iterator<Item = (&str, f32)> {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let quality = parts
                .filter_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")))
                .find_map(|text| text.parse().ok())
                .unwrap_or(1.0);
            (kind, quality)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Vec<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().expect("a header value"));
        forms(None, &headers)
    }

    #[test]
    fn the_most_wanted_form_comes_first_and_refused_ones_not_at_all() {
        use Form::{Arrow, Csv, Json, Parquet, TypedJson};
        for (accept, forms) in [
            ("*/*", vec![Json]),
            ("text/html,application/xhtml+xml,*/*;q=0.8", vec![Json]),
            ("image/png", vec![Json]),
            (
                "application/vnd.mecapy.typed+json, application/json",
                vec![TypedJson, Json],
            ),
            (
                "application/json, application/vnd.mecapy.typed+json",
                vec![TypedJson, Json],
            ),
            ("text/CSV;q=0.5, application/json;q=0.9", vec![Json, Csv]),
            (
                "application/vnd.apache.parquet, */*;q=0.1",
                vec![Parquet, Json],
            ),
            ("application/vnd.apache.arrow.stream", vec![Arrow]),
            (
                "application/vnd.mecapy.typed+json;q=0, application/json",
                vec![Json],
            ),
        ] {
            assert_eq!(of(accept), forms, "{accept}");
        }
    }
}
