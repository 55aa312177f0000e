//! Descriptions of parameters in docstrings: Google's sections, NumPy's underlined ones, and the
//! fields of reStructuredText.

use std::collections::HashMap;

/// Longest description that serves as a label, characters.
const MAX_LABEL_CHARS: usize = 40;
/// Longest text between brackets that is a unit, characters.
const MAX_UNIT_CHARS: usize = 12;

/// Words that begin a section about parameters, in English and French.
const SECTIONS: [&str; 14] = [
    "args",
    "arguments",
    "parameters",
    "params",
    "attributes",
    "keyword args",
    "keyword arguments",
    "other parameters",
    "inputs",
    "fields",
    "paramètres",
    "entrées",
    "attributs",
    "champs",
];
/// Field names of reStructuredText that describe a parameter.
const FIELDS: [&str; 7] = [
    "param",
    "parameter",
    "arg",
    "argument",
    "key",
    "ivar",
    "var",
];

/// Name to description, whitespace collapsed.
#[derive(Debug, Default)]
pub(super) struct Descriptions(HashMap<String, String>);

/// A description as a form uses it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Described {
    pub label: Option<String>,
    pub unit: Option<String>,
    pub text: Option<String>,
}

impl Descriptions {
    pub fn read(docstring: &str) -> Self {
        let lines = cleaned(docstring);
        let mut found = Self::default();
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            at += 1;
            let body = indented(&lines[at..], indent(line));
            if let Some((names, text)) = rst_field(line) {
                found.put(&names, std::iter::once(text).chain(body.iter().copied()));
                at += body.len();
            } else if is_section(line) {
                let is_underlined = lines.get(at).is_some_and(|next| is_underline(next));
                if is_underlined {
                    at += 1;
                    at += found.numpy(&lines[at..], indent(line));
                } else if line.trim_end().ends_with(':') {
                    found.google(body);
                    at += body.len();
                }
            }
        }
        found
    }

    pub fn of(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Descriptions of `other` go before those known.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn put<'a>(&mut self, names: &[&str], text: impl Iterator<Item = &'a str>) {
        let text = text
            .flat_map(str::split_whitespace)
            .collect::<Vec<_>>()
            .join(" ");
        if text.is_empty() {
            return;
        }
        for name in names {
            self.0.insert((*name).to_owned(), text.clone());
        }
    }

    /// `name (type): description`, its further lines indented.
    fn google(&mut self, body: &[&str]) {
        let base = body
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(|line| indent(line))
            .min()
            .unwrap_or(0);
        let mut at = 0;
        while at < body.len() {
            let line = body[at];
            at += 1;
            if line.trim().is_empty() || indent(line) > base {
                continue;
            }
            let more = indented(&body[at..], base);
            at += more.len();
            if let Some((head, text)) = split_entry(line.trim()) {
                let names = names(head.split('(').next().unwrap_or_default());
                self.put(&names, std::iter::once(text).chain(more.iter().copied()));
            }
        }
    }

    /// `name : type` or `a, b : type`, descriptions indented below. Gives the lines taken.
    fn numpy(&mut self, lines: &[&str], base: usize) -> usize {
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            let starts_section = lines.get(at + 1).is_some_and(|next| is_underline(next));
            if starts_section || (!line.trim().is_empty() && indent(line) < base) {
                break;
            }
            at += 1;
            if line.trim().is_empty() || indent(line) > base {
                continue;
            }
            let body = indented(&lines[at..], base);
            at += body.len();
            let head = line
                .split(" :")
                .next()
                .unwrap_or_default()
                .trim()
                .trim_end_matches(':');
            self.put(&names(head), body.iter().copied());
        }
        at
    }
}

/// The first line, without its final point.
pub(super) fn summary(docstring: &str) -> Option<String> {
    let lines = cleaned(docstring);
    let first = lines
        .iter()
        .map(|line| line.trim())
        .find(|line| !line.is_empty())?;
    let summary = first.strip_suffix('.').unwrap_or(first).trim();
    (!summary.is_empty()).then(|| summary.to_owned())
}

/// The whole text in one line.
pub(super) fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes the unit in final brackets off, and finds the label: the text up to its first full stop,
/// where that is short.
pub(super) fn described(text: &str) -> Described {
    let text = text.trim();
    let short = text.split_once(". ").map_or(text, |(short, _)| short);
    let (bare, unit) = without_unit(short.trim_end_matches('.').trim_end());
    let label =
        (!bare.is_empty() && bare.chars().count() <= MAX_LABEL_CHARS).then(|| capitalised(bare));
    Described {
        label,
        unit: unit.map(str::to_owned),
        text: (!text.is_empty()).then(|| text.to_owned()),
    }
}

fn without_unit(text: &str) -> (&str, Option<&str>) {
    let Some((bare, unit)) = text
        .strip_suffix(']')
        .and_then(|open| open.rsplit_once('['))
    else {
        return (text, None);
    };
    let is_unit =
        !unit.trim().is_empty() && unit.chars().count() <= MAX_UNIT_CHARS && !unit.contains(',');
    if is_unit {
        (bare.trim_end().trim_end_matches(','), Some(unit.trim()))
    } else {
        (text, None)
    }
}

/// A word gets a capital, a symbol (`d`, `kN`) does not.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let (first, second) = (letters.next(), letters.clone().next());
    match (first, second) {
        (Some(first), Some(second)) if first.is_lowercase() && second.is_lowercase() => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Lines with the indentation of the body taken off, as `inspect.cleandoc` does.
fn cleaned(docstring: &str) -> Vec<&str> {
    let mut lines = docstring.lines();
    let first = lines.next().map(str::trim_start);
    let rest: Vec<&str> = lines.collect();
    let margin = rest
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| indent(line))
        .min()
        .unwrap_or(0);
    let without_margin = rest.into_iter().map(|line| {
        let cut = line
            .char_indices()
            .nth(margin)
            .map_or(line.len(), |(at, _)| at);
        if indent(line) >= margin {
            &line[cut..]
        } else {
            line.trim_start()
        }
    });
    first.into_iter().chain(without_margin).collect()
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).count()
}

/// The lines that belong below a line of this indentation.
fn indented<'a, 'b>(lines: &'b [&'a str], above: usize) -> &'b [&'a str] {
    let count = lines
        .iter()
        .take_while(|line| line.trim().is_empty() || indent(line) > above)
        .count();
    &lines[..count]
}

fn is_section(line: &str) -> bool {
    let title = line.trim().trim_end_matches(':').trim().to_lowercase();
    SECTIONS.contains(&title.as_str())
}

fn is_underline(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|b| b == b'-')
}

/// `:param float force: Axial force` → (`force`, `Axial force`).
fn rst_field(line: &str) -> Option<(Vec<&str>, &str)> {
    let (field, text) = line.trim_start().strip_prefix(':')?.split_once(':')?;
    let (kind, rest) = field.split_once(char::is_whitespace)?;
    let name = rest.split_whitespace().next_back()?;
    FIELDS.contains(&kind).then(|| (names(name), text.trim()))
}

/// Splits at the colon that ends the name and its type: not at one inside brackets.
fn split_entry(line: &str) -> Option<(&str, &str)> {
    let mut depth = 0usize;
    for (at, c) in line.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return Some((line[..at].trim(), line[at + 1..].trim())),
            _ => {}
        }
    }
    None
}

/// `a, *b` → `a`, `b`; nothing when it is prose.
fn names(head: &str) -> Vec<&str> {
    let names: Vec<&str> = head
        .split(',')
        .map(|name| name.trim().trim_matches(['*', '`']))
        .collect();
    let is_name = |name: &&str| !name.is_empty() && !name.contains(char::is_whitespace);
    if names.iter().all(is_name) {
        names
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(docstring: &str, name: &str) -> Option<String> {
        Descriptions::read(docstring).of(name)
    }

    #[test]
    fn google_sections_are_read() {
        let text = "Stress.\n\n    Args:\n        force (float, optional): Axial force\n            of the bolt. Positive in tension.\n        d, l: Sizes\n\n        note: Free: text\n    Returns:\n        stress: no parameter\n    ";
        assert_eq!(
            of(text, "force").as_deref(),
            Some("Axial force of the bolt. Positive in tension.")
        );
        assert_eq!(of(text, "l").as_deref(), Some("Sizes"));
        assert_eq!(of(text, "note").as_deref(), Some("Free: text"));
        assert_eq!(of(text, "stress"), None);
    }

    #[test]
    fn numpy_sections_are_read() {
        let text = "Stress.\n\n    Parameters\n    ----------\n    force : float, optional\n        Axial force\n        in kN.\n    a, b : float\n        Sizes.\n    bare\n        Without type.\n\n    Returns\n    -------\n    stress : float\n        No parameter.\n    ";
        assert_eq!(of(text, "force").as_deref(), Some("Axial force in kN."));
        assert_eq!(of(text, "b").as_deref(), Some("Sizes."));
        assert_eq!(of(text, "bare").as_deref(), Some("Without type."));
        assert_eq!(of(text, "stress"), None);
    }

    #[test]
    fn restructured_text_fields_are_read() {
        let text = "Stress.\n\n    :param force: Axial force\n        in tension\n    :param float d: Diameter\n    :ivar n: Count\n    :returns: stress\n    ";
        assert_eq!(of(text, "force").as_deref(), Some("Axial force in tension"));
        assert_eq!(of(text, "d").as_deref(), Some("Diameter"));
        assert_eq!(of(text, "n").as_deref(), Some("Count"));
    }

    #[test]
    fn french_sections_are_read() {
        let text = "Flèche.\n\nEntrées :\n    portée : Portée de la poutre [m]\n";
        assert_eq!(
            of(text, "portée").as_deref(),
            Some("Portée de la poutre [m]")
        );
    }

    #[test]
    fn short_descriptions_are_labels() {
        let label = |text: &str| described(text).label;
        assert_eq!(
            label("axial working load. Positive in tension.").as_deref(),
            Some("Axial working load")
        );
        assert_eq!(label("d of the bolt.").as_deref(), Some("d of the bolt"));
        assert_eq!(
            label("The axial load that the whole joint carries at most").as_deref(),
            None
        );
        let with_unit = described("Axial force [kN]. Positive in tension.");
        assert_eq!(
            (with_unit.label.as_deref(), with_unit.unit.as_deref()),
            (Some("Axial force"), Some("kN"))
        );
        assert_eq!(described(""), Described::default());
    }

    #[test]
    fn summaries_are_first_lines() {
        assert_eq!(
            summary("\n  Preload of a bolt.\n\n  More.").as_deref(),
            Some("Preload of a bolt")
        );
        assert_eq!(summary("  \n "), None);
    }
}
