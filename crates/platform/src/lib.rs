//! What the product does: use cases over a database, a queue, an object store and workers. Pages,
//! server functions and REST handlers are thin faces of what is here.
//!
//! Architecture invariant: nothing here asks which profile it runs in; it asks the configured
//! database, queue and object store. Every read and write passes [`auth::authorize`].

pub mod accounts;
pub mod auth;
mod checks;
pub mod clock;
pub mod config;
mod db;
mod dispatch;
pub mod error;
mod events;
pub mod examples;
mod idempotency;
pub mod metrics;
pub mod objects;
pub mod offline;
mod offload;
mod paging;
pub mod probe;
pub mod prune;
mod queue;
mod revision;
pub mod runs;
pub mod services;
pub mod shares;
pub mod signature;
pub mod tasks;
pub mod tokens;
pub mod transfer;
pub mod usage;
pub mod webhooks;

pub use config::Config;
pub use error::Error;
pub use paging::PageQuery;
pub use revision::Revision;
pub use services::{Caller, OpenError, Services, UsedToken};
