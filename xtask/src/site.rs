//! The browser's half of the product, step by step:
//!
//! 1. `wasm`: the crate `frontend`, its JavaScript glue, and (release) a pass of wasm-opt
//! 2. `editor`: the bundle of the code editor
//! 3. `fonts`: the pieces of the typefaces with their rules
//! 4. `style`: the style sheet, with the rules of the typefaces in front
//! 5. `compress`: `.br` and `.gz` beside everything that gains by it (release)
//! 6. `publish`: all of it in a folder named by its content, which browsers may keep for ever

mod compress;
mod editor;
mod fonts;
mod publish;
mod style;
mod wasm;

use std::path::PathBuf;

use anyhow::Result;

use crate::layout::{Layout, Profile};
use crate::run::report;

/// A folder of files and the folder of the package that they go to.
struct Part {
    from: PathBuf,
    into: &'static str,
}

/// Builds the site and returns its folder.
pub fn build(layout: &Layout) -> Result<PathBuf> {
    let wasm = wasm::build(layout)?;
    let editor = editor::build(layout)?;
    let fonts = fonts::build(layout)?;
    let style = style::build(layout, &fonts)?;
    let parts = [
        Part {
            from: wasm,
            into: "",
        },
        Part {
            from: style,
            into: "",
        },
        Part {
            from: editor,
            into: "editor",
        },
        Part {
            from: fonts,
            into: "fonts",
        },
    ];
    if layout.profile == Profile::Release {
        for part in &parts {
            compress::build(layout, part)?;
        }
    }
    let folder = publish::publish(layout, &parts)?;
    report("site", &folder.display().to_string());
    Ok(folder)
}
