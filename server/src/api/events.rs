//! `GET /api/runs/{id}/events`: the story of a run, as server-sent events or over a WebSocket.
//!
//! Both carry the same JSON objects, one event each. Server-sent events are for programs and resume
//! by `Last-Event-ID`; our pages use the WebSocket, because HTTP/1.1 lets a browser open six
//! connections to a host, which open tabs would use up, and WebSockets do not count.

use crate::{
    extract::{Authenticated, Path, Query},
    problem::ApiProblem,
    state::AppState,
};
use axum::{
    body::Bytes,
    extract::{
        FromRequestParts, Request, State,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code},
    },
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{RunId, event::RunEvent};
use futures::{Stream, StreamExt, stream};
use platform::{
    Caller,
    runs::{self, EventStream},
};
use serde::Deserialize;
use std::{convert::Infallible, time::Duration};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use utoipa::{IntoParams, ToSchema};

/// Proxies close a connection that is silent for longer than about a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// What a client gets to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(1);
/// Clients say nothing on this socket; the limit keeps them from sending much, bytes.
const MAX_MESSAGE: usize = 1024;
/// Decimal digits of an event's number.
const MAX_ID_DIGITS: usize = 19;
const LAST_EVENT_ID: &str = "last-event-id";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventsAfter {
    /// Number of the last event that is known; 0 begins at the start.
    after: Option<u64>,
}

/// A server-sent event, for the document of the REST face.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct SentEvent {
    /// The number of the event, for `Last-Event-ID`.
    id: String,
    /// A `RunEvent` as JSON.
    data: String,
}

/// Follows a run: every event from its start on, until it ends.
///
/// As server-sent events, each with a `RunEvent` as JSON in its `data`, or the same objects over a
/// WebSocket where the request upgrades to one. A client that comes back sends `Last-Event-ID`.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/events",
    tag = "runs",
    params(
        ("id" = RunId, Path, description = "The run."),
        EventsAfter,
        ("Last-Event-ID" = Option<String>, Header, pattern = "^[0-9]{0,19}$",
            description = "As `after`, which it wins over; empty means the start."),
    ),
    responses(
        (status = 101, description = "A WebSocket, for who asked for one."),
        (status = 200, description = "The events, one after another.",
            content((SentEvent = "text/event-stream"))),
        (status = 204, description = "The run has ended and every event is known."),
    )
)]
pub async fn follow_run(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(run): Path<RunId>,
    Query(query): Query<EventsAfter>,
    request: Request,
) -> Result<Response, ApiProblem> {
    let after = match last_event_id(request.headers())? {
        Some(seq) => seq,
        None => query.after.unwrap_or(0),
    };
    let events = runs::events(&state.services, &caller, run, after).await?;
    if wants_websocket(request.headers()) {
        let follower = state.metrics.follower("websocket");
        let (mut parts, _) = request.into_parts();
        let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &state)
            .await
            .map_err(|rejection| {
                ApiProblem::http(rejection.status(), "The WebSocket could not be opened.")
            })?;
        let stopping = state.stopping;
        return Ok(upgrade
            .max_message_size(MAX_MESSAGE)
            .on_upgrade(move |socket| async move {
                send_events(socket, events, stopping).await;
                drop(follower);
            }));
    }
    let events = match resumed(&state, &caller, run, after, events).await? {
        Some(events) => events,
        None => return Ok(StatusCode::NO_CONTENT.into_response()),
    };
    let follower = state.metrics.follower("sse");
    let stream = server_sent(events)
        .take_until(state.stopping.cancelled_owned())
        .inspect(move |_| {
            // It goes with the stream.
            let _ = &follower;
        });
    Ok(Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response())
}

/// The events, or nothing when all have been seen: a browser's `EventSource` takes the end of a
/// stream for a lost connection and comes back until it is told that there is no more.
async fn resumed(
    state: &AppState,
    caller: &Caller,
    run: RunId,
    after: u64,
    mut events: EventStream,
) -> Result<Option<EventStream>, ApiProblem> {
    let is_over = after > 0 && runs::status(&state.services, caller, run).await?.is_final();
    if !is_over {
        return Ok(Some(events));
    }
    // Of a run that is over, the next event is stored or there is none.
    let next = events.next().await;
    Ok(next.map(|event| stream::iter([event]).chain(events).boxed()))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, ApiProblem> {
    let Some(value) = headers.get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    match value.to_str().ok().map(str::trim) {
        Some("") => Ok(None),
        Some(text) if is_number(text) => Ok(text.parse().ok()),
        _ => Err(ApiProblem::invalid(
            "Last-Event-ID",
            "The id of an event is a whole number. Send the last one received, or none to begin at the start.",
        )),
    }
}

/// As we write them; no sign, and no more digits than always fit.
fn is_number(text: &str) -> bool {
    text.len() <= MAX_ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// An error ends the stream; the client comes back with the last id it has seen.
fn server_sent(events: EventStream) -> impl Stream<Item = Result<Event, Infallible>> {
    let good = tokio_stream::StreamExt::map_while(events, |event| match event {
        Ok(event) => Some(event),
        Err(error) => {
            ended_early(&error);
            None
        }
    });
    good.map(|event| {
        Ok(Event::default()
            .id(event.seq.to_string())
            .data(json_of(&event)))
    })
}

fn ended_early(error: &platform::Error) {
    tracing::warn!(%error, "an event stream ended early");
}

fn json_of(event: &RunEvent) -> String {
    serde_json::to_string(event).expect("events are strings, numbers and lists of them")
}

/// Sends until the story ends (normal close) or cannot go on (the client is to come back).
async fn send_events(mut socket: WebSocket, mut events: EventStream, stopping: CancellationToken) {
    let mut keep_alive = tokio::time::interval(KEEP_ALIVE);
    let code = loop {
        let message = tokio::select! {
            event = events.next() => match event {
                Some(Ok(event)) => Message::text(json_of(&event)),
                Some(Err(error)) => {
                    ended_early(&error);
                    break close_code::AWAY;
                }
                None => break close_code::NORMAL,
            },
            _ = keep_alive.tick() => Message::Ping(Bytes::new()),
            () = stopping.cancelled() => break close_code::AWAY,
            received = socket.recv() => match received {
                Some(Ok(_)) => continue,
                _ => return,
            },
        };
        if socket.send(message).await.is_err() {
            return;
        }
    };
    let farewell = CloseFrame {
        code,
        reason: Utf8Bytes::default(),
    };
    // The client may have gone, which is what was wanted; else its own close frame is awaited.
    if socket.send(Message::Close(Some(farewell))).await.is_ok() {
        let _ = timeout(FAREWELL, socket.recv()).await;
    }
}
