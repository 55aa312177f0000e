//! Puts the parts together in a folder that is named by what it holds.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Part;
use crate::fingerprint::{Fingerprint, files_below};
use crate::layout::Layout;

/// Hexadecimal digits of the content hash that name the folder: 64 bits, for a handful of folders.
const NAME_DIGITS: usize = 16;

/// Writes the site's folder and returns it.
///
/// The name of the package's folder is in the file `pkg-dir`. The package before it is kept, so
/// that a page opened before the server was replaced can still fetch what it loads late.
pub fn publish(layout: &Layout, parts: &[Part]) -> Result<PathBuf> {
    let site = layout.site();
    fs::create_dir_all(site.join("pkg"))?;
    let name = format!("pkg/{}", content_hash(parts)?);
    let before = fs::read_to_string(site.join("pkg-dir")).unwrap_or_default();
    let package = site.join(&name);
    if !package.exists() {
        assemble(parts, &package)?;
    }
    copy_public(&layout.root.join("public"), &site)?;
    if before != name {
        write_atomically(&site.join("pkg-dir"), &name)?;
        remove_other_packages(&site, &[&name, &before])?;
    }
    Ok(site)
}

fn content_hash(parts: &[Part]) -> Result<String> {
    let print = parts
        .iter()
        .try_fold(Fingerprint::default(), |print, part| {
            print.text(part.into).tree(&part.from)
        })?;
    let mut name = print.finish();
    name.truncate(NAME_DIGITS);
    Ok(name)
}

/// Copies the parts beside the final place, then moves them there in one step.
fn assemble(parts: &[Part], package: &Path) -> Result<()> {
    let draft = package.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft)?;
    }
    for part in parts {
        let into = if part.into.is_empty() {
            draft.clone()
        } else {
            draft.join(part.into)
        };
        copy_tree(&part.from, &into)?;
    }
    fs::rename(&draft, package)
        .with_context(|| format!("{} could not be written", package.display()))
}

/// The files that a site has at its root, such as its icon.
fn copy_public(public: &Path, site: &Path) -> Result<()> {
    for entry in fs::read_dir(site)? {
        let entry = entry?;
        if entry.file_type()?.is_file()
            && entry.file_name() != "pkg-dir"
            && !public.join(entry.file_name()).exists()
        {
            fs::remove_file(entry.path())?;
        }
    }
    copy_tree(public, site)
}

fn copy_tree(from: &Path, into: &Path) -> Result<()> {
    for file in files_below(from)? {
        let target = into.join(file.strip_prefix(from)?);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, &target)
            .with_context(|| format!("{} could not be copied", file.display()))?;
    }
    Ok(())
}

fn write_atomically(path: &Path, text: &str) -> Result<()> {
    let draft = path.with_extension("draft");
    fs::write(&draft, text)?;
    Ok(fs::rename(draft, path)?)
}

fn remove_other_packages(site: &Path, kept: &[&str]) -> Result<()> {
    for entry in fs::read_dir(site.join("pkg"))? {
        let entry = entry?;
        let name = format!("pkg/{}", entry.file_name().to_string_lossy());
        if !kept.contains(&name.as_str()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
