//! What an OpenTelemetry collector is sent.

use crate::support::{Answer, DataDir, Server, command, ends, set};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span,
};
use prost::Message;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;
use tokio::{net::TcpListener, sync::mpsc};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const SECRETIVE: &str = "def calculate(inputs):\n    # code-marker\n    print('print-marker')\n    return {'r': 'result-' + inputs['a']}\n";

type Batch = (HeaderMap, Bytes);

/// A collector, as far as spans are concerned: its address and what it is sent.
async fn collector() -> (String, mpsc::UnboundedReceiver<Batch>) {
    let (sender, batches) = mpsc::unbounded_channel();
    let take = |State(sender): State<mpsc::UnboundedSender<Batch>>,
                headers: HeaderMap,
                body: Bytes| async move {
        let _ = sender.send((headers, body));
    };
    let app = Router::new()
        .route("/v1/traces", post(take))
        .with_state(sender);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("http://{address}"), batches)
}

fn server(settings: &[(&str, &str)]) -> Server {
    let data = DataDir::new();
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    Server::start_on(data, settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spans_of_a_run_hang_together_in_the_trace_of_its_request() {
    let (endpoint, mut batches) = collector().await;
    let mut server = server(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-collector=its-key"),
    ]);
    let request = server
        .request(Method::POST, "/api/tasks/execute?wait=60")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .json(&json!({"code": SECRETIVE, "inputs": {"a": "input-marker"}}));
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.signal(Signal::TERM);
    assert!(server.ended().success());

    let mut spans = Vec::new();
    let mut sent = String::new();
    while let Ok((headers, body)) = batches.try_recv() {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        assert_eq!(headers["x-collector"], "its-key");
        sent.push_str(&String::from_utf8_lossy(&body));
        let batch = ExportTraceServiceRequest::decode(body).expect("OTLP");
        let scopes = batch
            .resource_spans
            .into_iter()
            .flat_map(|of| of.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
    }
    spans.retain(|span| hex::encode(&span.trace_id) == TRACE);
    let named = |name: &str| -> &Span {
        let mut found = spans.iter().filter(|span| span.name == name);
        let span = found
            .next()
            .unwrap_or_else(|| panic!("{name} in {spans:?}"));
        assert!(found.next().is_none(), "one {name}");
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
        span
    };
    let submit = &named("submit").span_id;
    assert_eq!(hex::encode(&named("request").parent_span_id), PARENT);
    assert_eq!(named("submit").parent_span_id, named("request").span_id);
    assert_eq!(&named("claim").parent_span_id, submit);
    assert_eq!(&named("attempt").parent_span_id, submit);
    assert_eq!(named("execute").parent_span_id, named("attempt").span_id);

    assert!(sent.contains("/api/tasks/execute"), "control");
    for secret in [
        "code-marker",
        "print-marker",
        "input-marker",
        "result-input",
    ] {
        assert!(!sent.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_keeps_nobody_waiting() {
    let mut server = server(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]);
    let run = server
        .ran("def calculate():\n    return 1\n", json!({}))
        .await;
    assert_eq!(run["status"], "completed", "{run}");
    server.signal(Signal::TERM);
    assert!(server.ended().success());
}

#[test]
fn a_collector_or_headers_that_are_none_are_refused() {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://localhost:4317"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a-key-alone"),
    ] {
        let data = DataDir::new();
        let well = "http://127.0.0.1:4318";
        let command = set(command(data.path()), "OTEL_EXPORTER_OTLP_ENDPOINT", well);
        let (code, _, error) = ends(set(command, name, value));
        assert_eq!(code, 2, "{value}");
        assert!(error.contains(name), "{error}");
        assert!(!error.contains("a-key-alone"), "{error}");
    }
}
