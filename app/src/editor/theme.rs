//! The editor's colours: the tokens of the style sheet, which the editor cannot read itself.

use super::monaco::{Monaco, js};
use crate::highlight::KEYWORDS;
use serde_json::{Value, json};

pub const LIGHT: &str = "mecapy-light";
pub const DARK: &str = "mecapy-dark";

struct Palette {
    base: &'static str,
    ground: &'static str,
    chrome: &'static str,
    line2: &'static str,
    ink: &'static str,
    ink3: &'static str,
    accent: &'static str,
    failed: &'static str,
    string: &'static str,
    number: &'static str,
    selection: &'static str,
    bracket: &'static str,
    slider: &'static str,
}

const LIGHT_PALETTE: Palette = Palette {
    base: "vs",
    ground: "#FFFFFF",
    chrome: "#F6F7F8",
    line2: "#C8CDD2",
    ink: "#15181B",
    ink3: "#616971",
    accent: "#2152C8",
    failed: "#B3261E",
    string: "#7A5200",
    number: "#5D1856",
    selection: "#2152C83D",
    bracket: "#2152C81F",
    slider: "#C8CDD280",
};

const DARK_PALETTE: Palette = Palette {
    base: "vs-dark",
    ground: "#131518",
    chrome: "#1A1D20",
    line2: "#3D434A",
    ink: "#E8EAEC",
    ink3: "#929AA2",
    accent: "#8BB0FF",
    failed: "#FF8F85",
    string: "#E0B878",
    number: "#D39CC8",
    selection: "#8BB0FF3D",
    bracket: "#8BB0FF1F",
    slider: "#3D434A80",
};

/// Makes both themes, and what they colour, known to the editor.
pub fn define(monaco: &Monaco) {
    monaco
        .languages()
        .set_monarch_tokens("python", &js(&grammar()));
    let editor = monaco.editor();
    editor.define_theme(LIGHT, &js(&theme(&LIGHT_PALETTE)));
    editor.define_theme(DARK, &js(&theme(&DARK_PALETTE)));
}

fn theme(palette: &Palette) -> Value {
    let rule = |token: &str, colour: &str| {
        let foreground = colour.trim_start_matches('#');
        json!({ "token": token, "foreground": foreground })
    };
    let colours: serde_json::Map<String, Value> = colours(palette)
        .into_iter()
        .map(|(name, colour)| (name.to_owned(), colour.into()))
        .collect();
    json!({
        "base": palette.base,
        "inherit": false,
        "rules": [
            rule("", palette.ink),
            rule("keyword", palette.accent),
            rule("string", palette.string),
            rule("string.escape", palette.string),
            rule("number", palette.number),
            rule("comment", palette.ink3),
            rule("identifier", palette.ink),
        ],
        "colors": colours
    })
}

/// What the editor calls its surfaces.
fn colours(palette: &Palette) -> [(&'static str, &'static str); 45] {
    [
        ("editor.background", palette.ground),
        ("editor.foreground", palette.ink),
        ("editorLineNumber.foreground", palette.ink3),
        ("editorLineNumber.activeForeground", palette.ink),
        ("editor.lineHighlightBackground", palette.chrome),
        ("editor.lineHighlightBorder", "#00000000"),
        ("editor.selectionBackground", palette.selection),
        ("editor.inactiveSelectionBackground", palette.bracket),
        ("editor.selectionHighlightBackground", palette.bracket),
        ("editor.wordHighlightBackground", palette.bracket),
        ("editor.findMatchBackground", palette.selection),
        ("editor.findMatchHighlightBackground", palette.bracket),
        ("editorBracketMatch.background", palette.bracket),
        ("editorBracketMatch.border", "#00000000"),
        ("editorCursor.foreground", palette.ink),
        ("editorError.foreground", palette.failed),
        ("editorBracketHighlight.foreground1", palette.ink),
        ("editorBracketHighlight.foreground2", palette.ink),
        ("editorBracketHighlight.foreground3", palette.ink),
        (
            "editorBracketHighlight.unexpectedBracket.foreground",
            palette.ink,
        ),
        ("editorIndentGuide.background1", palette.chrome),
        ("editorWidget.background", palette.ground),
        ("editorWidget.foreground", palette.ink),
        ("editorWidget.border", palette.line2),
        ("editorSuggestWidget.background", palette.ground),
        ("editorSuggestWidget.border", palette.line2),
        ("editorSuggestWidget.selectedBackground", palette.chrome),
        ("editorSuggestWidget.selectedForeground", palette.ink),
        ("editorSuggestWidget.highlightForeground", palette.accent),
        ("editorHoverWidget.background", palette.ground),
        ("editorHoverWidget.border", palette.line2),
        ("focusBorder", palette.accent),
        ("input.background", palette.chrome),
        ("input.foreground", palette.ink),
        ("list.hoverBackground", palette.chrome),
        ("list.focusBackground", palette.chrome),
        ("menu.background", palette.ground),
        ("menu.foreground", palette.ink),
        ("menu.selectionBackground", palette.chrome),
        ("menu.selectionForeground", palette.ink),
        ("scrollbar.shadow", "#00000000"),
        ("scrollbarSlider.background", palette.slider),
        ("scrollbarSlider.hoverBackground", palette.line2),
        ("scrollbarSlider.activeBackground", palette.line2),
        ("widget.shadow", "#00000024"),
    ]
}

/// The parts of Python that have a colour, cut as the server's listing cuts them.
fn grammar() -> Value {
    let name = "[\\p{L}_][\\p{L}\\p{N}_]*";
    let text = |quote: &str, rest: &str| {
        json!([
            [rest, "string"],
            ["\\\\.", "string"],
            ["\\\\$", "string"],
            [quote, "string", "@pop"],
            ["[\"']", "string"]
        ])
    };
    let opens =
        |quote: &str, state: &str| json!([format!("[rRbBuUfFtT]{{0,2}}{quote}"), "string", state]);
    json!({
        "unicode": true,
        "defaultToken": "",
        "keywords": KEYWORDS.as_slice(),
        "tokenizer": {
            "root": [
                ["#.*$", "comment"],
                opens("\"\"\"", "@long_double"),
                opens("'''", "@long_single"),
                opens("\"(?=.*\")", "@double"),
                opens("'(?=.*')", "@single"),
                ["0[xXbBoO][\\da-fA-F_]+", "number"],
                ["(\\d[\\d_]*\\.?[\\d_]*|\\.\\d[\\d_]*)([eE][+\\-]?\\d+)?[jJ]?", "number"],
                [name, { "cases": { "@keywords": "keyword", "@default": "identifier" } }]
            ],
            "long_double": text("\"\"\"", "[^\\\\\"]+"),
            "long_single": text("'''", "[^\\\\']+"),
            "double": text("\"", "[^\\\\\"]+"),
            "single": text("'", "[^\\\\']+")
        }
    })
}
