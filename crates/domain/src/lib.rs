//! The words of MecaPy as plain types: what a task, a run, a result and a chart are, and what is
//! allowed. No I/O; compiles for the server, the worker and the browser.
//!
//! Architecture invariant: this crate imports no other crate of the workspace.

pub mod chart;
pub mod csv;
pub mod event;
pub mod ids;
pub mod inputs;
pub mod lang;
pub mod limits;
pub mod number;
pub mod preview;
pub mod problem;
pub mod run;
pub mod settings;
pub mod share;
pub mod signature;
pub mod tabular;
pub mod task;
pub mod timestamp;
pub mod token;
pub mod trace;
pub mod usage;
pub mod value;
pub mod webhook;

pub use ids::{DeliveryId, RunId, ShareId, TaskId, TokenId, UserId, WebhookId};
pub use lang::Lang;
pub use problem::{Problem, ProblemCode};
pub use timestamp::Timestamp;
