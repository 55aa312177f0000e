//! The bar at the top of list pages: mark, sections, theme and account.

use crate::{
    components::{Glyph, Icon, Menu, MenuItem},
    i18n::{Locale, td_string, use_locale},
    preferences::{Preferences, Theme, choose_language},
    server_fns::caller_name,
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};

/// The mark: a deflected beam on two supports.
#[component]
#[must_use]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
            <path class="mark-curve" d="M2 7.5c1.6 4.6 4.4 6.9 8 6.9s6.4-2.3 8-6.9" />
            <path class="mark-line" d="M1.5 7.5h17M10 3v7M7.9 8l2.1 2.2L12.1 8" />
        </svg>
    }
}

#[component]
#[must_use]
pub fn NavBar() -> impl IntoView {
    let locale = use_locale();
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label="MecaPy"><Mark /><span>"MecaPy"</span></a>
            <nav class="nav" aria-label=td_string!(locale, common.sections)>
                <NavLink href="/" label=td_string!(locale, common.tasks) />
                <NavLink href="/runs" label=td_string!(locale, common.runs) />
                <NavLink href="/examples" label=td_string!(locale, common.examples) />
                <NavLink href="/reference" label=td_string!(locale, common.reference) />
            </nav>
            <div class="topbar-end"><ThemeSwitch /><AccountMenu /></div>
        </header>
    }
    .into_any()
}

#[component]
fn NavLink(href: &'static str, label: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || (path.get() == href).then_some("page");
    view! {
        <a class="nav-link" href=href aria-current=current>{label}</a>
    }
}

/// Theme, language and keys.
#[component]
#[must_use]
pub fn AccountMenu() -> impl IntoView {
    let locale = use_locale();
    let preferences = use_context::<Preferences>();
    let theme_item = move |theme: Theme| {
        let label = match theme {
            Theme::System => td_string!(locale, common.theme_system),
            Theme::Light => td_string!(locale, common.theme_light),
            Theme::Dark => td_string!(locale, common.theme_dark),
        };
        let chosen = Signal::derive(move || {
            preferences.is_some_and(|preferences| preferences.theme.get() == theme)
        });
        let choose = Callback::new(move |()| {
            if let Some(preferences) = preferences {
                preferences.choose_theme(theme);
            }
        });
        view! { <MenuItem label=label chosen=chosen on_choose=choose /> }
    };
    let language_item = move |language: Locale, name: &'static str| {
        let chosen = Signal::derive(move || language == locale);
        let choose = Callback::new(move |()| {
            if language != locale {
                choose_language(language);
            }
        });
        view! { <MenuItem label=name chosen=chosen on_choose=choose /> }
    };
    let name = caller_name().unwrap_or_default();
    let initials = initials(&name);
    let label = td_string!(locale, common.account, name = name).to_string();
    view! {
        <Menu
            label=label
            class="avatar"
            trigger=ViewFn::from(move || initials.clone())
        >
            <div class="menu-title">{td_string!(locale, common.theme)}</div>
            {Theme::ALL.map(theme_item).collect_view()}
            <div class="menu-rule"></div>
            <div class="menu-title">{td_string!(locale, common.language)}</div>
            {language_item(Locale::en, "English")}
            {language_item(Locale::fr, "Français")}
            <div class="menu-rule"></div>
            <A href="/reference#keys" attr:class="menu-item" attr:role="menuitem">
                {td_string!(locale, common.all_keys)}
            </A>
        </Menu>
    }
    .into_any()
}

/// `CM` for Claire Morel.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next().unwrap_or('·');
    let last = words.next_back();
    first
        .to_uppercase()
        .chain(last.into_iter().flat_map(char::to_uppercase))
        .collect()
}

/// Light or dark at once, without the menu.
#[component]
#[must_use]
pub fn ThemeSwitch() -> impl IntoView {
    let locale = use_locale();
    let preferences = use_context::<Preferences>();
    let switch = move |_| {
        if let Some(preferences) = preferences {
            let dark = untrack(|| preferences.is_dark());
            preferences.choose_theme(if dark { Theme::Light } else { Theme::Dark });
        }
    };
    view! {
        <button r#type="button" class="icon-btn" aria-label=td_string!(locale, common.switch_theme) on:click=switch>
            <Icon glyph=Glyph::Contrast />
        </button>
    }
}

/// A thin line while the next page is being fetched, after a moment.
#[component]
#[must_use]
pub fn RoutingBar(is_routing: ReadSignal<bool>) -> impl IntoView {
    view! {
        <div class="routing" class:routing-on=move || is_routing.get() aria-hidden="true"></div>
    }
}
