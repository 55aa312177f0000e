//! The platform through its public face: a real database, queue, object store and dispatcher, in a
//! temporary folder or, with `TEST_PROFILE=production`, in PostgreSQL, Redis and S3; workers are small HTTP servers that speak the worker protocol and fail in
//! every way a worker can, and in `real_worker` the real one.

mod cancel;
mod data_folder;
mod harness;
mod idempotency;
mod large_values;
mod leases;
mod life_of_a_run;
mod lost_attempts;
mod prune;
mod queue;
mod real_worker;
mod restart;
mod shares;
mod tasks;
mod tokens;
mod usage;
mod webhooks;
