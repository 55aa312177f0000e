//! The REST face. Each handler identifies its caller, calls one use case of `platform` and puts the
//! answer into the form that programs see; the routes are in [`crate::router`].

pub mod account;
pub mod body;
pub mod charts;
pub mod conditions;
pub mod events;
pub mod execute;
pub mod negotiate;
pub mod openapi;
pub mod page;
pub mod results;
pub mod runs;
pub mod shares;
mod tabular;
pub mod tasks;
pub mod tokens;
pub mod wait;
pub mod webhooks;
