//! What every request passes on its way in, and every answer on its way out.

pub mod answers;
pub mod body_limit;
pub mod client;
pub mod cors;
pub mod draining;
pub mod guard;
pub mod policy;
pub mod rate;
pub mod record;
pub mod redirects;
