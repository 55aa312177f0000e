//! The first start: the example tasks, and the bolt example run through the normal path.

use crate::state::AppState;
use domain::{
    Lang, TaskId, number,
    run::{Headline, RunDetail, RunStatus},
    value::Value,
};
use platform::{
    examples::{self, Example},
    runs::{self, SubmitRun},
    shares,
    tasks::{self, NewTask},
};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// The example that shows at the first start that everything works.
const BOLT: &str = "bolt_stress";
/// Written once the examples are made, so that deleted ones stay deleted; holds the bolt task's id.
const MARKER: &str = "examples-made";
/// The examples made so far, a line `slug task-id` each, until all are.
const PROGRESS: &str = "examples-begun";
/// The bolt run takes milliseconds; a worker that is still starting takes seconds.
const RUN_WITHIN: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum FirstStartError {
    #[error("The example tasks could not be made: {0}")]
    Examples(platform::Error),
    #[error("The data folder could not be written: {0}.")]
    Marker(#[from] io::Error),
    #[error("The bolt example could not be run: {0}")]
    Run(#[from] platform::Error),
    #[error("The bolt example did not end within {} s. `mecapy-server doctor` says what is missing.", RUN_WITHIN.as_secs())]
    Waiting,
    #[error("The bolt example failed: {0}")]
    Failed(String),
}

/// Makes the example tasks unless that was done before. Returns whether it did.
///
/// # Errors
/// The platform or the data folder failed.
pub async fn make_examples(state: &AppState, data_dir: &Path) -> Result<bool, FirstStartError> {
    if marker(data_dir).exists() {
        return Ok(false);
    }
    // A start that was interrupted goes on where it was.
    let progress = data_dir.join(PROGRESS);
    let mut made = fs::read_to_string(&progress).unwrap_or_default();
    // The last one made is the first in the list, where the bolt belongs.
    for example in examples::all().iter().rev() {
        if task_of(&made, example.slug).is_none() {
            let task = make(state, example).await?;
            made += &format!("{} {task}\n", example.slug);
            fs::write(&progress, &made)?;
        }
    }
    remember_bolt(data_dir, task_of(&made, BOLT))?;
    fs::remove_file(&progress)?;
    Ok(true)
}

fn task_of(made: &str, slug: &str) -> Option<TaskId> {
    made.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(one, _)| *one == slug)
        .and_then(|(_, task)| task.parse().ok())
}

/// Runs the bolt example, waits for it, shares it, and returns what to tell.
///
/// # Errors
/// The run could not be made, did not end, or did not complete.
pub async fn run_bolt(
    state: &AppState,
    data_dir: Option<&Path>,
) -> Result<String, FirstStartError> {
    let (services, caller) = (&state.services, &state.local_user);
    let submit = SubmitRun {
        task: bolt_task(state, data_dir).await?,
        version: None,
        inputs: None,
        files: Vec::new(),
        limits: None,
        idempotency_key: None,
    };
    let run = runs::submit(services, caller, submit).await?;
    let run = runs::wait(services, caller, run.summary.id, RUN_WITHIN).await?;
    match run.summary.status {
        RunStatus::Completed => {}
        RunStatus::Queued | RunStatus::Running => return Err(FirstStartError::Waiting),
        RunStatus::Failed | RunStatus::Cancelled => {
            let reason = run.summary.error.map(|error| error.message);
            return Err(FirstStartError::Failed(reason.unwrap_or_default()));
        }
    }
    let share = shares::create(services, caller, run.summary.id, None).await?;
    Ok(format!("{}\n  Shared at {}", describe(&run), share.url))
}

async fn bolt_task(state: &AppState, data_dir: Option<&Path>) -> Result<TaskId, FirstStartError> {
    let known = data_dir.and_then(|dir| fs::read_to_string(marker(dir)).ok());
    if let Some(id) = known.and_then(|text| text.trim().parse().ok())
        && tasks::get(&state.services, &state.local_user, id)
            .await
            .is_ok()
    {
        return Ok(id);
    }
    let example = examples::all()
        .iter()
        .find(|example| example.slug == BOLT)
        .expect("the gallery has the bolt example");
    let task = make(state, example).await?;
    if let Some(data_dir) = data_dir {
        remember_bolt(data_dir, Some(task))?;
    }
    Ok(task)
}

async fn make(state: &AppState, example: &Example) -> Result<TaskId, FirstStartError> {
    let lang = language();
    let new = NewTask {
        name: example.name.get(lang).to_owned(),
        description: example.summary.get(lang).to_owned(),
        code: example.code.to_owned(),
        inputs: example.inputs.clone(),
    };
    let task = tasks::create(&state.services, &state.local_user, new)
        .await
        .map_err(FirstStartError::Examples)?;
    Ok(task.id)
}

/// One line: name, headline result, time.
fn describe(run: &RunDetail) -> String {
    let name = &run.summary.task_name;
    let result = run.summary.headline.as_ref().map(in_words);
    let time = run.summary.wall_ms.map(|ms| format!(" ({ms:.1} ms)"));
    format!(
        "  {name}: {}{}",
        result.unwrap_or_else(|| "completed".to_owned()),
        time.unwrap_or_default()
    )
}

fn in_words(headline: &Headline) -> String {
    let value = Value::parse(&headline.value).ok();
    let shown = value
        .as_ref()
        .and_then(Value::as_f64)
        .map_or_else(|| headline.value.clone(), number::exact);
    let unit = headline.unit.as_deref().unwrap_or_default();
    format!("{} = {shown} {unit}", headline.label)
        .trim_end()
        .to_owned()
}

fn remember_bolt(data_dir: &Path, bolt: Option<TaskId>) -> io::Result<()> {
    let text = bolt.map(|id| id.to_string()).unwrap_or_default();
    fs::write(marker(data_dir), text)
}

fn marker(data_dir: &Path) -> PathBuf {
    data_dir.join(MARKER)
}

/// The language of the person at the terminal.
fn language() -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    match locale {
        Some(locale) if locale.starts_with("fr") => Lang::Fr,
        _ => Lang::En,
    }
}
