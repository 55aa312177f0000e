//! A run shown to whoever has its link: the dialog that makes the link, the page behind it, the
//! same page as one file, and what a link that opens nothing shows.
//!
//! The page is complete without scripts and without WebAssembly, so all but the dialog exists on
//! the server only.

#[cfg(feature = "ssr")]
mod code;
mod dialog;
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "ssr")]
mod gone;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod preview;
#[cfg(feature = "ssr")]
mod provenance;
#[cfg(feature = "ssr")]
mod shared_inputs;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod words;

pub use dialog::ShareDialog;
#[cfg(feature = "ssr")]
pub use document::{SHARED_PAGE_POLICY, SharedPageContext, render_shared_page};
#[cfg(feature = "ssr")]
pub use export::{EXPORT_POLICY, ExportContext, render_export};
#[cfg(feature = "ssr")]
pub use gone::render_gone;
#[cfg(feature = "ssr")]
pub use preview::preview_png;
