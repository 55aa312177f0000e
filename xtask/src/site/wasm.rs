//! The WebAssembly of the pages and the JavaScript that loads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::fingerprint::{Fingerprint, unless_unchanged};
use crate::layout::{Layout, Profile};
use crate::run::{cargo, run, timed};

/// The name that the pages load: NAME.js and NAME.wasm.
const NAME: &str = "mecapy";

/// What rustc emits for wasm32-unknown-unknown by default; wasm-opt refuses what it is not told of.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds the folder that holds `mecapy.js`, `mecapy.wasm` and the scripts of the bindings.
pub fn build(layout: &Layout) -> Result<PathBuf> {
    timed("frontend", || {
        run(cargo(&layout.root)
            .args(["build", "--quiet", "--package", "frontend", "--lib"])
            .args([
                "--target",
                "wasm32-unknown-unknown",
                "--profile",
                layout.profile.wasm(),
            ]))
    })?;
    let artifact = layout.wasm_artifact();
    let output = layout.parts().join("wasm");
    let inputs = Fingerprint::default()
        .text(include_str!("wasm.rs"))
        .modified(&artifact)?
        .file(&layout.root.join("package-lock.json"))?;
    unless_unchanged("wasm", &output, inputs, || {
        bind(layout.profile, &artifact, &output)?;
        if layout.profile == Profile::Release {
            optimise(layout, &output.join(format!("{NAME}.wasm")))?;
        }
        Ok(())
    })?;
    Ok(output)
}

/// Writes the glue for a browser that loads modules.
fn bind(profile: Profile, artifact: &Path, output: &Path) -> Result<()> {
    if output.exists() {
        fs::remove_dir_all(output)?;
    }
    let release = profile == Profile::Release;
    Bindgen::new()
        .input_path(artifact)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .keep_debug(false)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(output)?;
    fs::rename(
        output.join(format!("{NAME}_bg.wasm")),
        output.join(format!("{NAME}.wasm")),
    )
    .context("wasm-bindgen wrote no module")
}

fn optimise(layout: &Layout, module: &Path) -> Result<()> {
    run(Command::new(layout.npm_bin("wasm-opt"))
        .arg("-Oz")
        .args(WASM_FEATURES)
        .arg(module)
        .arg("--output")
        .arg(module))
}
