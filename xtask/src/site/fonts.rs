//! The typefaces, cut into the pieces that a page loads.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::fingerprint::{Fingerprint, unless_unchanged};
use crate::layout::Layout;
use crate::run::run;

/// Builds the folder of WOFF2 files, `fonts.css` and the licences.
pub fn build(layout: &Layout) -> Result<PathBuf> {
    let source = layout.root.join("xtask/fonts");
    let output = layout.shared_parts().join("fonts");
    let inputs = Fingerprint::default()
        .tree(&source)?
        .file(&layout.root.join("package-lock.json"))?;
    unless_unchanged("fonts", &output, inputs, || {
        let python = layout.root.join(".venv/build/bin/python");
        ensure!(
            python.exists(),
            "{} is missing. Run scripts/setup, which makes it",
            python.display()
        );
        run(Command::new(python)
            .arg(source.join("subset.py"))
            .arg(layout.root.join("node_modules"))
            .arg(&output))
    })?;
    Ok(output)
}
