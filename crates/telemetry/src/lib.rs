//! How our processes tell what they do: the log that all of them write, and the trace that ties a
//! run's lines together across them.
//!
//! Architecture invariant: never in a log, nor in a span: code, inputs, results, tokens, signed URLs,
//! paths of shares.

pub mod log;
pub mod trace;
