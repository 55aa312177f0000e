//! A mistake in the editor: its line on a red ground, the name underlined, the words below it.

use super::{
    Mistake,
    monaco::{CodeEditor, Decorations, Monaco, SEVERITY_ERROR, ZoneAccessor, js},
};
use crate::i18n::{Locale, td_string};
use leptos::prelude::document;
use serde_json::json;
use wasm_bindgen::{JsCast, prelude::*};

const OWNER: &str = "mecapy";
const ROW_PX: u32 = 20;
const PADDING_PX: u32 = 20;

pub struct MistakeZone {
    monaco: Monaco,
    editor: CodeEditor,
    locale: Locale,
    decorations: Decorations,
    zone: Option<String>,
    on_replace: Option<Closure<dyn Fn()>>,
}

impl MistakeZone {
    pub fn new(monaco: Monaco, editor: CodeEditor, locale: Locale) -> Self {
        let decorations = editor.decorations(&js(&json!([])));
        Self {
            monaco,
            editor,
            locale,
            decorations,
            zone: None,
            on_replace: None,
        }
    }

    /// Shows one mistake in place of the last one, or none.
    pub fn show(&mut self, mistake: Option<&Mistake>) {
        let lines = self.editor.model().line_count();
        let mistake = mistake.filter(|mistake| (1..=lines).contains(&mistake.line));
        self.mark(mistake);
        let spoken = mistake.filter(|mistake| !mistake.quiet);
        self.place_words(spoken);
        if let Some(mistake) = spoken {
            self.editor.reveal_line(mistake.line);
        }
    }

    fn mark(&self, mistake: Option<&Mistake>) {
        let model = self.editor.model();
        let api = self.monaco.editor();
        let Some(mistake) = mistake else {
            self.decorations.set(&js(&json!([])));
            api.set_model_markers(&model, OWNER, &js(&json!([])));
            return;
        };
        let text = model.line(mistake.line);
        let (start, end) = stretch(mistake, &text);
        let line = mistake.line;
        let ground = json!([{
            "range": { "startLineNumber": line, "startColumn": 1, "endLineNumber": line, "endColumn": 1 },
            "options": {
                "isWholeLine": true,
                "className": "mistake-line",
                "marginClassName": "mistake-line mistake-bar",
                "lineNumberClassName": "mistake-number"
            }
        }]);
        let ground = if mistake.quiet { json!([]) } else { ground };
        self.decorations.set(&js(&ground));
        api.set_model_markers(
            &model,
            OWNER,
            &js(&json!([{
                "severity": SEVERITY_ERROR,
                "message": mistake.title,
                "startLineNumber": line,
                "startColumn": start,
                "endLineNumber": line,
                "endColumn": end
            }])),
        );
    }

    fn place_words(&mut self, mistake: Option<&Mistake>) {
        let words = mistake.and_then(|mistake| self.words(mistake));
        let rows = mistake.map_or(1, |mistake| {
            1 + u32::from(mistake.hint.is_some() || mistake.replacement.is_some())
        });
        let old = self.zone.take();
        let mut new = None;
        let mut change = |accessor: ZoneAccessor| {
            if let Some(old) = &old {
                accessor.remove_zone(old);
            }
            if let (Some(mistake), Some((words, margin))) = (mistake, &words) {
                let zone = js_sys::Object::new();
                let entries: [(&str, JsValue); 5] = [
                    ("afterLineNumber", mistake.line.into()),
                    ("heightInPx", (rows * ROW_PX + PADDING_PX).into()),
                    ("domNode", words.into()),
                    ("marginDomNode", margin.into()),
                    ("suppressMouseDown", false.into()),
                ];
                for (key, value) in entries {
                    // Setting a key of a plain object cannot fail.
                    drop(js_sys::Reflect::set(&zone, &key.into(), &value));
                }
                new = Some(accessor.add_zone(&zone));
            }
        };
        // The editor calls this before it returns, so that a borrowed closure lives long enough.
        let change = ScopedClosure::borrow_mut(&mut change);
        self.editor
            .change_view_zones(change.as_ref().unchecked_ref());
        drop(change);
        self.zone = new;
    }

    /// The words under the line, and the strip beside them in the margin.
    fn words(&mut self, mistake: &Mistake) -> Option<(web_sys::Element, web_sys::Element)> {
        let document = document();
        let element = |tag: &str, class: &str, text: &str| -> Option<web_sys::Element> {
            let element = document.create_element(tag).ok()?;
            element.set_class_name(class);
            element.set_text_content(Some(text));
            Some(element)
        };
        let root = element("div", "mistake-words", "")?;
        let title = element("div", "mistake-title", &mistake.title)?;
        root.append_child(&title).ok()?;
        let row = element("div", "mistake-hint", "")?;
        if let Some(hint) = &mistake.hint {
            row.append_child(&*element("span", "", hint)?).ok()?;
        }
        if let Some((from, to)) = &mistake.replacement {
            let label = td_string!(self.locale, workbench.replace_with, name = to.as_str());
            let button = element("button", "link-btn", &label.to_string())?;
            let editor = self.editor.clone();
            let (line, from, to) = (mistake.line, from.clone(), to.clone());
            let replace = Closure::<dyn Fn()>::new(move || replace_name(&editor, line, &from, &to));
            button
                .add_event_listener_with_callback("click", replace.as_ref().unchecked_ref())
                .ok()?;
            self.on_replace = Some(replace);
            row.append_child(&button).ok()?;
        }
        root.append_child(&row).ok()?;
        Some((root, element("div", "mistake-margin", "")?))
    }
}

/// Columns of the name at fault, else of what the line holds.
fn stretch(mistake: &Mistake, text: &str) -> (usize, usize) {
    let units = |text: &str| text.encode_utf16().count();
    if let Some(name) = &mistake.name
        && let Some(at) = find_name(text, name)
    {
        let start = units(&text[..at]) + 1;
        return (start, start + units(name));
    }
    let indent = units(text) - units(text.trim_start());
    let end = units(text.trim_end()) + 1;
    let start = mistake.column.map_or(indent + 1, |column| column as usize);
    (start.min(end), end.max(start + 1))
}

/// Where a whole name stands in a line.
fn find_name(text: &str, name: &str) -> Option<usize> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).map(|(at, _)| at).find(|&at| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

fn replace_name(editor: &CodeEditor, line: u32, from: &str, to: &str) {
    let text = editor.model().line(line);
    let Some(at) = find_name(&text, from) else {
        return;
    };
    let start = text[..at].encode_utf16().count() + 1;
    let end = start + from.encode_utf16().count();
    editor.push_undo_stop();
    editor.execute_edits(
        OWNER,
        &js(&json!([{
            "range": { "startLineNumber": line, "startColumn": start, "endLineNumber": line, "endColumn": end },
            "text": to
        }])),
    );
    editor.push_undo_stop();
    editor.focus();
}
