//! The workbench: code, inputs and result of one task on one page.
//!
//! `bench` holds what the page knows, `actions` what a person can do with it, `following` keeps up
//! with a run; the other modules draw one part each and keep no state that another part needs.

pub mod actions;
pub mod bench;
pub mod code_pane;
pub mod conflict;
pub mod following;
pub mod inputs_pane;
pub mod panes;
pub mod result_pane;
pub mod run_list;
pub mod shortcuts;
pub mod status_bar;
pub mod task_menu;
pub mod top_bar;
pub mod version_menu;

pub use bench::Bench;
