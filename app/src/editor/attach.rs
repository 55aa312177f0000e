//! Brings the editor's bundle into the page and ties it to the signals of its handle.

use super::{
    Cursor, EditorHandle,
    mistake_zone::MistakeZone,
    monaco::{self, CodeEditor, CursorEvent, Monaco, js},
    theme,
};
use crate::{
    i18n::{Locale, td_string, use_locale},
    preferences::Preferences,
};
use leptos::{html, prelude::*, task::spawn_local};
use serde_json::json;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;

/// The source that the editor's undo history names for our edits.
const SOURCE: &str = "mecapy";

/// An editor in the page, with what must live as long as it does.
struct Attached {
    monaco: Monaco,
    editor: CodeEditor,
    zone: MistakeZone,
    _on_content: Closure<dyn Fn()>,
    _on_cursor: Closure<dyn Fn(CursorEvent)>,
    _on_lines: Closure<dyn Fn(web_sys::InputEvent)>,
}

type Slot = StoredValue<Option<Attached>, LocalStorage>;

/// Fetches and shows the editor once; it leaves with the component.
pub fn when_wanted(handle: EditorHandle, host: NodeRef<html::Div>, wanted: Signal<bool>) {
    let slot: Slot = StoredValue::new_local(None);
    let asked = StoredValue::new(false);
    let failures = StoredValue::new(0);
    let locale = use_locale();
    let preferences = use_context::<Preferences>();
    Effect::new(move || {
        let Some(host) = host.get() else { return };
        if !wanted.get() || handle.failed.get() || asked.get_value() {
            return;
        }
        asked.set_value(true);
        spawn_local(async move {
            let fetched = fetch(failures.try_get_value().unwrap_or(0)).await;
            if handle.ready.is_disposed() {
                return;
            }
            let Ok(monaco) = fetched else {
                failures.update_value(|count| *count += 1);
                asked.set_value(false);
                handle.failed.set(true);
                return;
            };
            slot.set_value(Some(attach(&monaco, &host, handle, locale, preferences)));
            handle.ready.set(true);
        });
    });
    follow(handle, slot, preferences);
    on_cleanup(move || {
        if let Some(Some(attached)) = slot.try_update_value(Option::take) {
            let model = attached.editor.model();
            attached.editor.dispose();
            model.dispose_model();
        }
    });
}

/// A browser may remember that an address failed, so each further try has another one.
async fn fetch(failures: u32) -> Result<Monaco, JsValue> {
    let pkg = document()
        .document_element()
        .and_then(|html| html.get_attribute("data-pkg"))
        .unwrap_or_default();
    let again = match failures {
        0 => String::new(),
        count => format!("?again={count}"),
    };
    let address = format!("{pkg}/editor/monaco.js{again}");
    let module = JsFuture::from(monaco::import_module(&address)).await?;
    let monaco: Monaco = module.unchecked_into();
    theme::define(&monaco);
    Ok(monaco)
}

fn attach(
    monaco: &Monaco,
    host: &web_sys::HtmlElement,
    handle: EditorHandle,
    locale: Locale,
    preferences: Option<Preferences>,
) -> Attached {
    let dark = preferences.is_some_and(|preferences| untrack(|| preferences.is_dark()));
    monaco.editor().set_theme(theme_name(dark));
    let code = handle.code.get_untracked();
    let label = td_string!(locale, workbench.code);
    let editor = monaco.editor().create(host, &options(&code, label));
    let on_content = Closure::<dyn Fn()>::new({
        let editor = editor.clone();
        move || {
            let value = editor.value();
            if handle.code.try_with_untracked(|code| *code != value) == Some(true) {
                handle.code.set(value);
            }
        }
    });
    editor.on_content(on_content.as_ref().unchecked_ref());
    let on_cursor = Closure::<dyn Fn(CursorEvent)>::new(move |event: CursorEvent| {
        let position = event.position();
        // The editor may say this once more while the page leaves.
        let _ = handle.cursor.try_set(Cursor {
            line: position.line_number(),
            column: position.column(),
        });
    });
    editor.on_cursor(on_cursor.as_ref().unchecked_ref());
    let on_lines = take_lines_whole(&editor, host);
    Attached {
        monaco: monaco.clone(),
        zone: MistakeZone::new(monaco.clone(), editor.clone(), locale),
        editor,
        _on_content: on_content,
        _on_cursor: on_cursor,
        _on_lines: on_lines,
    }
}

/// Text of several lines that arrives at once, from a phone's keyboard or by dictation, keeps its own
/// indentation: typed line by line, each would be indented again.
fn take_lines_whole(
    editor: &CodeEditor,
    host: &web_sys::HtmlElement,
) -> Closure<dyn Fn(web_sys::InputEvent)> {
    let editor = editor.clone();
    let listener =
        Closure::<dyn Fn(web_sys::InputEvent)>::new(move |event: web_sys::InputEvent| {
            let text = event.data().filter(|text| text.contains('\n'));
            if let (Some(text), "insertText") = (text, event.input_type().as_str()) {
                event.prevent_default();
                event.stop_propagation();
                editor.trigger(SOURCE, "paste", &js(&json!({ "text": text })));
            }
        });
    let function = listener.as_ref().unchecked_ref();
    // A listener for a known event can always be added.
    drop(host.add_event_listener_with_callback_and_bool("beforeinput", function, true));
    listener
}

/// What the page changes reaches the editor.
fn follow(handle: EditorHandle, slot: Slot, preferences: Option<Preferences>) {
    let with = move |act: &dyn Fn(&mut Attached)| {
        slot.try_update_value(|attached| attached.as_mut().map(act));
    };
    Effect::new(move || {
        let code = handle.code.get();
        if handle.ready.get() {
            with(&|attached| replace_text(&attached.editor, &code));
        }
    });
    Effect::new(move || {
        let dark = preferences.is_some_and(Preferences::is_dark);
        if handle.ready.get() {
            with(&|attached| attached.monaco.editor().set_theme(theme_name(dark)));
        }
    });
    Effect::new(move || {
        let mistake = handle.mistake.get();
        if handle.ready.get() {
            with(&|attached| attached.zone.show(mistake.as_ref()));
        }
    });
    Effect::new(move || {
        let Some(line) = handle.go_to.get() else {
            return;
        };
        if handle.ready.get() {
            handle.go_to.set(None);
            // Code that was folded away is in the page again with the next frame.
            request_animation_frame(move || {
                with(&|attached| {
                    attached.editor.reveal_line(line);
                    let position = json!({ "lineNumber": line, "column": 1 });
                    attached.editor.set_position(&js(&position));
                    attached.editor.focus();
                });
            });
        }
    });
    Effect::new(move || {
        if handle.focus.get() > 0 && handle.ready.get() {
            request_animation_frame(move || with(&|attached| attached.editor.focus()));
        }
    });
}

/// Another text, as one step that can be undone.
fn replace_text(editor: &CodeEditor, code: &str) {
    if editor.value() == code {
        return;
    }
    let edit = js_sys::Object::new();
    // Setting a key of a plain object cannot fail.
    drop(js_sys::Reflect::set(
        &edit,
        &"range".into(),
        &editor.model().full_range(),
    ));
    drop(js_sys::Reflect::set(&edit, &"text".into(), &code.into()));
    editor.push_undo_stop();
    editor.execute_edits(SOURCE, &js_sys::Array::of1(&edit));
    editor.push_undo_stop();
}

const fn theme_name(dark: bool) -> &'static str {
    if dark { theme::DARK } else { theme::LIGHT }
}

fn options(code: &str, label: &str) -> JsValue {
    js(&json!({
        "value": code,
        "language": "python",
        "ariaLabel": label,
        "automaticLayout": true,
        "fontFamily": "'JetBrains Mono', ui-monospace, monospace",
        "fontSize": 12.5,
        "lineHeight": 20,
        "fontLigatures": "'calt' 0, 'zero' 1",
        "letterSpacing": 0,
        "padding": { "top": 8, "bottom": 8 },
        "lineNumbersMinChars": 4,
        "lineDecorationsWidth": 22,
        "glyphMargin": false,
        "folding": false,
        "minimap": { "enabled": false },
        "overviewRulerLanes": 0,
        "overviewRulerBorder": false,
        "hideCursorInOverviewRuler": true,
        "scrollBeyondLastLine": false,
        "scrollbar": {
            "verticalScrollbarSize": 10,
            "horizontalScrollbarSize": 10,
            "useShadows": false,
            "alwaysConsumeMouseWheel": false
        },
        "renderLineHighlight": "all",
        "renderLineHighlightOnlyWhenFocus": false,
        "renderWhitespace": "none",
        "renderFinalNewline": "on",
        "guides": { "indentation": false },
        "bracketPairColorization": { "enabled": false },
        "occurrencesHighlight": "off",
        "stickyScroll": { "enabled": false },
        "unicodeHighlight": { "ambiguousCharacters": false, "invisibleCharacters": false },
        "wordBasedSuggestions": "currentDocument",
        "suggest": { "showIcons": false, "showWords": true },
        "fixedOverflowWidgets": true,
        "tabSize": 4,
        "insertSpaces": true,
        "detectIndentation": false,
        "editContext": false,
        "cursorBlinking": "solid",
        "smoothScrolling": false
    }))
}
