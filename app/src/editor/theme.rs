//! The editor's colours: the tokens of the style sheet, which the editor cannot read itself.

use super::monaco::{Monaco, js};
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
};

/// Makes both themes known to the editor.
pub fn define(monaco: &Monaco) {
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
        ],
        "colors": colours
    })
}

/// What the editor calls its surfaces.
fn colours(palette: &Palette) -> [(&'static str, &'static str); 41] {
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
        ("scrollbarSlider.background", palette.bracket),
        ("scrollbarSlider.hoverBackground", palette.selection),
        ("scrollbarSlider.activeBackground", palette.selection),
        ("widget.shadow", "#00000024"),
    ]
}
