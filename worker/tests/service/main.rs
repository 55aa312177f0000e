//! The service around the runs: who may call, what is refused, what happens when things end.

#[path = "../harness/mod.rs"]
mod harness;

mod callers;
mod endings;
mod levels;
mod objects;
mod recycling;
mod requests;
mod start;
