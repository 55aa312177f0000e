//! Buttons: one primary per view, everything else quieter.

use super::icon::{Glyph, Icon};
use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    Primary,
    #[default]
    Default,
    Quiet,
    Danger,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonSize {
    /// 28 px, in pane headers.
    Small,
    /// 32 px.
    #[default]
    Medium,
    /// 48 px, under a thumb.
    Large,
}

/// The class list of a button, for links that look like one.
#[must_use]
pub const fn button_class(kind: ButtonKind, size: ButtonSize) -> &'static str {
    match (kind, size) {
        (ButtonKind::Primary, ButtonSize::Small) => "btn btn-primary btn-s",
        (ButtonKind::Primary, ButtonSize::Medium) => "btn btn-primary",
        (ButtonKind::Primary, ButtonSize::Large) => "btn btn-primary btn-l",
        (ButtonKind::Default, ButtonSize::Small) => "btn btn-s",
        (ButtonKind::Default, ButtonSize::Medium) => "btn",
        (ButtonKind::Default, ButtonSize::Large) => "btn btn-l",
        (ButtonKind::Quiet, ButtonSize::Small) => "btn btn-quiet btn-s",
        (ButtonKind::Quiet, ButtonSize::Medium) => "btn btn-quiet",
        (ButtonKind::Quiet, ButtonSize::Large) => "btn btn-quiet btn-l",
        (ButtonKind::Danger, ButtonSize::Small) => "btn btn-danger btn-s",
        (ButtonKind::Danger, ButtonSize::Medium) => "btn btn-danger",
        (ButtonKind::Danger, ButtonSize::Large) => "btn btn-danger btn-l",
    }
}

/// A button; `on:click` and further attributes go to the element.
#[component]
#[must_use]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional, into)] glyph: Option<Glyph>,
    /// Keys that do the same, shown behind a thin line.
    #[prop(optional)]
    keys: &'static str,
    /// The word on it; an icon alone needs an `aria-label`.
    #[prop(optional, into)]
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <button r#type="button" class=button_class(kind, size)>
            {glyph.map(|glyph| view! { <Icon glyph /> })}
            <span class="btn-label">{move || label.get()}</span>
            {(!keys.is_empty()).then(|| view! { <span class="btn-keys" aria-hidden="true">{keys}</span> })}
        </button>
    }
    .into_any()
}
