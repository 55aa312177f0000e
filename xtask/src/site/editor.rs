//! The bundle of the code editor.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::fingerprint::{Fingerprint, unless_unchanged};
use crate::layout::Layout;
use crate::run::run;

/// Builds the folder that holds `monaco.js`, `monaco.css` and `editor.worker.js`.
pub fn build(layout: &Layout) -> Result<PathBuf> {
    let source = layout.root.join("frontend/editor");
    let output = layout.shared_parts().join("editor");
    let inputs = Fingerprint::default()
        .tree(&source)?
        .file(&layout.root.join("package-lock.json"))?;
    unless_unchanged("editor", &output, inputs, || {
        run(Command::new("node")
            .current_dir(&layout.root)
            .arg(source.join("build.mjs"))
            .arg(&output)
            .arg("--minify"))
    })?;
    Ok(output)
}
