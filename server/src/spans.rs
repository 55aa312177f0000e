//! Sends the spans of requests and runs to an OpenTelemetry collector, where one is named:
//! `request` → `submit` → `claim` and `attempt` → `execute`, in one trace for each run.
//!
//! The dispatcher says what the worker did: the worker itself needs neither a way to the collector
//! nor the secret that it may ask for.

use crate::environment::Environment;
use bytes::Bytes;
use domain::trace::TraceParent;
use http::{Request, Response};
use opentelemetry::{
    Context, KeyValue,
    trace::{
        Span as _, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer,
        TracerProvider,
    },
};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use std::{collections::HashMap, time::Duration};
use telemetry::{
    log::{self, Further},
    trace::{self, PastSpan},
};
use tokio::runtime::Handle;
use tracing::{Level, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn};

const SERVICE: &str = "mecapy-server";
/// Where below the endpoint the protocol has spans sent.
const PATH: &str = "/v1/traces";
/// What the collector may take for one batch.
const SEND_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum SpansError {
    #[error(
        "OTEL_EXPORTER_OTLP_ENDPOINT={0} is no address of a collector. Set it to one such as http://127.0.0.1:4318."
    )]
    Endpoint(String),
    #[error(
        "OTEL_EXPORTER_OTLP_HEADERS is not a list of name=value, comma-separated. Correct or unset it."
    )]
    Headers,
    #[error("The spans cannot be sent: {0}.")]
    Client(#[from] reqwest::Error),
    #[error("The spans cannot be sent: {0}.")]
    Exporter(#[from] ExporterBuildError),
}

/// Spans are recorded and sent for as long as this lives.
#[derive(Debug)]
pub struct Spans(SdkTracerProvider);

impl Spans {
    /// Sends what is left. Blocks until it is done, so the runtime must go on elsewhere.
    pub fn finish(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Begins to record, when a collector is named; what comes with it hears what the log hears.
///
/// # Errors
/// The address or the headers are none.
pub fn start(env: &Environment, runtime: &Handle) -> Result<Option<(Spans, Further)>, SpansError> {
    let Some(endpoint) = env.get("OTEL_EXPORTER_OTLP_ENDPOINT") else {
        return Ok(None);
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Sender::new(runtime)?)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address(endpoint)?)
        .with_headers(headers(env)?)
        .with_timeout(SEND_WITHIN)
        .build()?;
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder()
        .with_service_name(SERVICE)
        .with_attribute(version)
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build();
    let tracer = provider.tracer(SERVICE);
    trace::set_recorder(Box::new(Recorder(tracer.clone())));
    // Only our own spans are known to hold nothing of a user.
    let ours = filter_fn(|metadata| *metadata.level() <= Level::INFO && log::is_ours(metadata));
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_filter(ours);
    Ok(Some((Spans(provider), layer.boxed())))
}

fn address(endpoint: &str) -> Result<String, SpansError> {
    let is_one = endpoint.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    if is_one {
        Ok(format!("{}{PATH}", endpoint.trim_end_matches('/')))
    } else {
        Err(SpansError::Endpoint(endpoint.to_owned()))
    }
}

fn headers(env: &Environment) -> Result<HashMap<String, String>, SpansError> {
    let text = env.get("OTEL_EXPORTER_OTLP_HEADERS").unwrap_or_default();
    text.split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or(SpansError::Headers)?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

struct Recorder(SdkTracer);

impl trace::Recorder for Recorder {
    fn place(&self, span: &Span, parent: Option<TraceParent>) -> Option<TraceParent> {
        if let Some(parent) = parent {
            let _ = span.set_parent(below(parent));
        }
        let context = span.context();
        let placed = context.span().span_context().clone();
        placed.is_valid().then(|| TraceParent {
            trace: placed.trace_id().to_bytes(),
            span: placed.span_id().to_bytes(),
            sampled: placed.is_sampled(),
        })
    }

    fn record(&self, past: &PastSpan) {
        let span = self.0.span_builder(past.name).with_start_time(past.begun);
        let mut span = span.start_with_context(&self.0, &below(past.parent));
        span.end_with_timestamp(past.ended);
    }
}

fn below(parent: TraceParent) -> Context {
    let flags = TraceFlags::default().with_sampled(parent.sampled);
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_bytes(parent.trace),
        SpanId::from_bytes(parent.span),
        flags,
        true,
        TraceState::default(),
    ))
}

/// Sends on the server's runtime: the thread that gathers the spans has none.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: Handle,
}

impl Sender {
    fn new(runtime: &Handle) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder().timeout(SEND_WITHIN).build()?;
        Ok(Self {
            client,
            runtime: runtime.clone(),
        })
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let sending = self.runtime.spawn(async move {
            let answer = client.execute(request).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = sending.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}
