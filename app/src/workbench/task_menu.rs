//! What can be done with a task as a whole.

use super::Bench;
use crate::{
    components::{Button, ButtonKind, Dialog, Glyph, Icon, Menu, MenuItem, use_toasts},
    failures::failure_text,
    i18n::{td_string, use_locale},
    new_task::read_text,
    server_fns::{Failure, tasks::update_task},
};
use domain::limits::{MAX_CODE_BYTES, MAX_DESCRIPTION_CHARS};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

#[component]
pub fn TaskMenu(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let describing = RwSignal::new(false);
    let file = NodeRef::<html::Input>::new();
    let pick = Callback::new(move |()| {
        if let Some(file) = file.get_untracked() {
            file.set_value("");
            file.click();
        }
    });
    let import = move |_| {
        let chosen = file
            .get_untracked()
            .and_then(|field| field.files())
            .and_then(|files| files.get(0));
        let Some(chosen) = chosen else { return };
        spawn_local(async move {
            match read_text(&chosen).await {
                Ok(code) if code.len() <= MAX_CODE_BYTES => bench.editor.code.set(code),
                Ok(_) => {
                    let most = MAX_CODE_BYTES / 1024;
                    toasts.say(td_string!(locale, tasks.import_too_large, most = most).to_string());
                }
                Err(()) => toasts.say(td_string!(locale, tasks.import_unreadable)),
            }
        });
    };
    let copy_to = navigate.clone();
    let duplicate = Callback::new(move |()| bench.duplicate(copy_to.clone()));
    let delete = Callback::new(move |()| bench.delete(toasts, navigate.clone()));
    let save = Callback::new(move |()| bench.save(toasts));
    view! {
        <input node_ref=file r#type="file" accept=".py,text/x-python" class="hidden" tabindex="-1" aria-hidden="true" on:change=import />
        <Menu
            label=td_string!(locale, workbench.task_menu)
            class="icon-btn"
            trigger=ViewFn::from(|| view! { <Icon glyph=Glyph::More /> })
        >
            <MenuItem label=td_string!(locale, workbench.save) keys=td_string!(locale, workbench.keys_save).to_owned() on_choose=save />
            <MenuItem label=td_string!(locale, workbench.describe) on_choose=Callback::new(move |()| describing.set(true)) />
            <MenuItem label=td_string!(locale, workbench.duplicate) on_choose=duplicate />
            <div class="menu-rule"></div>
            <MenuItem label=td_string!(locale, workbench.import_code) on_choose=pick />
            <MenuItem label=td_string!(locale, workbench.download_code) on_choose=Callback::new(move |()| download(bench)) />
            <div class="menu-rule"></div>
            <MenuItem label=td_string!(locale, workbench.delete) danger=true on_choose=delete />
        </Menu>
        <DescriptionDialog bench open=describing />
    }
    .into_any()
}

#[component]
fn DescriptionDialog(bench: Bench, open: RwSignal<bool>) -> impl IntoView {
    let locale = use_locale();
    let written = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    Effect::new(move || {
        if open.get() {
            refused.set(None);
            written.set(bench.task.with_untracked(|task| task.description.clone()));
        }
    });
    let save = move |_| {
        let task = bench.task.with_untracked(|task| task.id);
        busy.set(true);
        spawn_local(async move {
            let answer = update_task(task, None, Some(written.get_untracked())).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(task) => {
                    let _ = bench
                        .task
                        .try_update(|now| now.description = task.description);
                    let _ = open.try_set(false);
                }
                // What was written stays in its field.
                Err(failure) => drop(refused.try_set(Some(failure))),
            }
        });
    };
    view! {
        <Dialog open title=td_string!(locale, workbench.describe)>
            <p>{td_string!(locale, workbench.describe_why)}</p>
            <textarea
                class="description-field"
                rows="5"
                maxlength=MAX_DESCRIPTION_CHARS
                aria-label=td_string!(locale, workbench.description)
                prop:value=move || written.get()
                on:input=move |event| written.set(event_target_value(&event))
            ></textarea>
            {move || refused.get().map(|failure| view! { <p class="problem" role="alert">{failure_text(&failure, locale)}</p> })}
            <div class="dialog-actions">
                <Button label=td_string!(locale, common.cancel) on:click=move |_| open.set(false) />
                <Button kind=ButtonKind::Primary label=td_string!(locale, workbench.save) attr:disabled=move || busy.get() on:click=save />
            </div>
        </Dialog>
    }
    .into_any()
}

/// Hands the code to the browser as a `.py` file.
fn download(bench: Bench) {
    let name = bench.task.with_untracked(|task| file_name(&task.name));
    let code = bench.editor.code.get_untracked();
    let parts = js_sys::Array::of1(&code.into());
    let Ok(blob) = web_sys::Blob::new_with_str_sequence(&parts) else {
        return;
    };
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) else {
        return;
    };
    let link = document()
        .create_element("a")
        .ok()
        .and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&url);
        link.set_download(&name);
        link.click();
    }
    drop(web_sys::Url::revoke_object_url(&url));
}

/// A name that every file system takes.
fn file_name(task: &str) -> String {
    let safe: String = task
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let name = safe.trim_matches('_');
    format!("{}.py", if name.is_empty() { "calculation" } else { name })
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_is_named_after_its_task() {
        assert_eq!(
            file_name("Bolted joint M12: preload"),
            "Bolted_joint_M12__preload.py"
        );
        assert_eq!(file_name("../../etc"), "etc.py");
        assert_eq!(file_name("???"), "calculation.py");
    }
}
