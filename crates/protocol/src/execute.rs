//! `POST /execute`: one request, then one event per line (`application/x-ndjson`) until `finished`,
//! or `finished` alone as one JSON object for who accepts only `application/json`.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    event::LogStream,
    limits::Limits,
    run::{RunError, RunStatus},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// The media type of the event stream.
pub const NDJSON: &str = "application/x-ndjson";
/// How often a worker writes `alive`; either side that hears nothing for several of these gives up.
pub const ALIVE_EVERY_S: u64 = 1;

/// What the worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExecuteRequest {
    /// A label; `task_id` stands in for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    #[serde(default = "first_attempt")]
    pub attempt: u32,
    /// UTF-8, base64 on the wire.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub code: String,
    /// A JSON object. Absent with neither `inputs` nor `inputs_url` means `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Box<RawValue>>,
    /// Where large inputs are read from: a presigned GET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_url: Option<String>,
    /// Where the input files are read from; the inputs name each by its digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<InputFile>,
    /// Where a large result and figures go. Without it everything comes back inline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_urls: Option<UploadUrls>,
    #[serde(default)]
    pub limits: Limits,
    /// Results up to this many bytes come back inline although there is an upload slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_s3_key: Option<String>,
}

/// One input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Of its bytes, lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    /// A presigned GET.
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadUrls {
    pub result: UploadSlot,
    /// Figure `n` of the result goes to slot `n`.
    #[serde(default)]
    pub figures: Vec<UploadSlot>,
}

/// A presigned PUT: bound to method, key, largest size and expiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadSlot {
    /// The object's key, repeated in `finished` so that the dispatcher need not remember it.
    pub key: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// What a run used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    pub cpu_ms: f64,
    pub wall_ms: f64,
    /// Peak above the worker's baseline, MB.
    pub memory_peak_mb: f64,
}

/// One line of the stream.
#[derive(Debug)]
pub enum ExecuteEvent {
    Started(Started),
    /// Nothing new, but the worker and the run are there.
    Alive,
    Log {
        stream: LogStream,
        text: String,
    },
    /// `fraction` from 0 to 1.
    Progress {
        fraction: f64,
        message: String,
    },
    /// Always the last line.
    Finished(Finished),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Started {
    pub python: String,
    pub packages: BTreeMap<String, String>,
    pub packages_hash: String,
    pub sandbox_level: String,
    pub sandbox_layers: Vec<String>,
}

#[derive(Debug)]
pub struct Finished {
    /// `completed`, `failed` or `cancelled`.
    pub status: RunStatus,
    /// The encoded result, inline.
    pub result: Option<Box<RawValue>>,
    /// The key of the slot it was uploaded to instead.
    pub result_key: Option<String>,
    /// Bytes of the encoded result, inline or uploaded.
    pub result_bytes: Option<u64>,
    pub error: Option<RunError>,
    /// The worker stops and could not wait for the end: the run is to be started elsewhere, and is
    /// not to blame.
    pub given_back: bool,
    pub usage: Usage,
}

impl ExecuteEvent {
    /// One line, without its newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        let line = match self {
            Self::Started(started) => serde_json::to_string(&Tagged {
                event: "started",
                body: started,
            }),
            Self::Alive => return r#"{"event":"alive"}"#.to_owned(),
            Self::Log { stream, text } => serde_json::to_string(&Tagged {
                event: "log",
                body: LogBody {
                    stream: *stream,
                    text: text.into(),
                },
            }),
            Self::Progress { fraction, message } => serde_json::to_string(&Tagged {
                event: "progress",
                body: ProgressBody {
                    fraction: *fraction,
                    message: message.into(),
                },
            }),
            Self::Finished(finished) => return finished.to_json(true),
        };
        line.expect("strings, numbers and maps with string keys always serialise")
    }

    /// # Errors
    /// The line is not one event of this protocol.
    pub fn from_line(line: &str) -> Result<Self, serde_json::Error> {
        let Kind { event } = serde_json::from_str(line)?;
        match event {
            EventName::Started => serde_json::from_str(line).map(Self::Started),
            EventName::Alive => Ok(Self::Alive),
            EventName::Log => {
                let LogBody { stream, text } = serde_json::from_str(line)?;
                Ok(Self::Log {
                    stream,
                    text: text.into_owned(),
                })
            }
            EventName::Progress => {
                let ProgressBody { fraction, message } = serde_json::from_str(line)?;
                Ok(Self::Progress {
                    fraction,
                    message: message.into_owned(),
                })
            }
            EventName::Finished => Finished::from_json(line).map(Self::Finished),
        }
    }
}

impl Finished {
    /// The answer for who asks for plain JSON: the last event alone, without its tag.
    #[must_use]
    pub fn to_json(&self, tagged: bool) -> String {
        let body = FinishedBody {
            event: tagged.then_some("finished".into()),
            status: self.status,
            result: self.result.as_deref(),
            result_key: self.result_key.as_deref().map(Into::into),
            result_bytes: self.result_bytes,
            error: self.error.as_ref().map(Cow::Borrowed),
            given_back: self.given_back,
            usage: self.usage,
        };
        serde_json::to_string(&body).expect("strings, numbers and raw JSON always serialise")
    }

    /// # Errors
    /// The text is not a `finished` event.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let body: FinishedBody<'_> = serde_json::from_str(text)?;
        Ok(Self {
            status: body.status,
            result: body.result.map(ToOwned::to_owned),
            result_key: body.result_key.map(Cow::into_owned),
            result_bytes: body.result_bytes,
            error: body.error.map(Cow::into_owned),
            given_back: body.given_back,
            usage: body.usage,
        })
    }
}

#[derive(Serialize)]
struct Tagged<B> {
    event: &'static str,
    #[serde(flatten)]
    body: B,
}

// Read in two steps, because serde cannot carry raw JSON through a tagged enum.
#[derive(Deserialize)]
struct Kind {
    event: EventName,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventName {
    Started,
    Alive,
    Log,
    Progress,
    Finished,
}

#[derive(Serialize, Deserialize)]
struct LogBody<'a> {
    stream: LogStream,
    text: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct ProgressBody<'a> {
    fraction: f64,
    message: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct FinishedBody<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<Cow<'a, str>>,
    status: RunStatus,
    #[serde(
        borrow,
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    result: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result_key: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'a, RunError>>,
    #[serde(default, skip_serializing_if = "is_false")]
    given_back: bool,
    #[serde(flatten)]
    usage: Usage,
}

/// A result of `null` is a result: the calculation returned nothing.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

fn first_attempt() -> u32 {
    1
}

fn to_base64<S: Serializer>(code: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(code))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|error| de::Error::custom(format!("code must be base64: {error}")))?;
    String::from_utf8(bytes).map_err(|_| de::Error::custom("code must be UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(event: &ExecuteEvent) -> String {
        let line = event.to_line();
        let again = ExecuteEvent::from_line(&line).expect("own lines can be read");
        assert_eq!(again.to_line(), line);
        line
    }

    #[test]
    fn every_event_survives_the_wire() {
        round_trip(&ExecuteEvent::Alive);
        round_trip(&ExecuteEvent::Started(Started {
            python: "3.11.7".into(),
            ..Started::default()
        }));
        round_trip(&ExecuteEvent::Log {
            stream: LogStream::Stderr,
            text: "a\n\"b\"".into(),
        });
        round_trip(&ExecuteEvent::Progress {
            fraction: 0.4,
            message: "meshing".into(),
        });
    }

    #[test]
    fn a_result_keeps_integers_no_float_can_hold() {
        let big = "{\"n\":123456789012345678901234567890}";
        let line = round_trip(&ExecuteEvent::Finished(Finished {
            status: RunStatus::Completed,
            result: Some(RawValue::from_string(big.into()).expect("valid JSON")),
            result_key: None,
            result_bytes: Some(big.len() as u64),
            error: None,
            given_back: false,
            usage: Usage {
                cpu_ms: 1.0,
                wall_ms: 2.0,
                memory_peak_mb: 0.5,
            },
        }));
        assert!(line.contains(big), "{line}");
    }

    #[test]
    fn nothing_returned_is_a_result_and_no_result_is_none() {
        let line = r#"{"event":"finished","status":"completed","result":null,"cpu_ms":1,"wall_ms":1,"memory_peak_mb":1}"#;
        let result_of = |line: &str| match ExecuteEvent::from_line(line) {
            Ok(ExecuteEvent::Finished(finished)) => {
                finished.result.map(|json| json.get().to_owned())
            }
            other => panic!("{other:?} is not an ending"),
        };
        assert_eq!(result_of(line).as_deref(), Some("null"));
        assert_eq!(result_of(&line.replace(r#""result":null,"#, "")), None);
    }

    #[test]
    fn code_that_is_not_base64_is_refused_in_words() {
        let error = serde_json::from_str::<ExecuteRequest>(r#"{"code":"not base64!"}"#)
            .expect_err("an exclamation mark is not base64");
        assert!(error.to_string().contains("code must be base64"), "{error}");
    }
}
