//! The pages of MecaPy: written by the server, brought to life in the browser.
//!
//! Architecture invariant: everything here compiles for both; only `server_fns` names the platform.

// The type of a page is as deep as its elements.
#![recursion_limit = "512"]

mod app;
pub mod clipboard;
pub mod components;
pub mod crash;
pub mod drafts;
pub mod editor;
pub mod failures;
pub mod gallery;
pub mod highlight;
pub mod i18n;
pub mod inputs;
pub mod keys;
pub mod lists;
pub mod nav;
pub mod new_task;
pub mod pages;
pub mod plots;
pub mod preferences;
pub mod result;
pub mod retold;
pub mod run;
pub mod server_fns;
pub mod share;
pub mod shell;
pub mod workbench;

pub use app::App;
pub use shell::shell;
