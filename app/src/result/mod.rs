//! A result as its reader sees it: `plan` decides what is a row, a group, a grid, a chart or a
//! figure; the views write that down, for a page that is alive and for one without scripts.

pub mod export;
pub mod grid;
mod grid_view;
pub mod plan;
mod sources;
mod values;
pub mod view;

pub use export::ExportMenu;
pub use sources::Sources;
pub use values::{Number, ValueTable, integer_width};
pub use view::{Blocks, ResultView, chart_id};
