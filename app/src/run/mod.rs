//! A run as the page follows it: one request out, one stream of events back.
//!
//! `stream` brings the events over a WebSocket that survives lost connections; `story` folds them
//! into what is known; `log` keeps what was printed; `change` says what differs from the run before.

pub mod change;
pub mod log;
pub mod mistake;
pub mod running;
pub mod story;
pub mod stream;
pub mod words;

pub use story::Live;
