//! What an honest calculation may do, although it looks like what a hostile one tries.

#[path = "../harness/mod.rs"]
mod harness;

mod concurrency;
mod drawing;
mod libraries;
mod values;
