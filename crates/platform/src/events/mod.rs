//! The story of each run: written in ticks, told to whoever follows.
//!
//! Architecture invariant: who follows subscribes first and then reads what is stored. A
//! notification carries a run's id and its last sequence number, never content.

mod follow;
mod notifier;
mod postgres;
mod writer;

pub(crate) use follow::follow;
pub(crate) use notifier::{InProcess, Notifier, StopRequest};
pub(crate) use postgres::PostgresNotifier;
pub(crate) use writer::EventWriter;
