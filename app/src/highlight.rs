//! Python in colour without the editor: what stands in the first HTML and in documents.

use leptos::prelude::*;

/// In the order of a binary search.
pub const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// What a stretch of code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Plain,
    Keyword,
    Text,
    Number,
    Comment,
    /// The name that `def` or `class` introduces.
    Defined,
}

impl Token {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Keyword => "tk",
            Self::Text => "ts",
            Self::Number => "tn",
            Self::Comment => "tc",
            Self::Defined => "td",
        }
    }
}

/// Code with line numbers, in colour.
#[component]
#[must_use]
pub fn CodeListing(code: String) -> impl IntoView {
    let digits = code.lines().count().max(1).to_string().len();
    view! {
        <pre class="listing" tabindex="0" style=format!("--digits:{digits}")>
            <code inner_html=listing_html(&code)></code>
        </pre>
    }
}

/// One `<span class="ln">` per line; every character of the code is escaped.
#[must_use]
pub fn listing_html(code: &str) -> String {
    let mut html = String::with_capacity(code.len() * 2);
    html.push_str("<span class=\"ln\">");
    for (token, text) in tokens(code) {
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                html.push_str("\n</span><span class=\"ln\">");
            }
            push_part(&mut html, token, part.trim_end_matches('\r'));
        }
    }
    html.push_str("</span>");
    html
}

fn push_part(html: &mut String, token: Token, part: &str) {
    if part.is_empty() {
        return;
    }
    let class = token.class();
    if !class.is_empty() {
        html.push_str("<span class=\"");
        html.push_str(class);
        html.push_str("\">");
    }
    for character in part.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            other => html.push(other),
        }
    }
    if !class.is_empty() {
        html.push_str("</span>");
    }
}

/// Cuts code into stretches; together they are the whole code.
#[must_use]
pub fn tokens(code: &str) -> Vec<(Token, &str)> {
    let mut found: Vec<(Token, &str)> = Vec::new();
    let mut rest = code;
    let mut introduces = false;
    while let Some(first) = rest.chars().next() {
        let (token, length) = next_token(rest, first, introduces);
        let (text, after) = rest.split_at(length);
        if !text.trim().is_empty() {
            introduces = token == Token::Keyword && matches!(text, "def" | "class");
        }
        match found.last_mut() {
            Some((Token::Plain, last)) if token == Token::Plain => {
                // Neighbours of one string: the stretch grows.
                let start = last.as_ptr() as usize - code.as_ptr() as usize;
                *last = &code[start..start + last.len() + length];
            }
            _ => found.push((token, text)),
        }
        rest = after;
    }
    found
}

fn next_token(rest: &str, first: char, introduces: bool) -> (Token, usize) {
    if first == '#' {
        return (Token::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if let Some(length) = text_length(rest) {
        return (Token::Text, length);
    }
    if first.is_ascii_digit()
        || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
    {
        return (Token::Number, number_length(rest));
    }
    if first.is_alphabetic() || first == '_' {
        let length = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let token = match word {
            _ if introduces => Token::Defined,
            _ if KEYWORDS.binary_search(&word).is_ok() => Token::Keyword,
            _ => Token::Plain,
        };
        return (token, length);
    }
    (Token::Plain, first.len_utf8())
}

/// The length of the string literal at the start, with its prefix.
fn text_length(rest: &str) -> Option<usize> {
    let quote_at = rest.find(['"', '\''])?;
    let prefix = &rest[..quote_at];
    let is_prefix = quote_at <= 2 && prefix.chars().all(|c| "rRbBuUfFtT".contains(c));
    if !is_prefix {
        return None;
    }
    let quoted = &rest[quote_at..];
    let quote = &quoted[..1];
    let triple = quote.repeat(3);
    let (end, one_line) = if quoted.starts_with(&triple) {
        (triple.as_str(), false)
    } else {
        (quote, true)
    };
    let mut at = end.len();
    while let Some(character) = quoted[at..].chars().next() {
        if quoted[at..].starts_with(end) {
            return Some(quote_at + at + end.len());
        }
        if one_line && character == '\n' {
            break;
        }
        at += character.len_utf8();
        if character == '\\' {
            at += quoted[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    Some(quote_at + at)
}

fn number_length(rest: &str) -> usize {
    let mut before = ' ';
    rest.find(|c: char| {
        let sign_of_exponent = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
        let part = c.is_ascii_alphanumeric() || c == '.' || c == '_' || sign_of_exponent;
        before = c;
        !part
    })
    .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Vec<(Token, &str)> {
        tokens(code)
            .into_iter()
            .filter(|(token, _)| *token != Token::Plain)
            .collect()
    }

    #[test]
    fn keywords_are_sorted_for_the_search() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn code_is_cut_into_its_parts() {
        use Token::*;
        assert_eq!(
            of("def calculate(σ=1.5e-3):  # \"x\"\n    return f'{σ}' if 210_000 else r\"\\\""),
            [
                (Keyword, "def"),
                (Defined, "calculate"),
                (Number, "1.5e-3"),
                (Comment, "# \"x\""),
                (Keyword, "return"),
                (Text, "f'{σ}'"),
                (Keyword, "if"),
                (Number, "210_000"),
                (Keyword, "else"),
                (Text, "r\"\\\""),
            ]
        );
    }

    #[test]
    fn nothing_is_lost_or_made_markup() {
        for code in [
            "",
            "a",
            "'open",
            "\"\"\"open\n",
            "x = '<script>'\r\n& 1",
            "'\\",
            "d_2 é",
        ] {
            let joined: String = tokens(code).into_iter().map(|(_, text)| text).collect();
            assert_eq!(joined, code);
        }
        let html = listing_html("'<script>' & x\n# y");
        assert!(
            !html.contains("<script>") && html.contains("&lt;script&gt;"),
            "{html}"
        );
        assert_eq!(html.matches("class=\"ln\"").count(), 2);
    }
}
