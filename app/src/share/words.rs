//! Dates as a document says them.

use crate::i18n::Locale;
use domain::Timestamp;

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// `24 November 2026`, in UTC.
#[must_use]
pub fn date(at: Timestamp, locale: Locale) -> String {
    let at = at.utc();
    let index = usize::from(u8::from(at.month())) - 1;
    let month = match locale {
        Locale::en => MONTHS_EN[index],
        Locale::fr => MONTHS_FR[index],
    };
    let day = match (locale, at.day()) {
        (Locale::fr, 1) => "1er".to_owned(),
        (_, day) => day.to_string(),
    };
    format!("{day} {month} {}", at.year())
}

/// `24 November 2026, 09:12:40 UTC`
#[cfg(feature = "ssr")]
#[must_use]
pub fn moment(at: Timestamp, locale: Locale) -> String {
    let utc = at.utc();
    let (hour, minute, second) = (utc.hour(), utc.minute(), utc.second());
    format!(
        "{}, {hour:02}:{minute:02}:{second:02} UTC",
        date(at, locale)
    )
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_out() {
        let at = Timestamp::from_millis(1_795_511_560_000);
        assert_eq!(moment(at, Locale::en), "24 November 2026, 09:12:40 UTC");
        assert_eq!(
            date(Timestamp::from_millis(0), Locale::fr),
            "1er janvier 1970"
        );
    }
}
