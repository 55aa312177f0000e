//! The one module that draws charts, with plotters, on the server and in the browser.
//!
//! A chart's way: `data` makes its series numeric, `layout` (with `axis`, `ticks`, `labels`,
//! `legend`, `series`, `furniture`) decides in pixels what stands where and yields marks, `draw` gives the marks
//! to plotters, whose backend is ours for SVG (`svg_backend`) and plotters' own for PNG (`bitmap`).
//! `ChartView` shows a chart on a page and lets a reader zoom, pan and read values; `PlotBuilder`
//! plots what the reader chooses (`choice`).

mod axis;
#[cfg(feature = "ssr")]
mod bitmap;
mod builder;
pub mod chart_view;
mod choice;
mod data;
pub mod describe;
mod draw;
mod furniture;
mod geometry;
mod ink;
mod labels;
mod layout;
mod legend;
mod mark;
pub mod miniature;
mod multiples;
mod plot;
#[cfg(feature = "ssr")]
pub mod png;
mod readout;
mod save;
mod series;
pub mod svg;
mod svg_backend;
#[cfg(test)]
mod tests;
mod text;
mod ticks;
mod viewport;

pub use builder::PlotBuilder;
pub use chart_view::ChartView;
pub use miniature::Miniature;
