//! Makes a link to a finished run, says who can open it, and ends it.

use super::words;
use crate::{
    clipboard,
    components::{Button, ButtonKind, Dialog, Glyph, use_toasts},
    i18n::{Locale, td_string, use_locale},
    server_fns::shares::{create_share, list_shares, revoke_share},
};
use domain::{
    RunId,
    share::{NewShare, ShareSummary},
};
use leptos::{prelude::*, task::spawn_local};

const DAY_S: u64 = 24 * 60 * 60;

/// How long a link lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Week,
    Quarter,
    Year,
    Endless,
}

impl Life {
    const ALL: [Self; 4] = [Self::Week, Self::Quarter, Self::Year, Self::Endless];

    const fn seconds(self) -> Option<u64> {
        match self {
            Self::Week => Some(7 * DAY_S),
            Self::Quarter => Some(90 * DAY_S),
            Self::Year => Some(365 * DAY_S),
            Self::Endless => None,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Week => "7",
            Self::Quarter => "90",
            Self::Year => "365",
            Self::Endless => "never",
        }
    }

    fn parse(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|life| life.code() == code)
            .unwrap_or(Self::Quarter)
    }

    fn word(self, locale: Locale) -> &'static str {
        match self {
            Self::Week => td_string!(locale, share.in_a_week),
            Self::Quarter => td_string!(locale, share.in_90_days),
            Self::Year => td_string!(locale, share.in_a_year),
            Self::Endless => td_string!(locale, share.never),
        }
    }
}

/// The state of an open dialog.
#[derive(Clone, Copy)]
struct Sharing {
    run: RunId,
    locale: Locale,
    life: RwSignal<Life>,
    /// The link made here; only its maker ever sees it whole.
    made: RwSignal<Option<NewShare>>,
    /// Links made before, whose addresses nobody can show again.
    others: RwSignal<Vec<ShareSummary>>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<String>>,
}

impl Sharing {
    fn new(run: RunId, locale: Locale) -> Self {
        Self {
            run,
            locale,
            life: RwSignal::new(Life::Quarter),
            made: RwSignal::new(None),
            others: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    /// Makes a link at once where the run has none yet; else shows those it has.
    fn start(self) {
        self.busy.set(true);
        spawn_local(async move {
            let shares = list_shares(self.run).await;
            let _ = self.busy.try_set(false);
            match shares {
                // Nobody waits for a link any more when the page has left.
                Ok(_) if self.life.is_disposed() => {}
                Ok(shares) if shares.is_empty() => self.make(),
                Ok(shares) => drop(self.others.try_set(shares)),
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn make(self) {
        let seconds = self.life.get_untracked().seconds();
        self.busy.set(true);
        spawn_local(async move {
            match create_share(self.run, seconds).await {
                Ok(share) => {
                    let _ = self.made.try_set(Some(share));
                    let _ = self.failure.try_set(None);
                }
                Err(failure) => self.failed(&failure),
            }
            let _ = self.busy.try_set(false);
        });
    }

    /// Ends the present link and makes one that lives as long as chosen.
    fn change_life(self, life: Life) {
        self.life.set(life);
        let Some(share) = self.made.get_untracked() else {
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            // The new link first: when it fails, the old one still works.
            match create_share(self.run, life.seconds()).await {
                Ok(new) => {
                    let _ = self.made.try_set(Some(new));
                    if let Err(failure) = revoke_share(share.id).await {
                        self.failed(&failure);
                    }
                }
                Err(failure) => self.failed(&failure),
            }
            let _ = self.busy.try_set(false);
        });
    }

    fn end(self, id: domain::ShareId, done: impl FnOnce() + 'static) {
        self.busy.set(true);
        spawn_local(async move {
            match revoke_share(id).await {
                Ok(()) => {
                    self.made.try_update(|made| {
                        if made.as_ref().is_some_and(|share| share.id == id) {
                            *made = None;
                        }
                    });
                    self.others
                        .try_update(|others| others.retain(|share| share.id != id));
                    let _ = self.failure.try_set(None);
                    done();
                }
                Err(failure) => self.failed(&failure),
            }
            let _ = self.busy.try_set(false);
        });
    }

    fn failed(self, failure: &crate::server_fns::Failure) {
        let text = crate::failures::failure_text(failure, self.locale);
        let _ = self.failure.try_set(Some(text));
    }
}

/// The dialog for one run, of which it says the number.
#[component]
pub fn ShareDialog(
    open: RwSignal<bool>,
    /// The run on show; the dialog is made for the one it was opened with.
    #[prop(into)]
    run: Signal<Option<(RunId, u32)>>,
) -> impl IntoView {
    let locale = use_locale();
    // The one it was opened with, whatever is on show meanwhile.
    let shared = RwSignal::new(None);
    Effect::new(move || {
        if open.get() {
            shared.set(run.get_untracked());
        }
    });
    let title = Signal::derive(move || {
        let number = shared.get().map_or(0, |(_, number)| number);
        td_string!(locale, share.share_run, number = number).to_string()
    });
    // Kept while the page lives: a link that was made can be shown again.
    let sharing = StoredValue::new(None::<Sharing>);
    let owner = StoredValue::new(Owner::current());
    let sharing_of = move |run: RunId| {
        if let Some(known) = sharing.get_value().filter(|known| known.run == run) {
            return known;
        }
        let new = owner.with_value(|owner| match owner {
            Some(owner) => owner.with(|| Sharing::new(run, locale)),
            None => Sharing::new(run, locale),
        });
        sharing.set_value(Some(new));
        new.start();
        new
    };
    view! {
        <Dialog open title>
            {move || {
                let (run, _) = shared.get()?;
                Some(view! { <Content sharing=sharing_of(run) /> })
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Content(sharing: Sharing) -> impl IntoView {
    let locale = sharing.locale;
    let made = move || sharing.made.get();
    view! {
        <p>{td_string!(locale, share.who_sees)}</p>
        {move || match made() {
            Some(share) => view! { <Link sharing share /> }.into_any(),
            None => view! { <Offer sharing /> }.into_any(),
        }}
        {move || sharing.failure.get().map(|text| view! { <p class="share-failure" role="alert">{text}</p> })}
        <Others sharing />
    }
    .into_any()
}

/// Before there is a link: for how long, and the button.
#[component]
fn Offer(sharing: Sharing) -> impl IntoView {
    let locale = sharing.locale;
    view! {
        <div class="share-foot">
            <LifeChoice sharing on_choose=Callback::new(move |life| sharing.life.set(life)) />
            <Button
                kind=ButtonKind::Primary
                glyph=Glyph::Link
                label=td_string!(locale, share.make_link)
                attr:disabled=move || sharing.busy.get()
                on:click=move |_| sharing.make()
            />
        </div>
    }
    .into_any()
}

#[component]
fn Link(sharing: Sharing, share: NewShare) -> impl IntoView {
    let locale = sharing.locale;
    let toasts = use_toasts();
    let url = share.url.clone();
    let copy = move |_| {
        clipboard::copy(url.clone(), move || {
            toasts.say(td_string!(locale, share.link_copied))
        });
    };
    let end = move |_| {
        sharing.end(share.id, move || {
            toasts.say(td_string!(locale, share.link_ended))
        });
    };
    view! {
        <div class="share-link">
            <input
                r#type="text"
                readonly=true
                aria-label=td_string!(locale, share.link)
                value=share.url.clone()
                on:focus=select_all
            />
            <Button
                kind=ButtonKind::Primary
                glyph=Glyph::Copy
                label=td_string!(locale, share.copy_link)
                on:click=copy
            />
        </div>
        {(!share.reachable).then(|| view! { <OnlyHere sharing /> })}
        <div class="share-foot">
            <LifeChoice sharing on_choose=Callback::new(move |life| sharing.change_life(life)) />
            <button
                r#type="button"
                class="link-btn share-end"
                disabled=move || sharing.busy.get()
                on:click=end
            >
                {td_string!(locale, share.end_link)}
            </button>
        </div>
    }
    .into_any()
}

fn select_all(event: leptos::ev::FocusEvent) {
    event_target::<web_sys::HtmlInputElement>(&event).select();
}

/// The server listens on this machine only: what changes that, and what can be sent instead.
#[component]
fn OnlyHere(sharing: Sharing) -> impl IntoView {
    let locale = sharing.locale;
    let file = format!("/api/runs/{}/export.html?download=1", sharing.run);
    view! {
        <div class="share-note">
            <p>
                {td_string!(locale, share.only_here)} " " {td_string!(locale, share.set_these)} " "
                <code>"MECAPY_ADDR"</code> {td_string!(locale, share.and)} <code>"MECAPY_PUBLIC_URL"</code> "."
            </p>
            <p>
                <a class="link-btn" href=file download="" rel="external">{td_string!(locale, share.as_file)}</a>
            </p>
        </div>
    }
    .into_any()
}

#[component]
fn LifeChoice(sharing: Sharing, on_choose: Callback<Life>) -> impl IntoView {
    let locale = sharing.locale;
    view! {
        <label class="share-life">
            <span class="quiet">{td_string!(locale, share.link_ends)}</span>
            <select
                disabled=move || sharing.busy.get()
                on:change=move |event| on_choose.run(Life::parse(&event_target_value(&event)))
            >
                {Life::ALL
                    .map(|life| {
                        let chosen = sharing.life.get_untracked() == life;
                        view! { <option value=life.code() selected=chosen>{life.word(locale)}</option> }
                    })
                    .collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// Links made before this one, each with its end.
#[component]
fn Others(sharing: Sharing) -> impl IntoView {
    let locale = sharing.locale;
    let toasts = use_toasts();
    let line = move |share: ShareSummary| {
        let made = words::date(share.created_at, locale);
        let ends = match share.expires_at {
            Some(at) => words::date(at, locale),
            None => td_string!(locale, share.never).to_owned(),
        };
        let end = move |_| {
            sharing.end(share.id, move || {
                toasts.say(td_string!(locale, share.link_ended))
            });
        };
        view! {
            <li>
                <span>{td_string!(locale, share.made_ends, made = made, ends = ends).to_string()}</span>
                <button r#type="button" class="link-btn share-end" on:click=end>
                    {td_string!(locale, share.end_link)}
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || sharing.others.with(|others| !others.is_empty())>
            <section class="share-others">
                <h3>{td_string!(locale, share.other_links)}</h3>
                <ul>
                    <For each=move || sharing.others.get() key=|share| share.id children=line />
                </ul>
            </section>
        </Show>
    }
    .into_any()
}
