//! Brings runs to workers: claim, execute, commit.
//!
//! ```text
//! Dispatcher
//! ├─ main loop      woken by the doorbell, an ended attempt, a stop request, the next due run:
//! │                  claims as many runs as the window has room for, when some may wait
//! │   └─ attempt     one task per claimed run: sends it, reads its events, commits its ending
//! ├─ lease keeper   renews all leases; stops attempts that lost theirs or were to be cancelled
//! ├─ reconciler     finds expired leases and runs nobody rang for
//! └─ listener       the queue's consumer, which wakes the main loop
//! ```
//!
//! Architecture invariant: a run under way can be lost at any point without being lost for good:
//! its lease expires, and only the attempt that holds the lease writes.

mod active;
mod attempt;
mod dispatcher;
mod ending;
mod lease;
mod loss;
mod ndjson;
mod policy;
mod reconcile;
mod request;
mod serverless;
mod wake;

pub use dispatcher::DispatchLoad;
pub(crate) use dispatcher::{Dispatcher, Parts};
