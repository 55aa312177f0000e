//! One file per page.

pub mod examples;
pub mod not_found;
pub mod reference;
pub mod runs;
pub mod tasks;
pub mod workbench;
