//! Short notes at the bottom left about what succeeded. An error never comes here: it stays where
//! it happened.

use leptos::prelude::*;
use std::time::Duration;

const SHOWN_FOR: Duration = Duration::from_secs(6);

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    action: Option<(String, Callback<()>)>,
}

/// Where any part of a page says that something succeeded.
#[derive(Clone, Copy, Debug)]
pub struct ToastList {
    toasts: RwSignal<Vec<Toast>>,
    last_id: StoredValue<u32>,
    /// The toast that the pointer or the focus is at.
    in_use: StoredValue<Option<u32>>,
}

/// The page's toasts.
///
/// # Panics
/// Outside of [`Toasts::provide`]'s page, which no component is.
#[must_use]
pub fn use_toasts() -> ToastList {
    expect_context()
}

impl ToastList {
    /// Makes the list of the page, to be shown by [`Toasts`].
    pub fn provide() {
        provide_context(Self {
            toasts: RwSignal::new(Vec::new()),
            last_id: StoredValue::new(0),
            in_use: StoredValue::new(None),
        });
    }

    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), None);
    }

    /// With a button that does something about it, for example undo.
    pub fn offer(self, text: impl Into<String>, action: impl Into<String>, run: Callback<()>) {
        self.push(text.into(), Some((action.into(), run)));
    }

    fn push(self, text: String, action: Option<(String, Callback<()>)>) {
        let id = self.last_id.with_value(|id| id + 1);
        self.last_id.set_value(id);
        self.toasts
            .update(|toasts| toasts.push(Toast { id, text, action }));
        self.drop_later(id);
    }

    /// Drops a toast when its time is over and nobody is at it.
    fn drop_later(self, id: u32) {
        set_timeout(
            move || {
                let in_use = self.in_use.try_get_value().unwrap_or(None);
                if in_use == Some(id) {
                    self.drop_later(id);
                } else {
                    self.drop(id);
                }
            },
            SHOWN_FOR,
        );
    }

    /// The pointer or the focus is at a toast, or has left it.
    fn hold(self, id: u32, held: bool) {
        let _ = self.in_use.try_update_value(|in_use| {
            if held {
                *in_use = Some(id);
            } else if *in_use == Some(id) {
                *in_use = None;
            }
        });
    }

    fn drop(self, id: u32) {
        // The page may be gone when the time is over.
        let _ = self
            .toasts
            .try_update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

#[component]
#[must_use]
pub fn Toasts() -> impl IntoView {
    let list = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For
                each=move || list.toasts.get()
                key=|toast| toast.id
                children=move |toast| {
                    let Toast { id, text, action } = toast;
                    view! {
                        <div
                            class="toast"
                            on:pointerenter=move |_| list.hold(id, true)
                            on:pointerleave=move |_| list.hold(id, false)
                            on:focusin=move |_| list.hold(id, true)
                            on:focusout=move |_| list.hold(id, false)
                        >
                            <span>{text}</span>
                            {action
                                .map(|(label, run)| {
                                    let act = move |_| {
                                        list.drop(id);
                                        run.run(());
                                    };
                                    view! { <button r#type="button" on:click=act>{label}</button> }
                                })}
                        </div>
                    }
                }
            />
        </div>
    }
}
