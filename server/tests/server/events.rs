//! `/api/runs/{id}/events` as server-sent events and over a WebSocket.

use crate::support::{Answer, ENDLESS, PATIENCE, Server};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

const PRINTS: &str = "def calculate():\n    for i in range(3):\n        print(i)\n    return 1\n";

#[tokio::test]
async fn a_runs_story_is_told_from_its_first_event_to_its_last() {
    let server = Server::start();
    let run = finished_run(&server).await;
    let events = server.sse(&run, 0).await.rest().await;
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert_eq!(kinds[..3], ["queued", "attempt", "started"]);
    assert_eq!(kinds.last(), Some(&"finished"));
    assert_eq!(events.last().expect("an event")["status"], "completed");
    let numbers: Vec<u64> = events
        .iter()
        .filter_map(|event| event["seq"].as_u64())
        .collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_reader_that_comes_back_gets_what_it_has_not_seen() {
    let server = Server::start();
    let run = finished_run(&server).await;
    let all = server.sse(&run, 0).await.rest().await;
    let resumed = server.sse(&run, 2).await.rest().await;
    assert_eq!(resumed, all[2..]);
    let path = format!("/api/runs/{run}/events?after=2");
    let by_query = Answer::of(server.request(Method::GET, &path)).await;
    assert!(by_query.text.contains("id: 3\n") && !by_query.text.contains("id: 2\n"));
    assert!(
        by_query
            .header("content-type")
            .starts_with("text/event-stream")
    );
    assert_eq!(by_query.header("content-encoding"), "");
    // Whoever has seen all is told not to come back, which is what an EventSource does otherwise.
    let seen = server
        .request(Method::GET, &format!("/api/runs/{run}/events"))
        .header("Last-Event-ID", all.len().to_string());
    let answer = Answer::of(seen).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
}

#[tokio::test]
async fn a_reader_sees_events_while_the_run_goes_on() {
    let server = Server::start();
    let run = server.begun(ENDLESS).await;
    let mut live = server.sse(&run, 0).await;
    assert_eq!(live.next().await.expect("an event")["event"], "queued");
    server
        .post(&format!("/api/runs/{run}/cancel"), &json!({}))
        .await;
    let rest = live.rest().await;
    assert_eq!(rest.last().expect("an event")["event"], "finished");
}

#[tokio::test]
async fn a_websocket_carries_the_same_events_and_closes_normally() {
    let server = Server::start();
    let run = finished_run(&server).await;
    let (told, close) = over_websocket(&server, &run, 0).await;
    assert_eq!(told, server.sse(&run, 0).await.rest().await);
    assert_eq!(u16::from(close.expect("a close frame").code), 1000);
    let (resumed, close) = over_websocket(&server, &run, 3).await;
    assert_eq!(resumed, told[3..]);
    assert_eq!(u16::from(close.expect("a close frame").code), 1000);
    let (nothing, close) = over_websocket(&server, &run, told.len() as u64).await;
    assert!(nothing.is_empty());
    assert_eq!(u16::from(close.expect("a close frame").code), 1000);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_open_the_websocket() {
    let server = Server::start();
    let run = finished_run(&server).await;
    let own = websocket_status(&server, &run, &server.url).await;
    assert_eq!(own, 101);
    let foreign = websocket_status(&server, &run, "https://evil.example").await;
    assert_eq!(foreign, 403);
}

#[tokio::test]
async fn pages_behind_a_proxy_that_names_another_host_are_our_own() {
    let server = Server::start_behind_a_proxy();
    let run = finished_run(&server).await;
    let own = websocket_status(&server, &run, "https://mecapy.example.eu").await;
    assert_eq!(own, 101);
    for foreign in ["https://evil.example", "http://mecapy.example.eu"] {
        assert_eq!(
            websocket_status(&server, &run, foreign).await,
            403,
            "{foreign}"
        );
    }
    for (origin, status) in [
        ("https://mecapy.example.eu", 201),
        ("https://evil.example", 403),
    ] {
        let request = server
            .request(Method::POST, "/api/tasks")
            .header("Origin", origin)
            .body(json!({"name": "x", "code": "x"}).to_string());
        assert_eq!(Answer::of(request).await.status, status, "{origin}");
    }
}

#[tokio::test]
async fn a_websocket_of_an_unknown_run_is_not_opened() {
    let server = Server::start();
    let unknown = "0197f000-0000-7000-8000-000000000000";
    assert_eq!(websocket_status(&server, unknown, &server.url).await, 404);
}

#[tokio::test]
async fn a_nonsense_event_id_is_refused() {
    let server = Server::start();
    let run = finished_run(&server).await;
    let path = format!("/api/runs/{run}/events");
    let request = server
        .request(Method::GET, &path)
        .header("Last-Event-ID", "three");
    assert_eq!(
        Answer::of(request).await.problem(422)["field"],
        "Last-Event-ID"
    );
    server.get(&format!("{path}?after=-1")).await.problem(422);
}

#[tokio::test]
async fn more_readers_than_a_browser_has_connections_follow_one_run() {
    let server = Server::start();
    let run = server.begun(ENDLESS).await;
    let mut readers = Vec::new();
    for _ in 0..12 {
        readers.push(server.sse(&run, 0).await);
    }
    server
        .post(&format!("/api/runs/{run}/cancel"), &json!({}))
        .await;
    for reader in readers {
        let events = reader.rest().await;
        assert_eq!(events.last().expect("an event")["status"], "cancelled");
    }
}

async fn finished_run(server: &Server) -> String {
    let run = server.ran(PRINTS, json!({})).await;
    run["id"].as_str().expect("an id").to_owned()
}

async fn over_websocket(
    server: &Server,
    run: &str,
    after: u64,
) -> (Vec<Value>, Option<CloseFrame>) {
    let url = format!(
        "{}/api/runs/{run}/events?after={after}",
        server.url.replace("http", "ws")
    );
    let (mut socket, _) = connect_async(url).await.expect("it opens");
    let mut events = Vec::new();
    let mut close = None;
    let over = tokio::time::Instant::now() + PATIENCE;
    while let Some(message) = tokio::time::timeout_at(over, socket.next())
        .await
        .expect("in time")
    {
        match message.expect("a frame") {
            Message::Text(text) => events.push(serde_json::from_str(&text).expect("JSON")),
            Message::Close(frame) => close = frame,
            _ => {}
        }
    }
    (events, close)
}

async fn websocket_status(server: &Server, run: &str, origin: &str) -> u16 {
    let url = format!("{}/api/runs/{run}/events", server.url.replace("http", "ws"));
    let mut request = url.into_client_request().expect("a request");
    request
        .headers_mut()
        .insert("origin", origin.parse().expect("a header value"));
    match connect_async(request).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
    }
}
