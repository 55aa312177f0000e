//! The binding to the code editor's bundle: the part of Monaco's interface that is used, no more.
//! Only browser code calls it; on the server it merely compiles.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

#[wasm_bindgen(inline_js = "export function import_module(url) { return import(url); }")]
extern "C" {
    /// Fetches a module when it is needed, unlike a module named in the binding.
    pub fn import_module(url: &str) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// The bundle.
    #[derive(Clone, Debug)]
    pub type Monaco;
    #[wasm_bindgen(method, getter)]
    pub fn editor(this: &Monaco) -> EditorApi;

    #[wasm_bindgen(method, getter)]
    pub fn languages(this: &Monaco) -> LanguagesApi;

    /// Its namespace `languages`.
    pub type LanguagesApi;
    #[wasm_bindgen(method, js_name = setMonarchTokensProvider)]
    pub fn set_monarch_tokens(this: &LanguagesApi, language: &str, grammar: &JsValue)
    -> Disposable;

    /// Its namespace `editor`.
    pub type EditorApi;
    #[wasm_bindgen(method)]
    pub fn create(this: &EditorApi, element: &HtmlElement, options: &JsValue) -> CodeEditor;
    #[wasm_bindgen(method, js_name = defineTheme)]
    pub fn define_theme(this: &EditorApi, name: &str, theme: &JsValue);
    #[wasm_bindgen(method, js_name = setTheme)]
    pub fn set_theme(this: &EditorApi, name: &str);
    #[wasm_bindgen(method, js_name = setModelMarkers)]
    pub fn set_model_markers(this: &EditorApi, model: &Model, owner: &str, markers: &JsValue);

    /// One editor in the page.
    #[derive(Clone, Debug)]
    pub type CodeEditor;
    #[wasm_bindgen(method, js_name = getValue)]
    pub fn value(this: &CodeEditor) -> String;
    #[wasm_bindgen(method, js_name = getModel)]
    pub fn model(this: &CodeEditor) -> Model;
    #[wasm_bindgen(method, js_name = executeEdits)]
    pub fn execute_edits(this: &CodeEditor, source: &str, edits: &JsValue) -> bool;
    #[wasm_bindgen(method, js_name = pushUndoStop)]
    pub fn push_undo_stop(this: &CodeEditor) -> bool;
    #[wasm_bindgen(method, js_name = onDidChangeModelContent)]
    pub fn on_content(this: &CodeEditor, listener: &Function) -> Disposable;
    #[wasm_bindgen(method, js_name = onDidChangeCursorPosition)]
    pub fn on_cursor(this: &CodeEditor, listener: &Function) -> Disposable;
    #[wasm_bindgen(method, js_name = revealLineInCenterIfOutsideViewport)]
    pub fn reveal_line(this: &CodeEditor, line: u32);
    #[wasm_bindgen(method, js_name = setPosition)]
    pub fn set_position(this: &CodeEditor, position: &JsValue);
    #[wasm_bindgen(method, js_name = changeViewZones)]
    pub fn change_view_zones(this: &CodeEditor, change: &Function);
    #[wasm_bindgen(method, js_name = createDecorationsCollection)]
    pub fn decorations(this: &CodeEditor, decorations: &JsValue) -> Decorations;
    #[wasm_bindgen(method)]
    pub fn trigger(this: &CodeEditor, source: &str, action: &str, payload: &JsValue);
    #[wasm_bindgen(method)]
    pub fn focus(this: &CodeEditor);
    #[wasm_bindgen(method)]
    pub fn dispose(this: &CodeEditor);

    /// The text behind an editor.
    pub type Model;
    #[wasm_bindgen(method, js_name = getFullModelRange)]
    pub fn full_range(this: &Model) -> JsValue;
    #[wasm_bindgen(method, js_name = getLineCount)]
    pub fn line_count(this: &Model) -> u32;
    #[wasm_bindgen(method, js_name = getLineContent)]
    pub fn line(this: &Model, number: u32) -> String;
    #[wasm_bindgen(method, js_name = dispose)]
    pub fn dispose_model(this: &Model);

    /// A set of marked stretches that is replaced as a whole.
    #[derive(Clone, Debug)]
    pub type Decorations;
    #[wasm_bindgen(method)]
    pub fn set(this: &Decorations, decorations: &JsValue);

    /// What `changeViewZones` hands to its callback.
    pub type ZoneAccessor;
    #[wasm_bindgen(method, js_name = addZone)]
    pub fn add_zone(this: &ZoneAccessor, zone: &Object) -> String;
    #[wasm_bindgen(method, js_name = removeZone)]
    pub fn remove_zone(this: &ZoneAccessor, id: &str);

    pub type Disposable;

    /// A change of the cursor.
    pub type CursorEvent;
    #[wasm_bindgen(method, getter)]
    pub fn position(this: &CursorEvent) -> Position;
    pub type Position;
    #[wasm_bindgen(method, getter, js_name = lineNumber)]
    pub fn line_number(this: &Position) -> u32;
    #[wasm_bindgen(method, getter)]
    pub fn column(this: &Position) -> u32;
}

/// Monaco's `MarkerSeverity.Error`.
pub const SEVERITY_ERROR: u32 = 8;

/// A plain value as Monaco takes it.
#[must_use]
pub fn js(value: &serde_json::Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).unwrap_or(JsValue::UNDEFINED)
}
