//! What the workbench knows: the task as saved, the edits since, its runs, and the run on show.

use super::following::StreamSlot;
use crate::{
    components::State,
    drafts::{self, Draft},
    editor::{EditorHandle, Mistake},
    i18n::{Locale, use_locale},
    inputs::kept::Kept,
    run::{Live, log::Log, mistake},
    server_fns::{
        Failure,
        runs::{ShownRun, Submission},
        signature::Reading,
        workbench::WorkbenchData,
    },
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
    /// What the form is made from, besides the signature.
    pub kept: StoredValue<Kept>,
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
    /// The log of the run that is under way.
    pub log: RwSignal<Log>,
    /// The log of the run on show.
    pub shown_log: RwSignal<Log>,
    /// Counts what was asked to be put on show: only the latest answer is.
    pub asked: StoredValue<u32>,
    /// The key of a submission whose answer never came, and what it was to run.
    pub unanswered: StoredValue<Option<(String, Submission)>>,
    /// On a narrow screen: only the head of the code is there.
    pub folded: RwSignal<bool>,
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
        let kept = Kept::new(first_inputs(&data));
        let form = signature
            .as_ref()
            .map(|signature| kept.form(signature, locale.into()))
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
            kept: StoredValue::new(kept),
            raw: RwSignal::new(None),
            touched: RwSignal::new(Vec::new()),
            total_runs: RwSignal::new(data.runs.total),
            runs: RwSignal::new(data.runs.items),
            last_good: RwSignal::new(data.last_good.or_else(|| {
                shown
                    .clone()
                    .filter(|shown| shown.detail.summary.status == RunStatus::Completed)
            })),
            shown: RwSignal::new(shown),
            live: RwSignal::new(live),
            peek: RwSignal::new(false),
            log: RwSignal::new(Log::default()),
            shown_log: RwSignal::new(log.unwrap_or_default()),
            asked: StoredValue::new(0),
            unanswered: StoredValue::new(None),
            folded: RwSignal::new(true),
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

    /// The run that Share would share: the one on show, with its number, when it has something to
    /// tell, be it a result or an error.
    #[must_use]
    pub fn shared_run(self) -> Option<(RunId, u32)> {
        self.shown.with(|shown| {
            let summary = &shown.as_ref()?.detail.summary;
            matches!(summary.status, RunStatus::Completed | RunStatus::Failed)
                .then_some((summary.id, summary.number))
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

    pub(super) fn inputs_differ(self, other: &str) -> bool {
        let Ok(now) = self.inputs() else { return true };
        self.signature.with(|signature| match signature {
            Some(signature) => {
                describe_change(&read(other), &read(&now), signature) != RunChange::Nothing
            }
            None => false,
        })
    }

    /// A person wrote into the field of this name.
    pub fn write(self, name: String, text: String) {
        self.form.update(|form| {
            if let Some(field) = form.fields.iter_mut().find(|field| field.id() == name) {
                field.text.clone_from(&text);
            }
        });
        self.kept.update_value(|kept| kept.write(name, text));
    }

    /// Puts inputs into the form.
    pub fn fill(self, inputs: &str) {
        self.kept.update_value(|kept| kept.fill(inputs));
        self.make_form();
        self.touched.set(Vec::new());
        if self.raw.with_untracked(Option::is_some) {
            self.raw.set(Some(inputs.to_owned()));
        }
    }

    /// Makes the form again of all that is kept.
    fn make_form(self) {
        let lang = self.locale.into();
        if let Some(signature) = self.signature.get_untracked() {
            let form = self.kept.with_value(|kept| kept.form(&signature, lang));
            self.form.set(form);
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
                let saved = self.task.with_untracked(|task| task.version.inputs.clone());
                let lang = self.locale.into();
                let mut form = Form::default();
                self.kept.update_value(|kept| {
                    form = self
                        .form
                        .with_untracked(|before| kept.next_form(signature, before, &saved, lang));
                });
                self.signature.set(Some(signature.clone()));
                self.form.set(form);
            }
        }
        self.reading.set(reading);
    }

    /// The edits as they are kept in this browser.
    #[must_use]
    pub fn draft(self) -> Draft {
        Draft {
            base_version: self.base_version.get_untracked(),
            code: self.editor.code.get_untracked(),
            inputs: self.kept.get_value(),
            raw: self.raw.get_untracked(),
            at: crate::components::clock::now(),
        }
    }

    /// Puts edits of an earlier visit back.
    pub fn restore(self, draft: Draft) {
        self.base_version.set(draft.base_version);
        self.kept.update_value(|kept| kept.restore(draft.inputs));
        self.make_form();
        self.raw.set(draft.raw);
        self.restored.set(true);
        // Last, because the form follows the code.
        self.editor.code.set(draft.code);
    }

    /// Shows a line of the code, on a narrow screen too.
    pub fn go_to_line(self, line: u32) {
        self.folded.set(false);
        self.editor.go_to_line(line);
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
