//! Conditional requests (RFC 9110): the entity tag of a task, `If-Match` and `If-None-Match`.
//!
//! A task's tag is its revision, which edits change, and its number of runs. `If-None-Match` compares
//! the whole; `If-Match` the revision alone, because a run that ended is no reason to refuse an edit.

use crate::problem::ApiProblem;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use domain::task::TaskDetail;
use platform::Revision;

/// Between the revision and the number of runs.
const BEFORE_RUNS: char = '.';
const WEAK: &str = "W/";

/// The strong tag of a task, quoted.
#[must_use]
pub fn etag(task: &TaskDetail) -> HeaderValue {
    let tag = format!(
        "\"{}{BEFORE_RUNS}{}\"",
        Revision::of(task).as_str(),
        task.runs
    );
    HeaderValue::from_str(&tag).expect("letters, digits and hyphens")
}

/// The revisions that `If-Match` allows; `None` when any will do. A weak tag allows none.
///
/// # Errors
/// The header holds no tags, or none that can ever match.
pub fn expected_revisions(headers: &HeaderMap) -> Result<Option<Vec<String>>, ApiProblem> {
    let tags = match tags(headers, header::IF_MATCH)? {
        Tags::Absent | Tags::Any => return Ok(None),
        Tags::These(tags) => tags,
    };
    if tags.iter().all(|tag| tag.is_weak) {
        return Err(domain::Problem::new(
            domain::ProblemCode::PreconditionFailed,
            "If-Match has only weak tags (W/\"…\"), which never match. Send the ETag of the task without W/; something between you and MecaPy may have weakened it.",
        )
        .into());
    }
    let strong = tags.into_iter().filter(|tag| !tag.is_weak);
    Ok(Some(strong.map(|tag| revision_of(tag.text)).collect()))
}

/// Whether `If-None-Match` says that the caller has this already.
///
/// # Errors
/// The header holds no tags.
pub fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> Result<bool, ApiProblem> {
    Ok(match tags(headers, header::IF_NONE_MATCH)? {
        Tags::Absent => false,
        Tags::Any => true,
        Tags::These(tags) => tags
            .iter()
            .any(|tag| etag.as_bytes() == format!("\"{}\"", tag.text).as_bytes()),
    })
}

fn revision_of(text: String) -> String {
    match text.rsplit_once(BEFORE_RUNS) {
        Some((revision, _)) => revision.to_owned(),
        None => text,
    }
}

enum Tags {
    Absent,
    Any,
    These(Vec<Tag>),
}

struct Tag {
    is_weak: bool,
    /// Without its quotation marks.
    text: String,
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Tags, ApiProblem> {
    let unreadable = || {
        ApiProblem::invalid(
            name.as_str(),
            format!(
                "{name} takes * or quoted tags, as in {name}: \"v1-0123456789abcdef.0\". Send the ETag of the task as it came."
            ),
        )
    };
    let mut found = Vec::new();
    for value in headers.get_all(&name) {
        let text = value.to_str().map_err(|_| unreadable())?.trim();
        if text == "*" {
            return Ok(Tags::Any);
        }
        read_tags(text, &mut found).ok_or_else(unreadable)?;
    }
    if headers.contains_key(&name) {
        Ok(Tags::These(found))
    } else {
        Ok(Tags::Absent)
    }
}

/// Tags may hold commas, so the text is read from one quotation mark to the next.
fn read_tags(mut text: &str, found: &mut Vec<Tag>) -> Option<()> {
    loop {
        let strong = text.strip_prefix(WEAK);
        let is_weak = strong.is_some();
        let (tag, rest) = strong.unwrap_or(text).strip_prefix('"')?.split_once('"')?;
        found.push(Tag {
            is_weak,
            text: tag.to_owned(),
        });
        text = rest.trim_start();
        if text.is_empty() {
            return Some(());
        }
        text = text.strip_prefix(',')?.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, value.parse().expect("a header value"));
        }
        headers
    }

    fn expected(values: &[&str]) -> Result<Option<Vec<String>>, ApiProblem> {
        expected_revisions(&headers(header::IF_MATCH, values))
    }

    #[test]
    fn if_match_reads_strong_tags_without_their_runs() {
        assert!(matches!(expected(&[]), Ok(None)));
        assert!(matches!(expected(&["*"]), Ok(None)));
        let read = expected(&["\"v1-a.3\" , W/\"v2-b.0\"", "\"x,y\""]);
        assert_eq!(
            read.expect("tags"),
            Some(vec!["v1-a".to_owned(), "x,y".to_owned()])
        );
        for wrong in [
            "",
            "v1-a.3",
            "\"a",
            "\"a\" \"b\"",
            "\"a\",",
            "w/\"a\"",
            "W/\"a\"",
        ] {
            assert!(expected(&[wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let etag = HeaderValue::from_static("\"v1-a.3\"");
        let known = |value: &str| is_known(&headers(header::IF_NONE_MATCH, &[value]), &etag);
        for value in ["*", "\"v1-a.3\"", "W/\"v1-a.3\"", "\"b\", W/\"v1-a.3\""] {
            assert!(known(value).expect("readable"), "{value}");
        }
        assert!(!known("\"v1-a.4\"").expect("readable"));
    }
}
