//! Tasks and their versions.

use super::Failure;
#[cfg(feature = "ssr")]
use super::context::caller;
use domain::{
    TaskId,
    run::RunStatus,
    task::{Page, TaskDetail, TaskSummary, Version, VersionSummary},
};
use leptos::{prelude::*, server_fn::codec::Json};

#[server(prefix = "/fn", endpoint = "tasks/list", input = Json)]
pub async fn list_tasks(
    q: Option<String>,
    status: Option<RunStatus>,
    cursor: Option<String>,
) -> Result<Page<TaskSummary>, Failure> {
    let (services, caller) = caller()?;
    let query = platform::tasks::TaskQuery {
        q,
        status,
        cursor,
        limit: None,
    };
    Ok(platform::tasks::list(&services, &caller, query).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/create", input = Json)]
pub async fn create_task(
    name: String,
    description: String,
    code: String,
    inputs: String,
) -> Result<TaskDetail, Failure> {
    let (services, caller) = caller()?;
    let new = platform::tasks::NewTask {
        name,
        description,
        code,
        inputs,
    };
    Ok(platform::tasks::create(&services, &caller, new).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/save", input = Json)]
pub async fn save_task(
    task: TaskId,
    base_version: u32,
    code: String,
    inputs: String,
) -> Result<TaskDetail, Failure> {
    let (services, caller) = caller()?;
    let save = platform::tasks::SaveTask {
        task,
        base_version,
        code,
        inputs,
    };
    Ok(platform::tasks::save(&services, &caller, save).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/get", input = Json)]
pub async fn get_task(task: TaskId) -> Result<TaskDetail, Failure> {
    let (services, caller) = caller()?;
    Ok(platform::tasks::get(&services, &caller, task).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/update", input = Json)]
pub async fn update_task(
    task: TaskId,
    name: Option<String>,
    description: Option<String>,
) -> Result<TaskDetail, Failure> {
    let (services, caller) = caller()?;
    let patch = platform::tasks::TaskPatch { name, description };
    Ok(platform::tasks::update(&services, &caller, task, patch).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/duplicate", input = Json)]
pub async fn duplicate_task(task: TaskId) -> Result<TaskDetail, Failure> {
    let (services, caller) = caller()?;
    Ok(platform::tasks::duplicate(&services, &caller, task).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/delete", input = Json)]
pub async fn delete_task(task: TaskId) -> Result<(), Failure> {
    let (services, caller) = caller()?;
    Ok(platform::tasks::delete(&services, &caller, task).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/restore", input = Json)]
pub async fn restore_task(task: TaskId) -> Result<(), Failure> {
    let (services, caller) = caller()?;
    Ok(platform::tasks::restore(&services, &caller, task).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/versions", input = Json)]
pub async fn list_versions(task: TaskId) -> Result<Vec<VersionSummary>, Failure> {
    let (services, caller) = caller()?;
    Ok(platform::tasks::versions(&services, &caller, task).await?)
}

#[server(prefix = "/fn", endpoint = "tasks/version", input = Json)]
pub async fn get_version(task: TaskId, number: u32) -> Result<Version, Failure> {
    let (services, caller) = caller()?;
    Ok(platform::tasks::version(&services, &caller, task, number).await?)
}
