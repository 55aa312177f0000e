//! Who may do what, and the random secrets that stand for permission.

pub mod authorize;
mod secret;

pub(crate) use secret::{Token, random};
