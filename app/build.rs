//! Turns the locale files into typed keys, so that a missing or misspelt text does not compile.
//!
//! Uses the parser and the code generator of `leptos_i18n` directly: its build crate would bring
//! all of ICU's data sources along for formatters that our texts do not use.

use leptos_i18n_codegen::gen_code;
use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};
use std::{env, error::Error, fs, path::PathBuf};

/// One file per area in each of `locales/en` and `locales/fr`.
const NAMESPACES: [&str; 8] = [
    "common",
    "reference",
    "result",
    "runs",
    "sentences",
    "share",
    "tasks",
    "workbench",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let config = Config::new("en")?
        .add_locale("fr")?
        .add_namespaces(NAMESPACES)?
        .parse_options(ParseOptions::new().interpolate_display(true));
    let locales = parse_locales(None, config)?;
    if let Some(error) = locales.diag.errors().iter().next() {
        return Err(error.to_string().into());
    }
    if let Some(warning) = locales.diag.warnings().iter().next() {
        return Err(format!("locales: {warning}").into());
    }
    let code = gen_code(&locales, None, false, None, false)?;
    let target = PathBuf::from(env::var("OUT_DIR")?).join("i18n.rs");
    fs::write(target, code.to_string())?;
    Ok(())
}
