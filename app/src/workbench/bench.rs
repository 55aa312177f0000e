//! What the workbench knows: the task as saved, the edits since, its runs, and the run on show.

use super::following::StreamSlot;
use crate::{
    components::State,
    drafts::{self, Draft},
    editor::{EditorHandle, Mistake},
    i18n::{Locale, use_locale},
    run::{Live, log::Log, mistake},
    server_fns::{Failure, runs::ShownRun, signature::Reading, workbench::WorkbenchData},
};
use domain::{
    RunId,
    inputs::{Form, InputError, describe_change},
    run::{RunChange, RunStatus, RunSummary},
    signature::{Signature, Style},
    task::TaskDetail,
    value::Value,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Somebody saved a newer version than the one these edits started from.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    pub theirs: TaskDetail,
    /// Whether Run was pressed, so that it goes on after the choice.
    pub run_after: bool,
}

/// The state of the page; every part reads and writes these signals.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations)] // An open socket has nothing to show.
pub struct Bench {
    pub locale: Locale,
    /// The task with the newest version that this page knows.
    pub task: RwSignal<TaskDetail>,
    /// The version that the edits started from.
    pub base_version: RwSignal<u32>,
    pub editor: EditorHandle,
    /// The latest reading of the code in the editor.
    pub reading: RwSignal<Reading>,
    /// The code of the latest reading.
    pub read_code: StoredValue<String>,
    /// The latest reading that succeeded: what the form is made of.
    pub signature: RwSignal<Option<Signature>>,
    pub form: RwSignal<Form>,
    /// The inputs as JSON text while they are edited that way.
    pub raw: RwSignal<Option<String>>,
    /// Field errors are shown once they were asked for, by leaving the field or by Run.
    pub touched: RwSignal<Vec<String>>,
    pub runs: RwSignal<Vec<RunSummary>>,
    pub total_runs: RwSignal<u64>,
    pub shown: RwSignal<Option<ShownRun>>,
    /// The newest completed run, for its result beside a failure.
    pub last_good: RwSignal<Option<ShownRun>>,
    pub live: RwSignal<Option<Live>>,
    /// Shows the last result although a run is under way.
    pub peek: RwSignal<bool>,
    pub log: RwSignal<Log>,
    /// The connection to the run's events is lost for now.
    pub lost: RwSignal<bool>,
    /// A request is on its way that Run or Save waits for.
    pub busy: RwSignal<bool>,
    /// A new name is on its way to the server.
    pub renaming: RwSignal<bool>,
    pub problem: RwSignal<Option<Failure>>,
    pub conflict: RwSignal<Option<Conflict>>,
    /// Edits of an earlier visit were put back.
    pub restored: RwSignal<bool>,
    pub tab: RwSignal<&'static str>,
    /// The dialog that shares the run on show is open.
    pub sharing: RwSignal<bool>,
    pub stream: StreamSlot,
}

impl Bench {
    /// The state for a task as the server gave it.
    #[must_use]
    pub fn new(data: WorkbenchData) -> Self {
        let locale = use_locale();
        let signature = data.reading.clone().ok();
        let inputs = first_inputs(&data);
        let form = signature
            .as_ref()
            .map(|signature| Form::new(signature, &read(&inputs), locale.into()))
            .unwrap_or_default();
        let log = data.shown.as_ref().map(|shown| Log::complete(&shown.log));
        let live = data
            .shown
            .as_ref()
            .filter(|shown| !shown.detail.summary.status.is_final())
            .map(|shown| Live::new(shown.detail.clone()));
        let shown = data
            .shown
            .filter(|shown| shown.detail.summary.status.is_final());
        Self {
            locale,
            base_version: RwSignal::new(data.task.version.number),
            editor: EditorHandle::new(data.task.version.code.clone()),
            read_code: StoredValue::new(data.task.version.code.clone()),
            task: RwSignal::new(data.task),
            reading: RwSignal::new(data.reading),
            signature: RwSignal::new(signature),
            form: RwSignal::new(form),
            raw: RwSignal::new(None),
            touched: RwSignal::new(Vec::new()),
            total_runs: RwSignal::new(data.runs.total),
            runs: RwSignal::new(data.runs.items),
            shown: RwSignal::new(shown),
            last_good: RwSignal::new(data.last_good),
            live: RwSignal::new(live),
            peek: RwSignal::new(false),
            log: RwSignal::new(log.unwrap_or_default()),
            lost: RwSignal::new(false),
            busy: RwSignal::new(false),
            renaming: RwSignal::new(false),
            problem: RwSignal::new(None),
            conflict: RwSignal::new(None),
            restored: RwSignal::new(false),
            tab: RwSignal::new("result"),
            sharing: RwSignal::new(false),
            stream: StoredValue::new(None),
        }
    }

    /// The inputs as JSON text, or every field that cannot be used.
    pub fn inputs(self) -> Result<String, Vec<InputError>> {
        if let Some(raw) = self.raw.get() {
            let Some(signature) = self.signature.get() else {
                return Ok(raw);
            };
            return domain::inputs::validate(&raw, &signature)
                .map(|_| raw)
                .map_err(|error| vec![error]);
        }
        let lang = self.locale.into();
        self.form.with(|form| form.to_json(lang))
    }

    /// The run that Share would share: the one on show, with its number, when it has a result.
    #[must_use]
    pub fn shared_run(self) -> Option<(RunId, u32)> {
        self.shown.with(|shown| {
            let shown = shown.as_ref().filter(|shown| shown.result.is_some())?;
            Some((shown.detail.summary.id, shown.detail.summary.number))
        })
    }

    /// What differs now from the run on show, so that its result is not of what the page holds.
    #[must_use]
    pub fn stale(self) -> Option<State> {
        let code = self.editor.code;
        self.shown.with(|shown| {
            let shown = shown.as_ref()?;
            if self.inputs_differ(&shown.detail.inputs) {
                return Some(State::InputsChanged);
            }
            code.with(|code| *code != shown.code)
                .then_some(State::CodeChanged)
        })
    }

    /// Whether leaving now would lose something that is neither saved nor part of a run.
    #[must_use]
    pub fn is_unsaved(self) -> bool {
        let code = self.editor.code;
        self.task.with(|task| {
            if code.with(|code| *code != task.version.code) {
                return true;
            }
            if !self.inputs_differ(&task.version.inputs) {
                return false;
            }
            self.shown.with(|shown| {
                shown
                    .as_ref()
                    .is_none_or(|shown| self.inputs_differ(&shown.detail.inputs))
            }) && self.live.with(|live| {
                live.as_ref()
                    .is_none_or(|live| self.inputs_differ(&live.run.inputs))
            })
        })
    }

    fn inputs_differ(self, other: &str) -> bool {
        let Ok(now) = self.inputs() else { return true };
        self.signature.with(|signature| match signature {
            Some(signature) => {
                describe_change(&read(other), &read(&now), signature) != RunChange::Nothing
            }
            None => false,
        })
    }

    /// Puts inputs into the form.
    pub fn fill(self, inputs: &str) {
        let lang = self.locale.into();
        if let Some(signature) = self.signature.get_untracked() {
            self.form.set(Form::new(&signature, &read(inputs), lang));
        }
        self.touched.set(Vec::new());
        if self.raw.with_untracked(Option::is_some) {
            self.raw.set(Some(inputs.to_owned()));
        }
    }

    /// Puts every field back to its default: the code's, or the saved inputs where the code names none.
    pub fn reset_inputs(self) {
        let style = self.signature.with_untracked(|signature| {
            signature
                .as_ref()
                .map_or(Style::Parameters, |signature| signature.style)
        });
        match style {
            Style::Parameters => self.fill("{}"),
            Style::Dict => {
                let saved = self.task.with_untracked(|task| task.version.inputs.clone());
                self.fill(&saved);
            }
        }
    }

    /// Takes in a reading of some code: the form follows, what was typed stays.
    pub fn take_reading(self, code: String, reading: Reading) {
        self.read_code.set_value(code);
        if let Ok(signature) = &reading {
            let changed = self
                .signature
                .with_untracked(|now| now.as_ref() != Some(signature));
            if changed {
                let lang = self.locale.into();
                let typed = self.typed_fields();
                let saved = self
                    .form
                    .with_untracked(|form| form.to_json(lang))
                    .unwrap_or_else(|_| {
                        self.task.with_untracked(|task| task.version.inputs.clone())
                    });
                let saved = keep_dict_inputs(signature, saved, self);
                let mut form = Form::new(signature, &read(&saved), lang);
                put_back(&mut form, &typed, self.form);
                self.signature.set(Some(signature.clone()));
                self.form.set(form);
            }
        }
        self.reading.set(reading);
    }

    /// What stands in the fields, by name.
    #[must_use]
    pub fn typed_fields(self) -> BTreeMap<String, String> {
        self.form.with_untracked(|form| {
            form.fields
                .iter()
                .map(|field| (field.id(), field.text.clone()))
                .collect()
        })
    }

    /// The edits as they are kept in this browser.
    #[must_use]
    pub fn draft(self) -> Draft {
        Draft {
            base_version: self.base_version.get_untracked(),
            code: self.editor.code.get_untracked(),
            fields: self.typed_fields(),
            raw: self.raw.get_untracked(),
            at: crate::components::clock::now(),
        }
    }

    /// Puts edits of an earlier visit back.
    pub fn restore(self, draft: Draft) {
        self.base_version.set(draft.base_version);
        self.editor.code.set(draft.code);
        self.form.update(|form| {
            for field in &mut form.fields {
                if let Some(text) = draft.fields.get(&field.id()) {
                    field.text.clone_from(text);
                }
            }
        });
        self.raw.set(draft.raw);
        self.restored.set(true);
    }

    /// Goes back to what is saved.
    pub fn discard(self) {
        let version = self.task.with_untracked(|task| task.version.clone());
        self.take_version(&version.code, version.number);
        self.fill(&version.inputs);
        self.restored.set(false);
        drafts::forget(self.task.with_untracked(|task| task.id));
    }

    /// Puts a version's code into the editor, as edits of version `base`.
    pub fn take_version(self, code: &str, base: u32) {
        self.base_version.set(base);
        self.editor.code.set(code.to_owned());
    }

    /// The mistake to mark in the editor: the shown run's while its line stands, else the code's own.
    #[must_use]
    pub fn mistake(self) -> Option<Mistake> {
        let code = self.editor.code.get();
        let of_run = self.shown.with(|shown| {
            let shown = shown.as_ref()?;
            let error = shown.detail.summary.error.as_ref()?;
            let index = error.line?.checked_sub(1)? as usize;
            let stands = code.lines().nth(index) == shown.code.lines().nth(index);
            (stands && shown.detail.summary.status == RunStatus::Failed)
                .then(|| mistake::of_run(error, &shown.code, self.locale))
                .flatten()
        });
        let running = self.live.with(Option::is_some);
        of_run.filter(|_| !running).or_else(|| {
            self.reading.with(|reading| {
                reading
                    .as_ref()
                    .err()
                    .map(|problem| mistake::of_code(problem, self.locale))
            })
        })
    }
}

/// What the form shows at first: the inputs of the run on show when it ran the newest version,
/// else the saved ones.
fn first_inputs(data: &WorkbenchData) -> String {
    match &data.shown {
        Some(shown) if shown.detail.summary.version == data.task.version.number => {
            shown.detail.inputs.clone()
        }
        _ => data.task.version.inputs.clone(),
    }
}

/// Inputs as a value; text that is no JSON counts as none.
fn read(inputs: &str) -> Value {
    Value::parse(inputs).unwrap_or(Value::Object(Vec::new()))
}

/// Code that takes a dictionary names no keys: they come from the inputs there are.
fn keep_dict_inputs(signature: &Signature, inputs: String, bench: Bench) -> String {
    let none = matches!(read(&inputs), Value::Object(entries) if entries.is_empty());
    if signature.style == Style::Dict && none {
        return bench
            .task
            .with_untracked(|task| task.version.inputs.clone());
    }
    inputs
}

/// Texts that do not parse are kept too, where the field was edited.
fn put_back(form: &mut Form, typed: &BTreeMap<String, String>, before: RwSignal<Form>) {
    before.with_untracked(|before| {
        for field in &mut form.fields {
            let id = field.id();
            let was_edited = before
                .fields
                .iter()
                .any(|old| old.id() == id && old.default_text.as_ref() != Some(&old.text));
            match typed.get(&id) {
                Some(text) if was_edited => field.text.clone_from(text),
                _ => {
                    // A field left at its default follows the code's new default.
                    if let Some(text) = &field.default_text {
                        field.text.clone_from(text);
                    }
                }
            }
        }
    });
}
