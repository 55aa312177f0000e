//! The WebAssembly of the pages and the JavaScript that loads it.
//!
//! The compiler makes one module. What only a lazy page needs is taken out of it into files of
//! their own, so that the first page does not wait for the workbench.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support as wasm_split;

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
        if output.exists() {
            fs::remove_dir_all(&output)?;
        }
        let main = artifact.with_file_name("frontend-main.wasm");
        let mut modules = split(&artifact, &main, &output)?;
        modules.push(bind(layout.profile, &main, &output)?);
        if layout.profile == Profile::Release {
            modules
                .iter()
                .try_for_each(|module| optimise(layout, module))?;
        }
        Ok(())
    })?;
    Ok(output)
}

/// Writes what every page needs to `main` and the rest into `output`; returns the files of the rest.
fn split(artifact: &Path, main: &Path, output: &Path) -> Result<Vec<PathBuf>> {
    let module = fs::read(artifact)?;
    let script = format!("./{NAME}.js");
    let mut options = wasm_split::Options::new(&module);
    options.output_dir = output;
    options.main_out_path = main;
    options.main_module = &script;
    options.link_name = "./lazy.js";
    let split = wasm_split::transform(options)
        .map_err(|report| anyhow::anyhow!("the module could not be split: {report:#}"))?;
    split
        .split_modules
        .iter()
        .map(|module| rename(module, &output.join("lazy.js")))
        .collect()
}

/// Names a lazy module after its function alone, so that a page can ask for it ahead of its use.
fn rename(module: &Path, loader: &Path) -> Result<PathBuf> {
    let stem = module
        .file_stem()
        .and_then(|stem| stem.to_str())
        .context("a lazy module without a name")?;
    let (function, _hash) = stem
        .trim_start_matches("split")
        .trim_start_matches('_')
        .rsplit_once('_')
        .with_context(|| format!("{stem} is not the name of a lazy function"))?;
    let renamed = module.with_file_name(format!("{function}.wasm"));
    fs::rename(module, &renamed)?;
    let script = fs::read_to_string(loader)?;
    let script = script.replace(&format!("{stem}.wasm"), &format!("{function}.wasm"));
    fs::write(loader, script)?;
    Ok(renamed)
}

/// Writes the main module, bound for a browser that loads modules, and its glue.
fn bind(profile: Profile, main: &Path, output: &Path) -> Result<PathBuf> {
    let release = profile == Profile::Release;
    Bindgen::new()
        .input_path(main)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // The modules that were taken out reach the main one by its exports and their plain names.
        .keep_lld_exports(true)
        .demangle(false)
        .keep_debug(false)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(output)?;
    let module = output.join(format!("{NAME}.wasm"));
    fs::rename(output.join(format!("{NAME}_bg.wasm")), &module)
        .context("wasm-bindgen wrote no module")?;
    Ok(module)
}

fn optimise(layout: &Layout, module: &Path) -> Result<()> {
    run(Command::new(layout.npm_bin("wasm-opt"))
        .arg("-Oz")
        .args(WASM_FEATURES)
        .arg(module)
        .arg("--output")
        .arg(module))
}
