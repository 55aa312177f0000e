//! The state of a run: always an icon and a word, and only what is not normal in colour.

use super::icon::{Glyph, Icon};
use crate::i18n::{Locale, td_string, use_locale};
use domain::run::RunStatus;
use leptos::prelude::*;

/// A run's status, and the two states of having no fitting run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Run(RunStatus),
    /// The result is not of these inputs.
    InputsChanged,
    /// The result is not of this code.
    CodeChanged,
    NotRun,
}

impl From<RunStatus> for State {
    fn from(status: RunStatus) -> Self {
        Self::Run(status)
    }
}

impl State {
    #[must_use]
    pub fn word(self, locale: Locale) -> &'static str {
        match self {
            Self::Run(RunStatus::Queued) => td_string!(locale, common.state_queued),
            Self::Run(RunStatus::Running) => td_string!(locale, common.state_running),
            Self::Run(RunStatus::Completed) => td_string!(locale, common.state_completed),
            Self::Run(RunStatus::Failed) => td_string!(locale, common.state_failed),
            Self::Run(RunStatus::Cancelled) => td_string!(locale, common.state_cancelled),
            Self::InputsChanged => td_string!(locale, common.state_inputs_changed),
            Self::CodeChanged => td_string!(locale, common.state_code_changed),
            Self::NotRun => td_string!(locale, common.state_not_run),
        }
    }

    #[must_use]
    pub const fn glyph(self) -> Glyph {
        match self {
            Self::Run(RunStatus::Queued) => Glyph::Queued,
            Self::Run(RunStatus::Running) => Glyph::Ring,
            Self::Run(RunStatus::Completed) => Glyph::Completed,
            Self::Run(RunStatus::Failed) => Glyph::Failed,
            Self::Run(RunStatus::Cancelled) => Glyph::Cancelled,
            Self::InputsChanged | Self::CodeChanged => Glyph::Warning,
            Self::NotRun => Glyph::NotRun,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Run(RunStatus::Queued) => "state state-queued",
            Self::Run(RunStatus::Running) => "state state-running",
            Self::Run(RunStatus::Completed) => "state state-completed",
            Self::Run(RunStatus::Failed) => "state state-failed",
            Self::Run(RunStatus::Cancelled) => "state state-cancelled",
            Self::InputsChanged | Self::CodeChanged => "state state-changed",
            Self::NotRun => "state state-not-run",
        }
    }
}

/// Icon and word.
#[component]
#[must_use]
pub fn StateBadge(#[prop(into)] state: State) -> impl IntoView {
    let locale = use_locale();
    view! {
        <span class=state.class()>
            <Icon glyph=state.glyph() />
            <span class="state-word">{state.word(locale)}</span>
        </span>
    }
    .into_any()
}

/// The icon alone, where the word stands for screen readers only.
#[component]
#[must_use]
pub fn StateIcon(#[prop(into)] state: State) -> impl IntoView {
    let locale = use_locale();
    view! {
        <span class=state.class()>
            <Icon glyph=state.glyph() />
            <span class="sr-only">{state.word(locale)}</span>
        </span>
    }
}
