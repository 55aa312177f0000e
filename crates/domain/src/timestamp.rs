//! Points in time: milliseconds since the Unix epoch in the database, RFC 3339 UTC in JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use time::{OffsetDateTime, Time, format_description::well_known::Rfc3339};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, format = DateTime)
)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The same instant as a calendar date and time in UTC; the epoch for instants beyond what a calendar date can say.
    #[must_use]
    pub fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The first moment of the same day, UTC.
    #[must_use]
    pub fn day_start(self) -> Self {
        Self::at(self.utc().replace_time(Time::MIDNIGHT))
    }

    /// The first moment of the same month, UTC.
    #[must_use]
    pub fn month_start(self) -> Self {
        let day = self.utc().replace_time(Time::MIDNIGHT);
        Self::at(day.replace_day(1).unwrap_or(day))
    }

    fn at(instant: OffsetDateTime) -> Self {
        let millis = instant.unix_timestamp_nanos() / 1_000_000;
        Self(i64::try_from(millis).unwrap_or_default())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.utc().format(&Rfc3339).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let instant = OffsetDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)?;
        Ok(Self((instant.unix_timestamp_nanos() / 1_000_000) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_begin_at_midnight_utc() {
        let at: Timestamp = serde_json::from_str("\"2024-02-29T23:59:59.999Z\"").expect("a time");
        assert_eq!(at.day_start().to_string(), "2024-02-29T00:00:00Z");
        assert_eq!(at.month_start().to_string(), "2024-02-01T00:00:00Z");
        let first = at.month_start();
        assert_eq!((first.day_start(), first.month_start()), (first, first));
    }
}
