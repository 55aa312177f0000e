//! Unsaved edits, kept in this browser per task until they are saved: they survive a reload, a lost
//! connection and a crash.

pub mod difference;

use domain::TaskId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Drafts kept at most; the oldest goes first.
const MAX_DRAFTS: usize = 50;
const PREFIX: &str = "mecapy_draft_";

/// What was written and not saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The version that the edits started from.
    pub base_version: u32,
    pub code: String,
    /// Texts of the fields as typed, by the field's name; they need not parse.
    pub fields: BTreeMap<String, String>,
    /// The inputs as JSON text, while they were edited that way.
    #[serde(default)]
    pub raw: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
}

/// The draft of a task, if there is one.
#[must_use]
pub fn load(task: TaskId) -> Option<Draft> {
    let text = storage()?.get_item(&key(task)).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// Keeps a draft. A browser that stores nothing, or is full, keeps none.
pub fn store(task: TaskId, draft: &Draft) {
    let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(draft)) else {
        return;
    };
    if storage.set_item(&key(task), &text).is_err() {
        forget_oldest(&storage, 0);
        drop(storage.set_item(&key(task), &text));
    }
    forget_oldest(&storage, MAX_DRAFTS);
}

pub fn forget(task: TaskId) {
    if let Some(storage) = storage() {
        drop(storage.remove_item(&key(task)));
    }
}

fn key(task: TaskId) -> String {
    format!("{PREFIX}{task}")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Removes the oldest drafts until at most `keep` remain.
fn forget_oldest(storage: &web_sys::Storage, keep: usize) {
    let mut drafts: Vec<(i64, String)> = (0..storage.length().unwrap_or(0))
        .filter_map(|index| storage.key(index).ok().flatten())
        .filter(|key| key.starts_with(PREFIX))
        .map(|key| {
            let at = storage
                .get_item(&key)
                .ok()
                .flatten()
                .and_then(|text| serde_json::from_str::<Draft>(&text).ok())
                .map_or(0, |draft| draft.at);
            (at, key)
        })
        .collect();
    drafts.sort();
    let surplus = drafts.len().saturating_sub(keep);
    for (_, key) in drafts.into_iter().take(surplus) {
        drop(storage.remove_item(&key));
    }
}
