//! Reading columns back into the words of the domain.

use crate::error::Internal;
use domain::{Timestamp, run::RunStatus, webhook::WebhookEvent};
use serde::{Serialize, de::DeserializeOwned};
use std::str::FromStr;

pub(super) fn unreadable(
    what: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Internal {
    Internal::Stored {
        what,
        source: source.into(),
    }
}

/// An identifier or another word with a text form.
pub(super) fn parse<T>(what: &'static str, text: &str) -> Result<T, Internal>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse()
        .map_err(|error: T::Err| unreadable(what, error))
}

pub(super) fn status(text: &str) -> Result<RunStatus, Internal> {
    RunStatus::parse(text).ok_or_else(|| unreadable("run status", text.to_owned()))
}

pub(super) fn webhook_event(text: &str) -> Result<WebhookEvent, Internal> {
    WebhookEvent::parse(text).ok_or_else(|| unreadable("webhook event", text.to_owned()))
}

pub(super) fn json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Internal> {
    serde_json::from_str(text).map_err(|error| unreadable(what, error))
}

pub(super) fn optional_json<T: DeserializeOwned>(
    what: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, Internal> {
    text.map(|text| json(what, text)).transpose()
}

pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the domain's types have string keys only")
}

pub(super) fn time(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

/// A count or a number from 1, which the schema keeps in a signed column.
pub(super) fn count(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(if value < 0 { 0 } else { u32::MAX })
}

/// A sequence number or a size.
pub(super) fn size(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
