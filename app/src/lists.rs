//! Lists that come in pages: the rows so far, more of them, and a search that starts over.

use crate::{
    components::{Button, Glyph, Icon},
    failures::failure_text,
    i18n::{td_string, use_locale},
    server_fns::Failure,
};
use domain::task::Page;
use leptos::{html, prelude::*, task::spawn_local};
use std::{future::Future, pin::Pin, time::Duration};

/// Long enough that a word is typed before it is searched for.
const TYPING_PAUSE: Duration = Duration::from_millis(200);

type Fetched<T> = Pin<Box<dyn Future<Output = Result<Page<T>, Failure>>>>;
type Fetch<T> = Box<dyn Fn(Option<String>) -> Fetched<T> + Send + Sync>;

/// The rows of a list that are known so far.
#[allow(missing_debug_implementations)] // Its rows have their own.
pub struct Paged<T: Send + Sync + 'static> {
    pub items: RwSignal<Vec<T>>,
    pub total: RwSignal<u64>,
    cursor: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    fetch: StoredValue<Fetch<T>>,
    /// Answers to an older question are dropped.
    asked: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Paged<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Paged<T> {}

impl<T: Clone + Send + Sync + 'static> Paged<T> {
    /// Starts with a page that is there; `fetch` gets what follows a cursor, or the start.
    pub fn new<F>(
        first: Page<T>,
        fetch: impl Fn(Option<String>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Page<T>, Failure>> + 'static,
    {
        Self {
            total: RwSignal::new(first.total),
            cursor: RwSignal::new(first.next_cursor),
            items: RwSignal::new(first.items),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            fetch: StoredValue::new(Box::new(move |cursor| Box::pin(fetch(cursor)))),
            asked: StoredValue::new(0),
        }
    }

    /// Starts over, a moment after what `key` reads has changed.
    pub fn reload_on<K: PartialEq + Clone + Send + Sync + 'static>(
        self,
        key: impl Fn() -> K + Send + Sync + 'static,
    ) {
        Effect::watch(
            key,
            move |now, before, _| {
                if before.is_some_and(|before| before != now) {
                    let question = self.ask();
                    set_timeout(
                        move || {
                            if self.is_current(question) {
                                self.load(None);
                            }
                        },
                        TYPING_PAUSE,
                    );
                }
            },
            false,
        );
    }

    fn ask(self) -> u32 {
        let question = self.asked.with_value(|asked| asked.wrapping_add(1));
        self.asked.set_value(question);
        question
    }

    fn is_current(self, question: u32) -> bool {
        self.asked.try_with_value(|asked| *asked) == Some(question)
    }

    /// Fetches what follows `cursor`, or everything anew without one.
    pub fn load(self, cursor: Option<String>) {
        let question = self.ask();
        let append = cursor.is_some();
        self.busy.set(true);
        let fetched = self.fetch.with_value(|fetch| fetch(cursor));
        spawn_local(async move {
            let answer = fetched.await;
            if !self.is_current(question) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    self.failure.set(None);
                    self.total.set(page.total);
                    self.cursor.set(page.next_cursor);
                    self.items.update(|items| {
                        if !append {
                            items.clear();
                        }
                        items.extend(page.items);
                    });
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }
}

/// How many rows of how many, and the next ones.
#[component]
pub fn MoreRows<T: Clone + Send + Sync + 'static>(list: Paged<T>) -> impl IntoView {
    let locale = use_locale();
    let shown = move || list.items.with(Vec::len);
    let label = move || {
        let total = list.total.get();
        if total == 0 {
            td_string!(locale, common.nothing_found).to_owned()
        } else {
            td_string!(locale, common.shown_of, shown = shown(), total = total).to_string()
        }
    };
    view! {
        <footer class="rows-foot">
            <span aria-live="polite">{label}</span>
            {move || {
                let cursor = list.cursor.get()?;
                let more = move |_| list.load(Some(cursor.clone()));
                Some(view! {
                    <button r#type="button" class="link-btn" disabled=move || list.busy.get() on:click=more>
                        {td_string!(locale, common.show_more)}
                    </button>
                })
            }}
        </footer>
        {move || list.failure.get().map(|failure| view! { <ListProblem failure /> })}
    }
    .into_any()
}

/// Why a list is not there, and a way to try again.
#[component]
#[must_use]
pub fn ListProblem(failure: Failure) -> impl IntoView {
    let locale = use_locale();
    view! {
        <div class="list-problem" role="alert">
            <p class="problem"><Icon glyph=Glyph::Failed />{failure_text(&failure, locale)}</p>
            <Button
                label=td_string!(locale, common.try_again)
                on:click=move |_| drop(window().location().reload())
            />
        </div>
    }
    .into_any()
}

/// The search field of a list; `/` puts the cursor into it.
#[component]
pub fn SearchField(value: RwSignal<String>, label: &'static str) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && !value.get_untracked().is_empty() {
            event.prevent_default();
            value.set(String::new());
        }
    };
    view! {
        <label class="search">
            <Icon glyph=Glyph::Search />
            <span class="sr-only">{label}</span>
            <input
                node_ref=field
                r#type="search"
                data-key="/"
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
                on:keydown=on_key
            />
            <kbd class="keycap" aria-hidden="true">"/"</kbd>
        </label>
    }
    .into_any()
}
