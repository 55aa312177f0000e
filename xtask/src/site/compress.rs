//! Brotli and gzip beside every file that gains by it, made once instead of for every request.

use std::process::Command;

use anyhow::Result;

use super::Part;
use crate::fingerprint::{Fingerprint, files_below, unless_unchanged};
use crate::layout::Layout;
use crate::run::run;

/// Writes `FILE.br` and `FILE.gz` into the folder of a part.
pub fn build(layout: &Layout, part: &Part) -> Result<()> {
    let script = layout.root.join("xtask/node/compress.mjs");
    let mut inputs = Fingerprint::default().file(&script)?;
    for file in files_below(&part.from)? {
        if !file
            .extension()
            .is_some_and(|end| end == "br" || end == "gz")
        {
            inputs = inputs.modified(&file)?;
        }
    }
    let name = part
        .from
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let record = part.from.with_file_name(format!("{name}-compressed"));
    unless_unchanged(&format!("compress {name}"), &record, inputs, || {
        run(Command::new("node").arg(&script).arg(&part.from))?;
        Ok(std::fs::write(&record, "")?)
    })
}
