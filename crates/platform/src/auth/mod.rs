//! Who may do what, and the random secrets that stand for permission.

pub(crate) mod api_token;
pub mod authorize;
mod secret;

pub(crate) use secret::{Token, random};
