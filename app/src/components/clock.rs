//! Points in time as people say them, in the reader's own time zone once the page is alive.

use crate::i18n::{Locale, td_string, use_locale};
use domain::Timestamp;
use leptos::prelude::*;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Now and the reader's time zone. The server and the first paint know neither, so they say UTC.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    now: RwSignal<i64>,
    /// Milliseconds to add to UTC.
    offset: RwSignal<i64>,
}

impl Clock {
    /// Starts the page's clock, for [`Moment`] to read.
    pub fn provide() {
        let clock = Self {
            now: RwSignal::new(now()),
            offset: RwSignal::new(0),
        };
        provide_context(clock);
        Effect::new(move || {
            clock.offset.set(local_offset());
            clock.now.set(now());
            let tick = set_interval_with_handle(
                move || clock.now.set(now()),
                std::time::Duration::from_secs(20),
            );
            on_cleanup(move || {
                if let Ok(tick) = tick {
                    tick.clear();
                }
            });
        });
    }

    fn text(self, at: Timestamp, style: MomentStyle, locale: Locale) -> String {
        let (now, offset) = (self.now.get(), self.offset.get());
        let moment = Moments {
            now,
            offset,
            locale,
        };
        moment.say(at.millis(), style)
    }
}

/// How a point in time is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentStyle {
    /// `41 min ago`, `yesterday`, `Mon`, `12 Nov 2026`.
    Ago,
    /// `09:41`, `Mon`, `12 Nov 2026`.
    Short,
    /// `today 09:41:22`, `Mon 09:41:22`, `12 Nov 2026 09:41:22`.
    Full,
    /// `09:41:22`.
    Time,
}

/// A point in time, with the exact one in UTC on hover.
#[component]
#[must_use]
pub fn Moment(at: Timestamp, style: MomentStyle) -> impl IntoView {
    let locale = use_locale();
    let clock = use_context::<Clock>();
    let exact = at.to_string();
    view! {
        <time datetime=exact.clone() title=exact>
            {move || clock.map(|clock| clock.text(at, style, locale))}
        </time>
    }
}

struct Moments {
    now: i64,
    offset: i64,
    locale: Locale,
}

impl Moments {
    fn say(&self, at: i64, style: MomentStyle) -> String {
        let age = self.now - at;
        let (day, today) = (self.day(at), self.day(self.now));
        let locale = self.locale;
        match style {
            MomentStyle::Time => self.time(at, true),
            MomentStyle::Short if day == today => self.time(at, false),
            MomentStyle::Ago if age < MINUTE => td_string!(locale, common.just_now).to_owned(),
            MomentStyle::Ago if age < 60 * MINUTE => {
                td_string!(locale, common.minutes_ago, count = age / MINUTE).to_string()
            }
            MomentStyle::Ago if day == today => {
                td_string!(locale, common.hours_ago, count = age / (60 * MINUTE)).to_string()
            }
            MomentStyle::Ago if day + 1 == today => td_string!(locale, common.yesterday).to_owned(),
            MomentStyle::Full if day == today => {
                format!(
                    "{} {}",
                    td_string!(locale, common.today),
                    self.time(at, true)
                )
            }
            MomentStyle::Full => format!("{} {}", self.date(at, day, today), self.time(at, true)),
            MomentStyle::Short | MomentStyle::Ago => self.date(at, day, today),
        }
    }

    fn day(&self, at: i64) -> i64 {
        (at + self.offset).div_euclid(DAY)
    }

    fn time(&self, at: i64, seconds: bool) -> String {
        let of_day = (at + self.offset).rem_euclid(DAY) / 1000;
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        if seconds {
            format!("{hour:02}:{minute:02}:{second:02}")
        } else {
            format!("{hour:02}:{minute:02}")
        }
    }

    fn date(&self, at: i64, day: i64, today: i64) -> String {
        let local = Timestamp::from_millis(at + self.offset).utc();
        if (0..7).contains(&(today - day)) {
            let index = usize::from(local.weekday().number_days_from_monday());
            return weekdays(self.locale)[index].to_owned();
        }
        let month = months(self.locale)[usize::from(u8::from(local.month())) - 1];
        format!("{} {month} {}", local.day(), local.year())
    }
}

const fn weekdays(locale: Locale) -> [&'static str; 7] {
    match locale {
        Locale::en => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        Locale::fr => ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
    }
}

const fn months(locale: Locale) -> [&'static str; 12] {
    match locale {
        Locale::en => [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ],
        Locale::fr => [
            "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
            "nov.", "déc.",
        ],
    }
}

/// Milliseconds since the Unix epoch.
#[must_use]
pub fn now() -> i64 {
    #[cfg(target_arch = "wasm32")]
    {
        js_sys::Date::now() as i64
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        use std::time::{SystemTime, UNIX_EPOCH};
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as i64)
    }
}

fn local_offset() -> i64 {
    #[cfg(target_arch = "wasm32")]
    {
        -(js_sys::Date::new_0().get_timezone_offset() as i64) * MINUTE
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday 24 November 2026, 10:22:05 UTC.
    const NOW: i64 = 1_795_515_725_000;

    fn say(ago: i64, style: MomentStyle, locale: Locale) -> String {
        let moments = Moments {
            now: NOW,
            offset: 0,
            locale,
        };
        moments.say(NOW - ago, style)
    }

    #[test]
    fn lists_say_how_long_ago() {
        use MomentStyle::Ago;
        assert_eq!(say(41 * MINUTE, Ago, Locale::en), "41 min ago");
        assert_eq!(say(120 * MINUTE, Ago, Locale::fr), "il y a 2 h");
        assert_eq!(say(DAY, Ago, Locale::en), "yesterday");
        assert_eq!(say(3 * DAY, Ago, Locale::en), "Sat");
        assert_eq!(say(12 * DAY, Ago, Locale::fr), "12 nov. 2026");
    }

    #[test]
    fn a_run_says_when_to_the_second() {
        assert_eq!(say(5000, MomentStyle::Full, Locale::en), "today 10:22:00");
        assert_eq!(say(5000, MomentStyle::Short, Locale::en), "10:22");
    }
}
