//! Submitting a run: check, store, ring.

use super::{
    files::{self, RunFile, Sent, SentFile},
    get,
};
use crate::{
    Caller, Error, Services,
    auth::authorize::{Action, Thing, authorize, not_found},
    checks,
    db::{Fingerprint, Idempotency, NewRun, Placed, Previous, Submitted, TaskContent},
    error::{Internal, problem},
    idempotency::{self, sha256},
    objects, signature,
    tasks::{self, NewTask},
};
use domain::{
    ProblemCode, RunId, TaskId,
    inputs::{complete, describe_change},
    limits::{Limits, MAX_QUEUED_RUNS},
    run::{RunChange, RunDetail},
    signature::{Signature, Style},
    value::Value,
};
use serde_json::json;
use telemetry::trace;
use tracing::{Instrument, field};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct SubmitRun {
    pub task: TaskId,
    /// The newest when absent.
    pub version: Option<u32>,
    /// The text of a JSON object; the version's saved inputs when absent.
    pub inputs: Option<String>,
    /// They become inputs, beside the others or in their place.
    pub files: Vec<SentFile>,
    pub limits: Option<Limits>,
    /// The same key with the same request answers the same run for a day.
    pub idempotency_key: Option<String>,
}

/// Code that is made a task and run at once, with the task's saved inputs.
#[derive(Clone, Debug)]
pub struct SubmitNew {
    pub task: NewTask,
    /// They become inputs, which the task is saved with.
    pub files: Vec<SentFile>,
    pub limits: Option<Limits>,
    /// The same key with the same request answers the same run, and makes no second task, for a
    /// day.
    pub idempotency_key: Option<String>,
}

/// # Errors
/// The inputs do not fit the signature, a limit is passed, or too many runs wait.
pub async fn submit(s: &Services, c: &Caller, submit: SubmitRun) -> Result<RunDetail, Error> {
    let newest = tasks::visible(s, c, Action::Run, submit.task).await?;
    let newest = newest.detail.version;
    let sent = Sent::check(s, submit.files).await?;
    let route = format!("execute {}", submit.task);
    let bytes = submit.inputs.as_ref().map_or(0, String::len);
    let (inputs, version, limits) = (submit.inputs.clone(), submit.version, submit.limits);
    let files = sent.fingerprint();
    let files = (!files.is_empty()).then(|| json!(files));
    let request = move || match files {
        None => json!([version, inputs, limits]),
        Some(files) => json!([version, inputs, limits, files]),
    };
    let idempotency = idempotency::keyed(s, submit.idempotency_key, route, bytes, request).await?;
    if let Some(earlier) = earlier_run(s, c, idempotency.as_ref()).await? {
        return get(s, c, earlier).await;
    }
    let version = match submit.version {
        Some(number) if number != newest.number => {
            tasks::find_version(s, submit.task, number).await?
        }
        _ => newest,
    };
    let run = Submission {
        task: submit.task,
        new_task: None,
        version: version.number,
        code: version.code,
        inputs: sent.joined(submit.inputs.unwrap_or(version.inputs))?,
        limits: submit.limits,
        idempotency,
    };
    sent.store(s, c.user).await?;
    run.store(s, c).await
}

/// Makes the task and its first run in one step: either both are there or neither.
///
/// # Errors
/// As [`submit`], or a field of the task is wrong.
pub async fn submit_new(s: &Services, c: &Caller, submit: SubmitNew) -> Result<RunDetail, Error> {
    authorize(c, Action::Change, Thing::Task, c.user)?;
    let sent = Sent::check(s, submit.files).await?;
    let inputs = sent.joined(submit.task.inputs)?;
    let task = NewTask {
        inputs,
        ..submit.task
    };
    let (new, limits) = (task.clone(), submit.limits);
    let bytes = new.code.len() + new.inputs.len();
    let request = move || json!([new.name, new.description, new.code, new.inputs, limits]);
    let route = "execute".to_owned();
    let idempotency = idempotency::keyed(s, submit.idempotency_key, route, bytes, request).await?;
    if let Some(earlier) = earlier_run(s, c, idempotency.as_ref()).await? {
        return get(s, c, earlier).await;
    }
    let content = tasks::check(s, c, task).await?;
    sent.store(s, c.user).await?;
    let run = Submission {
        task: TaskId(Uuid::now_v7()),
        version: 1,
        code: content.code.clone(),
        inputs: content.inputs.clone(),
        new_task: Some(content),
        limits: submit.limits,
        idempotency,
    };
    run.store(s, c).await
}

/// A run of which task, version and inputs are known.
struct Submission {
    task: TaskId,
    new_task: Option<TaskContent>,
    version: u32,
    code: String,
    inputs: String,
    limits: Option<Limits>,
    idempotency: Option<Idempotency>,
}

impl Submission {
    async fn store(self, s: &Services, c: &Caller) -> Result<RunDetail, Error> {
        let limits = checks::limits(self.limits.unwrap_or_default())?;
        let previous = s.0.store.previous(self.task).await?;
        let before = previous.as_ref().map(|run| run.fingerprint.clone());
        let (version, code, inputs) = (self.version, self.code, self.inputs);
        let bytes = inputs.len() + previous.as_ref().map_or(0, Previous::inline_bytes);
        let check = move || Checked::new(version, &code, &inputs, previous);
        let checked = s.offload(bytes, check).await??;
        let files = files::are_stored(s, c.user, checked.files).await?;
        let id = RunId(Uuid::now_v7());
        let span = tracing::error_span!("submit", run = %id, trace = field::Empty);
        let large = checked.inputs.len() > s.0.config.objects.inline_bytes;
        let inputs = if large {
            Placed::Object(objects::inputs_key(id))
        } else {
            Placed::Inline(checked.inputs.clone())
        };
        let own = checked.fingerprint.clone();
        let change = checked.change;
        let run = NewRun {
            id,
            task: self.task,
            new_task: self.new_task,
            user: c.user,
            version,
            limits,
            inputs,
            inputs_bytes: checked.inputs.len() as u64
                + files.iter().map(|file| file.bytes).sum::<u64>(),
            files,
            inputs_sha256: own.inputs_sha256.clone(),
            code_sha256: own.code_sha256.clone(),
            change: Box::new(move |previous| {
                if previous == before {
                    change
                } else {
                    // Another run was submitted meanwhile; its inputs have not been looked at.
                    change_by_hashes(version, &own, previous.as_ref())
                        .unwrap_or_else(unnamed_change)
                }
            }),
            queue_limit: MAX_QUEUED_RUNS,
            idempotency: self.idempotency,
            trace: trace::place(&span, trace::current()),
        };
        let stored = store_and_ring(s, run, checked.inputs).instrument(span);
        let run = stored.await?;
        get(s, c, run).await
    }
}

/// Inputs that fit their code, and what differs from the run before.
struct Checked {
    inputs: String,
    /// Those the inputs name, with their names.
    files: Vec<(String, RunFile)>,
    fingerprint: Fingerprint,
    change: RunChange,
}

impl Checked {
    fn new(
        version: u32,
        code: &str,
        inputs: &str,
        previous: Option<Previous>,
    ) -> Result<Self, Error> {
        let signature = signature_of(code);
        let inputs = complete(checks::inputs(inputs)?, &signature);
        let value = checks::run_inputs(&inputs, &signature)?;
        let files = files::named(&value)?;
        let fingerprint = Fingerprint {
            code_sha256: sha256(code),
            inputs_sha256: sha256(&inputs),
        };
        let before = previous.as_ref().map(|run| &run.fingerprint);
        let change = change_by_hashes(version, &fingerprint, before).unwrap_or_else(|| {
            let before = previous.and_then(|run| Value::parse(&run.inputs?).ok());
            // Inputs in the object store are too large to be named one by one.
            before.map_or_else(unnamed_change, |before| {
                describe_change(&before, &value, &signature)
            })
        });
        Ok(Self {
            inputs: inputs.into_owned(),
            files,
            fingerprint,
            change,
        })
    }
}

/// What differs, where that can be said without reading any inputs.
fn change_by_hashes(
    version: u32,
    own: &Fingerprint,
    previous: Option<&Fingerprint>,
) -> Option<RunChange> {
    let Some(previous) = previous else {
        return Some(RunChange::First);
    };
    if previous.code_sha256 != own.code_sha256 {
        return Some(RunChange::Code { version });
    }
    (previous.inputs_sha256 == own.inputs_sha256).then_some(RunChange::Nothing)
}

fn unnamed_change() -> RunChange {
    RunChange::Input {
        name: "inputs".into(),
        before: "…".into(),
        after: "…".into(),
        unit: None,
        others: 0,
    }
}

/// What the code asks for; any object when the code cannot be read, because then only its run can
/// show what is wrong with it.
fn signature_of(code: &str) -> Signature {
    signature::read(code).unwrap_or_else(|_| Signature {
        style: Style::Dict,
        parameters: Vec::new(),
        summary: None,
    })
}

/// The run that the same request made before, whatever has changed since.
async fn earlier_run(
    s: &Services,
    c: &Caller,
    idempotency: Option<&Idempotency>,
) -> Result<Option<RunId>, Error> {
    let Some(idempotency) = idempotency else {
        return Ok(None);
    };
    match s.0.store.remembered(c.user, idempotency).await? {
        None => Ok(None),
        Some(submitted) => answer(submitted).map(Some),
    }
}

/// In a task of its own: a caller that goes away in between must leave neither a run that nobody
/// rang for nor inputs that no run names.
async fn store_and_ring(s: &Services, run: NewRun, inputs: String) -> Result<RunId, Error> {
    let s = s.clone();
    let storing = async move {
        let id = run.id;
        let key = match &run.inputs {
            Placed::Object(key) => Some(key.clone()),
            Placed::Inline(_) => None,
        };
        if let Some(key) = &key {
            s.0.objects.put(key, inputs.into()).await?;
        }
        let submitted = s.0.store.submit(run).await?;
        if submitted == Submitted::Stored(id) {
            if let Err(error) = s.0.doorbell.ring(id).await {
                tracing::warn!(%error, run = %id, "the queue does not ring; dispatchers are told directly");
                s.0.notifier.announce_waiting();
            }
        } else if let Some(key) = &key
            && let Err(error) = s.0.objects.delete(key).await
        {
            tracing::warn!(%error, run = %id, "inputs that no run names are left");
        }
        Ok::<_, Internal>(submitted)
    };
    let submitting = tokio::spawn(storing.in_current_span());
    answer(submitting.await.map_err(|_| Internal::Panicked)??)
}

fn answer(submitted: Submitted) -> Result<RunId, Error> {
    match submitted {
        Submitted::Stored(run) | Submitted::Repeated(run) => Ok(run),
        Submitted::Gone => Err(not_found(Thing::Task)),
        Submitted::Mismatch => Err(idempotency::mismatch()),
        Submitted::QueueFull => Err(problem(
            ProblemCode::QueueFull,
            format!(
                "{MAX_QUEUED_RUNS} of your runs wait already, which is the limit. Wait until some \
                 have run, or cancel some."
            ),
        )),
    }
}
