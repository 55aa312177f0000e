//! Ways to a new task: an empty one, and a Python file.

use crate::{
    components::{Button, ButtonKind, Glyph},
    failures::failure_text,
    i18n::{Locale, td_string, use_locale},
    server_fns::tasks::create_task,
};
use domain::limits::{MAX_CODE_BYTES, MAX_NAME_CHARS};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// What a new task starts with: it runs as it is.
const NEW_CODE: &str = r#"from typing import Annotated

from mecapy import Q


def calculate(
    force: Annotated[float, "N"] = 1000.0,
    section: Annotated[float, "mm²"] = 10.0,
):
    stress = force / section
    return {"Stress": Q(stress, "MPa")}
"#;

/// Makes a task and opens it; says beside itself why it could not.
#[component]
pub fn NewTaskButton() -> impl IntoView {
    let locale = use_locale();
    let problem = RwSignal::new(None::<String>);
    let navigate = use_navigate();
    let create = move |_| {
        let navigate = navigate.clone();
        let name = td_string!(locale, tasks.untitled).to_owned();
        spawn_local(async move {
            let (code, inputs) = (NEW_CODE.to_owned(), "{}".to_owned());
            let answer = create_task(name, String::new(), code, inputs).await;
            // Who has gone to another page meanwhile is not called back.
            if problem.is_disposed() {
                return;
            }
            match answer {
                Ok(task) => navigate(&format!("/tasks/{}", task.id), NavigateOptions::default()),
                Err(failure) => problem.set(Some(failure_text(&failure, locale))),
            }
        });
    };
    view! {
        <Button
            kind=ButtonKind::Primary
            glyph=Glyph::Plus
            keys="N"
            label=td_string!(locale, tasks.new)
            attr:data-key="n"
            on:click=create
        />
        <Beside problem />
    }
    .into_any()
}

/// A problem in words under the buttons it belongs to.
#[component]
fn Beside(problem: RwSignal<Option<String>>) -> impl IntoView {
    move || {
        let text = problem.get()?;
        Some(view! { <p class="problem page-actions-problem" role="alert">{text}</p> })
    }
}

/// Lets the reader choose a `.py` file and makes a task of it.
#[component]
pub fn ImportButton() -> impl IntoView {
    let locale = use_locale();
    let field = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let navigate = use_navigate();
    let on_file = move |_| {
        let Some(file) = field
            .get_untracked()
            .and_then(|field| field.files())
            .and_then(|files| files.get(0))
        else {
            return;
        };
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = import(file, locale).await;
            if problem.is_disposed() {
                return;
            }
            match answer {
                Ok(path) => navigate(&path, NavigateOptions::default()),
                Err(text) => problem.set(Some(text)),
            }
        });
    };
    let pick = move |_| {
        if let Some(field) = field.get_untracked() {
            field.set_value("");
            field.click();
        }
    };
    view! {
        <input
            node_ref=field
            r#type="file"
            accept=".py,text/x-python"
            class="hidden"
            tabindex="-1"
            aria-hidden="true"
            on:change=on_file
        />
        <Button label=td_string!(locale, tasks.import) on:click=pick />
        <Beside problem />
    }
    .into_any()
}

async fn import(file: web_sys::File, locale: Locale) -> Result<String, String> {
    let code = read_text(&file)
        .await
        .map_err(|()| td_string!(locale, tasks.import_unreadable).to_owned())?;
    if code.len() > MAX_CODE_BYTES {
        let most = MAX_CODE_BYTES / 1024;
        return Err(td_string!(locale, tasks.import_too_large, most = most).to_string());
    }
    let name = file.name();
    let name: String = name
        .strip_suffix(".py")
        .unwrap_or(&name)
        .replace('_', " ")
        .chars()
        .take(MAX_NAME_CHARS)
        .collect();
    let task = create_task(name, String::new(), code, "{}".to_owned())
        .await
        .map_err(|failure| failure_text(&failure, locale))?;
    Ok(format!("/tasks/{}", task.id))
}

/// The text of a file the reader chose.
pub async fn read_text(file: &web_sys::File) -> Result<String, ()> {
    let blob: &web_sys::Blob = file.unchecked_ref();
    let text = JsFuture::from(blob.text()).await.map_err(drop)?;
    text.as_string().ok_or(())
}
