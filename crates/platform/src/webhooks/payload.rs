//! What a receiver is told: that a run ended, and where its result is; never code, inputs or the
//! result itself.

use domain::{
    DeliveryId, RunId, TaskId, Timestamp, WebhookId,
    run::{ErrorKind, Headline, RunError, RunStatus, RunSummary},
    webhook::WebhookEvent,
};
use serde::Serialize;
use serde_json::value::RawValue;

/// What is told of an error's message, characters.
const MESSAGE_CHARS: usize = 1000;
/// Longest label and value that are told as a headline, bytes.
const HEADLINE_BYTES: usize = 1000;

#[derive(Serialize)]
struct Payload<D> {
    id: DeliveryId,
    r#type: WebhookEvent,
    created_at: Timestamp,
    data: D,
}

#[derive(Serialize)]
struct RunData<'a> {
    run_id: RunId,
    task_id: TaskId,
    task_name: &'a str,
    number: u32,
    version: u32,
    status: RunStatus,
    enqueued_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    wall_ms: Option<f64>,
    error: Option<ErrorData>,
    headline: Option<HeadlineData<'a>>,
    /// The page of the run.
    url: String,
    /// Once completed.
    result_url: Option<String>,
}

#[derive(Serialize)]
struct ErrorData {
    kind: ErrorKind,
    message: String,
}

#[derive(Serialize)]
struct HeadlineData<'a> {
    label: &'a str,
    value: Box<RawValue>,
    unit: Option<&'a str>,
}

#[derive(Serialize)]
struct PingData {
    webhook_id: WebhookId,
}

/// The body for a run that ended; `public` is where browsers reach this server.
pub(super) fn of_run(
    id: DeliveryId,
    event: WebhookEvent,
    created_at: Timestamp,
    run: &RunSummary,
    public: &str,
) -> Vec<u8> {
    let completed = run.status == RunStatus::Completed;
    let data = RunData {
        run_id: run.id,
        task_id: run.task_id,
        task_name: &run.task_name,
        number: run.number,
        version: run.version,
        status: run.status,
        enqueued_at: run.enqueued_at,
        started_at: run.started_at,
        finished_at: run.finished_at,
        wall_ms: run.wall_ms,
        error: run.error.as_ref().map(error),
        headline: run.headline.as_ref().and_then(headline),
        url: format!("{public}/tasks/{}?run={}", run.task_id, run.id),
        result_url: completed.then(|| format!("{public}/api/runs/{}/result", run.id)),
    };
    json(&Payload {
        id,
        r#type: event,
        created_at,
        data,
    })
}

pub(super) fn of_ping(id: DeliveryId, created_at: Timestamp, webhook_id: WebhookId) -> Vec<u8> {
    json(&Payload {
        id,
        r#type: WebhookEvent::Ping,
        created_at,
        data: PingData { webhook_id },
    })
}

fn json<D: Serialize>(payload: &Payload<D>) -> Vec<u8> {
    serde_json::to_vec(payload).expect("it has text keys only")
}

fn error(error: &RunError) -> ErrorData {
    let message = match error.message.char_indices().nth(MESSAGE_CHARS) {
        None => error.message.clone(),
        Some((end, _)) => format!("{}…", &error.message[..end]),
    };
    ErrorData {
        kind: error.kind,
        message,
    }
}

/// `None` for one that is as long as a result.
fn headline(headline: &Headline) -> Option<HeadlineData<'_>> {
    if headline.label.len() + headline.value.len() > HEADLINE_BYTES {
        return None;
    }
    Some(HeadlineData {
        label: &headline.label,
        value: RawValue::from_string(headline.value.clone()).ok()?,
        unit: headline.unit.as_deref(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline_of(value: String) -> Headline {
        Headline {
            label: "Stress".into(),
            value,
            unit: None,
        }
    }

    #[test]
    fn a_headline_as_long_as_a_result_is_left_out() {
        let short = headline_of("0.10".into());
        assert_eq!(
            headline(&short)
                .map(|told| told.value.to_string())
                .as_deref(),
            Some("0.10")
        );
        let long = headline_of(format!("\"{}\"", "x".repeat(HEADLINE_BYTES)));
        assert!(headline(&long).is_none());
    }

    #[test]
    fn a_long_message_is_cut_and_a_traceback_is_not_told() {
        let told = error(&RunError {
            kind: ErrorKind::Python,
            message: "ü".repeat(MESSAGE_CHARS + 1),
            line: Some(1),
            traceback: Some("secret".into()),
        });
        assert_eq!(told.message.chars().count(), MESSAGE_CHARS + 1);
        assert!(told.message.ends_with('…'));
        assert!(
            !serde_json::to_string(&told)
                .expect("JSON")
                .contains("secret")
        );
    }
}
