//! Unsaved edits, kept in this browser until they are saved: they survive a reload, a lost connection
//! and a crash. Each tab keeps its own, so that two tabs with one task do not undo each other's; a
//! tab without one takes over the newest that is left.

pub mod difference;

use crate::inputs::kept::Kept;
use domain::TaskId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Drafts kept at most; the oldest goes first.
const MAX_DRAFTS: usize = 50;
const PREFIX: &str = "mecapy_draft_";
/// Where a tab remembers its own name, also over a reload.
const TAB: &str = "mecapy_tab";

/// What was written and not saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The version that the edits started from.
    pub base_version: u32,
    pub code: String,
    /// The inputs, with all that was typed.
    pub inputs: Kept,
    /// The inputs as JSON text, while they were edited that way.
    #[serde(default)]
    pub raw: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
}

/// The draft of a task, if there is one: this tab's, else the newest of another, which is this
/// tab's from then on.
#[must_use]
pub fn load(task: TaskId) -> Option<Draft> {
    let storage = storage()?;
    if let Some(own) = read(&storage, &key(task)) {
        return Some(own);
    }
    let (other, draft) = stored(&storage)
        .into_iter()
        .filter(|(key, _)| key.starts_with(&of_task(task)))
        .max_by_key(|(_, draft)| draft.at)?;
    let _ = storage.remove_item(&other);
    store(task, &draft);
    Some(draft)
}

/// Keeps a draft. Room is made at the cost of the oldest others; a browser that stores nothing keeps
/// none.
pub fn store(task: TaskId, draft: &Draft) {
    let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(draft)) else {
        return;
    };
    let own = key(task);
    let mut others = stored(&storage);
    others.retain(|(key, _)| *key != own);
    others.sort_by_key(|(_, draft)| std::cmp::Reverse(draft.at));
    while others.len() >= MAX_DRAFTS || storage.set_item(&own, &text).is_err() {
        let Some((oldest, _)) = others.pop() else {
            return;
        };
        let _ = storage.remove_item(&oldest);
    }
}

/// Removes this tab's draft of a task.
pub fn forget(task: TaskId) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(task));
    }
}

fn of_task(task: TaskId) -> String {
    format!("{PREFIX}{task}_")
}

fn key(task: TaskId) -> String {
    format!("{}{}", of_task(task), tab())
}

/// The name of this tab, made at its first use.
fn tab() -> String {
    let session = window().session_storage().ok().flatten();
    let known = session
        .as_ref()
        .and_then(|session| session.get_item(TAB).ok().flatten());
    known.unwrap_or_else(|| {
        let new = format!("{:08x}", (js_sys::Math::random() * 4_294_967_296.0) as u32);
        if let Some(session) = session {
            let _ = session.set_item(TAB, &new);
        }
        new
    })
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn read(storage: &web_sys::Storage, key: &str) -> Option<Draft> {
    let text = storage.get_item(key).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// Every draft of this browser with its key.
fn stored(storage: &web_sys::Storage) -> Vec<(String, Draft)> {
    (0..storage.length().unwrap_or(0))
        .filter_map(|index| storage.key(index).ok().flatten())
        .filter(|key| key.starts_with(PREFIX))
        .filter_map(|key| {
            let draft = read(storage, &key)?;
            Some((key, draft))
        })
        .collect()
}
