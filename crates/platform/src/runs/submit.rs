//! Submitting a run: check, store, ring.

use super::get;
use crate::{
    Caller, Error, Services,
    auth::authorize::{Action, Thing, not_found},
    checks,
    db::{Idempotency, NewRun, Placed, Previous, Submitted, TaskContent},
    error::{Internal, problem},
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
use sha2::{Digest, Sha256};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct SubmitRun {
    pub task: TaskId,
    /// The newest when absent.
    pub version: Option<u32>,
    /// The text of a JSON object; the version's saved inputs when absent.
    pub inputs: Option<String>,
    pub limits: Option<Limits>,
    /// The same key with the same request answers the same run for a day.
    pub idempotency_key: Option<String>,
}

/// Code that is made a task and run at once, with the task's saved inputs.
#[derive(Clone, Debug)]
pub struct SubmitNew {
    pub task: NewTask,
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
    let request = json!([submit.version, submit.inputs, submit.limits]);
    let route = format!("execute {}", submit.task);
    let idempotency = idempotency(submit.idempotency_key, route, &request)?;
    let version = match submit.version {
        Some(number) if number != newest.number => {
            tasks::find_version(s, submit.task, number).await?
        }
        _ => newest,
    };
    let inputs = checks::inputs(submit.inputs.as_deref().unwrap_or(&version.inputs))?;
    let run = Submission {
        task: submit.task,
        new_task: None,
        version: version.number,
        code: &version.code,
        inputs,
        limits: submit.limits,
        idempotency,
    };
    run.store(s, c).await
}

/// Makes the task and its first run in one step: either both are there or neither.
///
/// # Errors
/// As [`submit`], or a field of the task is wrong.
pub async fn submit_new(s: &Services, c: &Caller, submit: SubmitNew) -> Result<RunDetail, Error> {
    let new = &submit.task;
    let request = json!([
        new.name,
        new.description,
        new.code,
        new.inputs,
        submit.limits
    ]);
    let idempotency = idempotency(submit.idempotency_key, "execute".into(), &request)?;
    let content = tasks::check(c, submit.task)?;
    let run = Submission {
        task: TaskId(Uuid::now_v7()),
        new_task: Some(content.clone()),
        version: 1,
        code: &content.code,
        inputs: &content.inputs,
        limits: submit.limits,
        idempotency,
    };
    run.store(s, c).await
}

/// A run of which task, version and inputs are known.
struct Submission<'a> {
    task: TaskId,
    new_task: Option<TaskContent>,
    version: u32,
    code: &'a str,
    inputs: &'a str,
    limits: Option<Limits>,
    idempotency: Option<Idempotency>,
}

impl Submission<'_> {
    async fn store(self, s: &Services, c: &Caller) -> Result<RunDetail, Error> {
        let limits = checks::limits(self.limits.unwrap_or_default())?;
        let signature = signature_of(self.code);
        let inputs = complete(self.inputs, &signature);
        let checked = Checked::new(self.version, self.code, &inputs, signature)?;
        let id = RunId(Uuid::now_v7());
        let run = NewRun {
            id,
            task: self.task,
            new_task: self.new_task,
            user: c.user,
            version: self.version,
            limits,
            inputs: place(s, id, &inputs).await?,
            inputs_sha256: checked.inputs_sha256.clone(),
            code_sha256: checked.code_sha256.clone(),
            change: Box::new(move |previous| checked.change(previous)),
            queue_limit: MAX_QUEUED_RUNS,
            idempotency: self.idempotency,
        };
        let run = store_and_ring(s, run).await?;
        get(s, c, run).await
    }
}

/// Inputs that fit their code.
struct Checked {
    version: u32,
    signature: Signature,
    inputs: Value,
    code_sha256: String,
    inputs_sha256: String,
}

impl Checked {
    fn new(version: u32, code: &str, inputs: &str, signature: Signature) -> Result<Self, Error> {
        Ok(Self {
            version,
            inputs: checks::run_inputs(inputs, &signature)?,
            signature,
            code_sha256: sha256(code),
            inputs_sha256: sha256(inputs),
        })
    }

    /// What differs from the run before.
    fn change(&self, previous: Option<Previous>) -> RunChange {
        let Some(previous) = previous else {
            return RunChange::First;
        };
        if previous.code_sha256 != self.code_sha256 {
            let version = self.version;
            return RunChange::Code { version };
        }
        if previous.inputs_sha256 == self.inputs_sha256 {
            return RunChange::Nothing;
        }
        let before = previous.inputs.as_deref().map(Value::parse);
        match before {
            Some(Ok(before)) => describe_change(&before, &self.inputs, &self.signature),
            // Inputs in the object store are too large to be named one by one.
            Some(Err(_)) | None => RunChange::Input {
                name: "inputs".into(),
                before: "…".into(),
                after: "…".into(),
                unit: None,
                others: 0,
            },
        }
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

fn idempotency(
    key: Option<String>,
    route: String,
    request: &serde_json::Value,
) -> Result<Option<Idempotency>, Error> {
    let Some(key) = key else {
        return Ok(None);
    };
    checks::idempotency_key(&key)?;
    Ok(Some(Idempotency {
        route,
        key,
        request_sha256: sha256(&request.to_string()),
    }))
}

async fn place(s: &Services, run: RunId, inputs: &str) -> Result<Placed, Error> {
    if inputs.len() <= s.0.config.objects.inline_bytes {
        return Ok(Placed::Inline(inputs.to_owned()));
    }
    let key = objects::inputs_key(run);
    s.0.objects.put(&key, inputs.to_owned().into()).await?;
    Ok(Placed::Object(key))
}

/// Both in a task of their own: a caller that goes away in between must not leave a run that
/// nobody rang for.
async fn store_and_ring(s: &Services, run: NewRun) -> Result<RunId, Error> {
    let (id, s) = (run.id, s.clone());
    let submitting = tokio::spawn(async move {
        let submitted = s.0.store.submit(run).await?;
        if submitted == Submitted::Stored
            && let Err(error) = s.0.doorbell.ring(id).await
        {
            tracing::error!(%error, run = %id, "the queue does not ring; the reconciler will");
        }
        Ok::<_, Internal>(submitted)
    });
    let submitted = submitting.await.map_err(|_| Internal::WriterStopped)??;
    match submitted {
        Submitted::Stored => Ok(id),
        Submitted::Repeated(earlier) => Ok(earlier),
        Submitted::Gone => Err(not_found(Thing::Task)),
        Submitted::Mismatch => Err(problem(
            ProblemCode::IdempotencyMismatch,
            "This idempotency key came with another request before. Use a new key for a new \
             request.",
        )),
        Submitted::QueueFull => Err(problem(
            ProblemCode::QueueFull,
            format!(
                "{MAX_QUEUED_RUNS} of your runs wait already, which is the limit. Wait until some \
                 have run, or cancel some."
            ),
        )),
    }
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
