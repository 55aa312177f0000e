//! The platform through its public face: a real database, queue, object store and dispatcher in a
//! temporary folder; workers are small HTTP servers that speak the worker protocol and fail in
//! every way a worker can, and in `real_worker` the real one.

mod cancel;
mod harness;
mod idempotency;
mod large_values;
mod leases;
mod life_of_a_run;
mod locked;
mod lost_attempts;
mod queue;
mod real_worker;
mod restart;
mod shares;
mod tasks;
mod tokens;
mod usage;
mod webhooks;
