//! What a person can do on the workbench. Each action sends one request and says what came of it.

use super::{Bench, bench::Conflict, following};
use crate::{
    components::toast::ToastList,
    failures::failure_text,
    i18n::td_string,
    server_fns::{
        Failure,
        runs::{Submission, cancel_run, run_task, show_run},
        signature::read_signature,
        tasks::{
            delete_task, duplicate_task, get_task, get_version, restore_task, save_task,
            update_task,
        },
    },
};
use domain::{ProblemCode, RunId, TaskId, inputs::InputError};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::NavigateOptions;
use wasm_bindgen::JsCast;

impl Bench {
    /// Runs what is on the page; a changed code is saved as a version by the same request. A field
    /// that cannot be used gets the focus instead.
    pub fn run(self) {
        if self.busy.get_untracked() || self.live.with_untracked(Option::is_some) {
            return;
        }
        let code = self.editor.code.get_untracked();
        if self.read_code.with_value(|read| *read == code) {
            self.submit();
            return;
        }
        // Pressed sooner than the form followed the code: the inputs are those of the code that runs.
        self.begin();
        spawn_local(async move {
            let mut code = code;
            loop {
                let answer = read_signature(code.clone()).await;
                if self.busy.is_disposed() {
                    return;
                }
                if let Ok(reading) = answer {
                    self.take_reading(code.clone(), reading);
                }
                // Typing may have gone on meanwhile.
                let now = self.editor.code.get_untracked();
                if now == code {
                    break;
                }
                code = now;
            }
            self.busy.set(false);
            self.submit();
        });
    }

    fn submit(self) {
        let inputs = match untrack(|| self.inputs()) {
            Ok(inputs) => inputs,
            Err(errors) => {
                let ids: Vec<String> = errors.iter().map(|error| error.field()).collect();
                if let Some(first) = ids.first() {
                    focus_field(first);
                }
                self.touched.set(ids);
                return;
            }
        };
        self.begin();
        spawn_local(async move {
            let task = self.task.with_untracked(|task| task.id);
            let submission = Submission {
                base_version: self.base_version.get_untracked(),
                code: self.editor.code.get_untracked(),
                inputs,
            };
            let key = self.key_of(&submission);
            let answer = run_task(task, submission, key).await;
            if self.busy.is_disposed() {
                return;
            }
            self.busy.set(false);
            let answered = answer
                .as_ref()
                .map_or_else(|failure| failure.problem().is_some(), |_| true);
            if answered {
                self.unanswered.set_value(None);
            }
            match answer {
                Ok(submitted) => {
                    self.base_version.set(submitted.task.version.number);
                    self.task.set(submitted.task);
                    following::start(self, submitted.run);
                }
                Err(failure) => self.refused(failure, true).await,
            }
        });
    }

    /// The key that makes the same submission count once, however often its answer is lost.
    fn key_of(self, submission: &Submission) -> String {
        let known = self.unanswered.with_value(|unanswered| {
            let (key, of) = unanswered.as_ref()?;
            (of == submission).then(|| key.clone())
        });
        known.unwrap_or_else(|| {
            let key = new_key();
            self.unanswered
                .set_value(Some((key.clone(), submission.clone())));
            key
        })
    }

    /// Saves code and inputs as a new version, when they changed. Inputs that cannot be used are
    /// marked, and stay as they were saved.
    pub fn save(self, toasts: ToastList) {
        if self.busy.get_untracked() {
            return;
        }
        let locale = self.locale;
        let saved = self.task.with_untracked(|task| task.version.clone());
        let changed = untrack(|| self.inputs_differ(&saved.inputs));
        if !changed && self.editor.code.with_untracked(|code| *code == saved.code) {
            toasts.say(td_string!(locale, workbench.saved));
            return;
        }
        let (inputs, unusable) = match untrack(|| self.inputs()) {
            Ok(inputs) if changed => (inputs, 0),
            Ok(_) => (saved.inputs, 0),
            Err(errors) => {
                self.touched
                    .set(errors.iter().map(InputError::field).collect());
                (saved.inputs, errors.len())
            }
        };
        self.begin();
        spawn_local(async move {
            let task = self.task.with_untracked(|task| task.id);
            let (base, code) = (
                self.base_version.get_untracked(),
                self.editor.code.get_untracked(),
            );
            let answer = save_task(task, base, code, inputs).await;
            if self.busy.is_disposed() {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(task) => {
                    let number = task.version.number;
                    let said = if unusable == 0 {
                        td_string!(locale, workbench.saved_as, version = number).to_string()
                    } else {
                        td_string!(locale, workbench.saved_without_inputs, version = number)
                            .to_string()
                    };
                    toasts.say(said);
                    self.base_version.set(number);
                    self.task.set(task);
                }
                Err(failure) => self.refused(failure, false).await,
            }
        });
    }

    /// Asks for the end of the run that is under way.
    pub fn cancel(self) {
        let Some(run) = self
            .live
            .with_untracked(|live| live.as_ref().map(|live| live.run.summary.id))
        else {
            return;
        };
        self.live.update(|live| {
            if let Some(live) = live {
                live.cancelling = true;
            }
        });
        spawn_local(async move {
            // A run that ended meanwhile says so by its own final event.
            match cancel_run(run).await {
                Ok(_) => {}
                Err(failure) if failure.is(ProblemCode::AlreadyFinished) => {}
                Err(failure) => {
                    let _ = self.problem.try_set(Some(failure));
                }
            }
        });
    }

    /// Puts a run of the list on show.
    pub fn show(self, run: RunId) {
        let live = self
            .live
            .with_untracked(|live| live.as_ref().map(|live| live.run.summary.id));
        let asked = self.ask();
        if live == Some(run) {
            self.peek.set(false);
            return;
        }
        spawn_local(async move {
            let answer = show_run(run).await;
            // Another run was chosen, or started, or the page left.
            if self.asked.try_get_value() != Some(asked) {
                return;
            }
            match answer {
                Ok(shown) => following::put_on_show(self, shown),
                Err(failure) => self.problem.set(Some(failure)),
            }
        });
    }

    /// What is on show is about to change; whatever was asked for before comes too late.
    pub fn ask(self) -> u32 {
        let asked = self.asked.with_value(|asked| asked.wrapping_add(1));
        self.asked.set_value(asked);
        asked
    }

    /// Puts a version's code into the editor, to be looked at or saved as the newest.
    pub fn open_version(self, number: u32, toasts: ToastList) {
        spawn_local(async move {
            let task = self.task.with_untracked(|task| task.id);
            let answer = get_version(task, number).await;
            if self.task.is_disposed() {
                return;
            }
            match answer {
                Ok(version) => {
                    let newest = self.task.with_untracked(|task| task.version.number);
                    self.take_version(&version.code, newest);
                    self.fill(&version.inputs);
                    let locale = self.locale;
                    toasts.say(
                        td_string!(locale, workbench.version_opened, version = number).to_string(),
                    );
                }
                Err(failure) => {
                    let _ = self.problem.try_set(Some(failure));
                }
            }
        });
    }

    /// Gives the task another name, which is on show at once and taken back when the server refuses it.
    pub fn rename(self, name: String) {
        let (task, before) = self
            .task
            .with_untracked(|task| (task.id, task.name.clone()));
        self.task.update(|task| task.name.clone_from(&name));
        self.renaming.set(true);
        spawn_local(async move {
            let (name, failure) = match update_task(task, Some(name), None).await {
                Ok(task) => (task.name, None),
                Err(failure) => (before, Some(failure)),
            };
            let _ = self.task.try_update(|now| now.name = name);
            let _ = self.renaming.try_set(false);
            if failure.is_some() {
                let _ = self.problem.try_set(failure);
            }
        });
    }

    pub fn duplicate(self, navigate: impl Fn(&str, NavigateOptions) + 'static) {
        spawn_local(async move {
            let task = self.task.with_untracked(|task| task.id);
            match duplicate_task(task).await {
                // Who has left meanwhile is not called back.
                Ok(_) if self.task.is_disposed() => {}
                Ok(copy) => navigate(&path_of(copy.id), NavigateOptions::default()),
                Err(failure) => {
                    let _ = self.problem.try_set(Some(failure));
                }
            }
        });
    }

    /// Deletes the task, goes to the list, and offers to undo it there.
    pub fn delete(
        self,
        toasts: ToastList,
        navigate: impl Fn(&str, NavigateOptions) + Clone + Send + Sync + 'static,
    ) {
        let locale = self.locale;
        spawn_local(async move {
            let task = self.task.with_untracked(|task| task.id);
            match delete_task(task).await {
                Ok(()) => {
                    let back = navigate.clone();
                    let undo = Callback::new(move |()| {
                        let back = back.clone();
                        spawn_local(async move {
                            match restore_task(task).await {
                                Ok(()) => back(&path_of(task), NavigateOptions::default()),
                                Err(failure) => toasts.say(failure_text(&failure, locale)),
                            }
                        });
                    });
                    toasts.offer(
                        td_string!(locale, workbench.deleted),
                        td_string!(locale, common.undo),
                        undo,
                    );
                    navigate("/", NavigateOptions::default());
                }
                Err(failure) => {
                    let _ = self.problem.try_set(Some(failure));
                }
            }
        });
    }

    fn begin(self) {
        self.problem.set(None);
        self.busy.set(true);
    }

    /// A newer version asks for a choice; everything else is said in words.
    async fn refused(self, failure: Failure, run_after: bool) {
        if !failure.is(ProblemCode::Conflict) {
            self.problem.set(Some(failure));
            return;
        }
        let task = self.task.with_untracked(|task| task.id);
        match get_task(task).await {
            Ok(theirs) => {
                let _ = self.conflict.try_set(Some(Conflict { theirs, run_after }));
            }
            Err(failure) => {
                let _ = self.problem.try_set(Some(failure));
            }
        }
    }
}

/// The workbench of a task.
#[must_use]
pub fn path_of(task: TaskId) -> String {
    format!("/tasks/{task}")
}

/// The element id of a field.
#[must_use]
pub fn field_id(name: &str) -> String {
    format!("input-{name}")
}

fn focus_field(name: &str) {
    focus(&field_id(name));
}

/// Puts the focus on the element of this id.
pub fn focus(id: &str) {
    let field = document()
        .get_element_by_id(id)
        .and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(field) = field {
        drop(field.focus());
    }
}

/// A key that no other submission has.
fn new_key() -> String {
    let random = || (js_sys::Math::random() * 4_294_967_296.0) as u32;
    format!(
        "{:08x}{:08x}{:08x}{:08x}",
        random(),
        random(),
        random(),
        random()
    )
}
