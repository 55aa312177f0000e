//! The trace in which something happens, and who records its spans.
//!
//! A trace begins with the request that somebody sent, is stored with the run that the request asked
//! for, and goes with each attempt to a worker: whoever executes the run, in whatever process, writes
//! the same id into its lines. Spans are only recorded where a [`Recorder`] is set.

use domain::trace::{TRACE_ENTROPY, TraceParent};
use std::{sync::OnceLock, time::SystemTime};
use tracing::Span;

tokio::task_local! {
    static CURRENT: TraceParent;
}

static RECORDER: OnceLock<Box<dyn Recorder>> = OnceLock::new();

/// Who records spans, for example to send them to a collector.
pub trait Recorder: Send + Sync {
    /// Puts a span that has not been entered below `parent`, and says where it is then; `None` when
    /// it is not recorded.
    fn place(&self, span: &Span, parent: Option<TraceParent>) -> Option<TraceParent>;
    /// Records a span that is over.
    fn record(&self, past: &PastSpan);
}

/// A span that is known only once it is over.
#[derive(Clone, Copy, Debug)]
pub struct PastSpan {
    pub name: &'static str,
    pub parent: TraceParent,
    pub begun: SystemTime,
    pub ended: SystemTime,
}

/// Sets who records spans. Only the first one counts.
pub fn set_recorder(recorder: Box<dyn Recorder>) {
    let _ = RECORDER.set(recorder);
}

/// Gives a span its place: below `parent`, or at the beginning of a new trace. The trace's id is
/// written to the span's field `trace`, if it has one. The span must not have been entered.
#[must_use]
pub fn place(span: &Span, parent: Option<TraceParent>) -> TraceParent {
    let recorded = RECORDER
        .get()
        .and_then(|recorder| recorder.place(span, parent));
    let placed = recorded.or(parent).unwrap_or_else(new);
    span.record("trace", placed.id());
    placed
}

/// Records a span that is over, where spans are recorded.
pub fn record(past: &PastSpan) {
    if let Some(recorder) = RECORDER.get() {
        recorder.record(past);
    }
}

/// Does something as a part of that trace.
pub async fn within<F: Future>(trace: TraceParent, what: F) -> F::Output {
    CURRENT.scope(trace, what).await
}

/// The trace that what is going on belongs to.
#[must_use]
pub fn current() -> Option<TraceParent> {
    CURRENT.try_with(|trace| *trace).ok()
}

/// The beginning of a new trace.
#[must_use]
pub fn new() -> TraceParent {
    let mut random = [0; TRACE_ENTROPY];
    // Without randomness ids would repeat, which only makes the log harder to read.
    let _ = getrandom::fill(&mut random);
    TraceParent::new(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_trace_is_known_within_it_alone() {
        assert_eq!(current(), None);
        let trace = new();
        assert_eq!(within(trace, async { current() }).await, Some(trace));
        assert_eq!(current(), None);
    }

    #[test]
    fn without_a_recorder_a_span_is_where_its_parent_is() {
        let parent = new();
        assert_eq!(place(&Span::none(), Some(parent)), parent);
        assert_ne!(place(&Span::none(), None).trace, parent.trace);
    }
}
