//! Pages of lists: cursors, limits, and words that are looked for.

use crate::error::{Error, problem_at};
use domain::{
    ProblemCode,
    limits::{MAX_PAGE_ROWS, MAX_QUERY_CHARS, PAGE_ROWS},
    task::Page,
};

/// Which page of a list.
#[derive(Clone, Debug, Default)]
pub struct PageQuery {
    /// `next_cursor` of the page before; the first page when absent.
    pub cursor: Option<String>,
    pub limit: Option<usize>,
}

impl PageQuery {
    /// Where the page begins.
    ///
    /// # Errors
    /// The cursor is not one of the list.
    pub(crate) fn after<T: std::str::FromStr>(&self) -> Result<Option<T>, Error> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose();
        cursor.map_err(|_| unknown_cursor())
    }
}

/// Rows of one page.
pub(crate) fn limit(wanted: Option<usize>) -> usize {
    wanted.unwrap_or(PAGE_ROWS).clamp(1, MAX_PAGE_ROWS)
}

/// Makes a page of rows of which there is one too many when another page follows.
pub(crate) fn page<R, T>(
    mut rows: Vec<R>,
    limit: usize,
    total: u64,
    cursor: impl Fn(&R) -> String,
    item: impl Fn(R) -> T,
) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(cursor);
    Page {
        items: rows.into_iter().map(item).collect(),
        next_cursor,
        total,
    }
}

pub(crate) fn unknown_cursor() -> Error {
    problem_at(
        ProblemCode::Invalid,
        "cursor",
        "The cursor is not one of this list. Take next_cursor of the page before, or none.",
    )
}

/// A LIKE pattern for texts that hold these words in this order.
///
/// # Errors
/// More is looked for than any text has.
pub(crate) fn search(words: Option<&str>) -> Result<Option<String>, Error> {
    let words = words.unwrap_or_default();
    if words.chars().nth(MAX_QUERY_CHARS).is_some() {
        let detail =
            format!("The search has more than {MAX_QUERY_CHARS} characters. Look for fewer words.");
        return Err(problem_at(ProblemCode::Invalid, "q", detail));
    }
    Ok(pattern(words))
}

fn pattern(words: &str) -> Option<String> {
    let mut pattern = String::from("%");
    for word in words.to_lowercase().split_whitespace() {
        for c in word.chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
    }
    (pattern.len() > 1).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_looked_for_as_they_are() {
        assert_eq!(pattern(" Bolt  100%_ ").as_deref(), Some(r"%bolt%100\%\_%"));
        assert_eq!(pattern("  "), None);
        assert!(matches!(search(None), Ok(None)));
    }
}
