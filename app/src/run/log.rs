//! What a run printed, line by line, each with the time since the start.

use crate::{
    components::Icon,
    components::icon::Glyph,
    i18n::{is_one, td_string, use_locale},
};
use domain::{Lang, event::LogStream};
use leptos::{html, prelude::*};
use std::sync::atomic::{AtomicU32, Ordering};

/// Lines that the pane draws; a long log is read in full from its download.
const SHOWN_LINES: usize = 2000;

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub stream: LogStream,
    pub text: String,
    /// Milliseconds after the start of the run; negative when that is not known.
    pub after_ms: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Tells the lines from those of a log that was here before.
    generation: u32,
    lines: Vec<Line>,
    /// The last line has no newline yet.
    open: bool,
}

impl Default for Log {
    /// A log that nothing was written to.
    fn default() -> Self {
        let mut log = Self {
            generation: 0,
            lines: Vec::new(),
            open: false,
        };
        log.clear();
        log
    }
}

impl Log {
    /// A log that is complete and knows no times.
    #[must_use]
    pub fn complete(text: &str) -> Self {
        let mut log = Self::default();
        log.push(LogStream::Stdout, text, -1);
        log
    }

    const fn generation(&self) -> u32 {
        self.generation
    }

    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub fn clear(&mut self) {
        static GENERATIONS: AtomicU32 = AtomicU32::new(0);
        self.generation = GENERATIONS.fetch_add(1, Ordering::Relaxed);
        self.lines.clear();
        self.open = false;
    }

    /// Takes in a piece of output, which may end within a line.
    pub fn push(&mut self, stream: LogStream, text: &str, after_ms: i64) {
        for piece in text.split_inclusive('\n') {
            let (piece, ends) = match piece.strip_suffix('\n') {
                Some(line) => (line.trim_end_matches('\r'), true),
                None => (piece, false),
            };
            match self.lines.last_mut() {
                Some(last) if self.open && last.stream == stream => last.text.push_str(piece),
                _ => self.lines.push(Line {
                    stream,
                    text: piece.to_owned(),
                    after_ms,
                }),
            }
            self.open = !ends;
        }
    }
}

/// The log, following its end while the reader is there.
#[component]
pub fn LogView(log: RwSignal<Log>, #[prop(into)] live: Signal<bool>) -> impl IntoView {
    let locale = use_locale();
    let list = NodeRef::<html::Div>::new();
    let following = RwSignal::new(true);
    let count = Memo::new(move |_| log.with(|log| log.lines().len()));
    let last = Memo::new(move |_| log.with(|log| log.lines().last().map(|line| line.text.len())));
    let first = move || count.get().saturating_sub(SHOWN_LINES);
    Effect::new(move || {
        count.track();
        last.track();
        if live.get_untracked() && following.get_untracked() {
            request_animation_frame(move || {
                // A tab in the background gets its frames when it comes back, the pane may be gone by then.
                if let Some(Some(list)) = list.try_get_untracked() {
                    list.set_scroll_top(list.scroll_height());
                }
            });
        }
    });
    let on_scroll = move |_| {
        if let Some(list) = list.get_untracked() {
            let below = list.scroll_height() - list.scroll_top() - list.client_height();
            following.set(below < 24);
        }
    };
    let caption = move || {
        let count = count.get();
        if is_one(locale, count as u64) {
            td_string!(locale, workbench.lines_single, count = count).to_string()
        } else {
            td_string!(locale, workbench.lines_many, count = count).to_string()
        }
    };
    view! {
        <div class="log">
            <header class="log-head">
                <h3>{td_string!(locale, workbench.log)}</h3>
                <span class="quiet">{caption}</span>
                <Show when=move || live.get() && following.get()>
                    <span class="following">{td_string!(locale, workbench.following)}</span>
                </Show>
            </header>
            <Show when=move || first() != 0>
                <p class="quiet small">
                    <Icon glyph=Glyph::Warning />
                    {move || td_string!(locale, workbench.log_shortened, count = SHOWN_LINES).to_string()}
                </p>
            </Show>
            <Show when=move || count.get() == 0 && !live.get()>
                <p class="quiet">{td_string!(locale, workbench.log_empty)}</p>
            </Show>
            <div node_ref=list class="log-lines" tabindex="0" role="log" aria-live="off" aria-label=td_string!(locale, workbench.log) on:scroll=on_scroll>
                <For
                    each=move || first()..count.get()
                    key=move |index| (log.with_untracked(Log::generation), *index)
                    children=move |index| view! { <LogLine log index /> }
                />
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn LogLine(log: RwSignal<Log>, index: usize) -> impl IntoView {
    let lang = use_locale().into();
    let line = move || log.with(|log| log.lines().get(index).cloned());
    let (stream, after) = log.with_untracked(|log| {
        log.lines()
            .get(index)
            .map_or((LogStream::Stdout, -1), |line| (line.stream, line.after_ms))
    });
    let class = match stream {
        LogStream::Stdout => "log-line",
        LogStream::Stderr => "log-line log-err",
        LogStream::System => "log-line log-system",
    };
    let time = (after >= 0).then(|| {
        let text = seconds(after, lang);
        view! { <span class="log-time">{text}</span> }
    });
    view! {
        <div class=class>{time}<span class="log-text">{move || line().map(|line| line.text)}</span></div>
    }
}

/// `0.9 s`: one unit for all lines, so that they can be compared.
fn seconds(after_ms: i64, lang: Lang) -> String {
    let text = format!("{:.1} s", after_ms as f64 / 1000.0);
    lang.pick(text.clone(), text.replace('.', ","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_come_in_pieces() {
        let mut log = Log::default();
        log.push(LogStream::Stdout, "a", 10);
        log.push(LogStream::Stdout, "b\nc", 20);
        log.push(LogStream::Stderr, "d\n", 30);
        let texts: Vec<&str> = log.lines().iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["ab", "c", "d"]);
        assert_eq!(log.lines()[0].after_ms, 10);
    }

    #[test]
    fn an_empty_log_has_no_lines_and_an_empty_line_is_one() {
        assert_eq!(Log::complete("").lines().len(), 0);
        assert_eq!(Log::complete("a\r\n\nb\n").lines().len(), 3);
    }
}
