//! The style sheet: Tailwind reads the classes out of the views; the rules of the typefaces go in
//! front, so that one request brings both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::fingerprint::{Fingerprint, unless_unchanged};
use crate::layout::Layout;
use crate::run::run;

/// Builds the folder that holds `mecapy.css`.
pub fn build(layout: &Layout, fonts: &Path) -> Result<PathBuf> {
    let output = layout.shared_parts().join("style");
    let rules = fonts.join("fonts.css");
    let inputs = Fingerprint::default()
        .tree(&layout.root.join("style"))?
        .tree(&layout.root.join("app/src"))?
        .file(&rules)?
        .file(&layout.root.join("package-lock.json"))?;
    unless_unchanged("style", &output, inputs, || {
        if output.exists() {
            fs::remove_dir_all(&output)?;
        }
        fs::create_dir_all(&output)?;
        let sheet = output.join("mecapy.css");
        run(Command::new(layout.npm_bin("tailwindcss"))
            .current_dir(&layout.root)
            .args(["--input", "style/main.css", "--minify", "--output"])
            .arg(&sheet))?;
        let own = fs::read_to_string(&sheet).context("Tailwind wrote no style sheet")?;
        fs::write(&sheet, fs::read_to_string(&rules)? + &own)?;
        Ok(())
    })?;
    Ok(output)
}
