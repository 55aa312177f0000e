//! Who may import whom: the arrows of the map in docs/ARCHITECTURE.md, checked against what cargo
//! and the sources say.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its input stops there"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every package, and the packages of this workspace that it may import.
const MAY_IMPORT: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("sandbox", &[]),
    ("protocol", &["domain"]),
    ("telemetry", &["domain"]),
    ("platform", &["domain", "protocol", "telemetry"]),
    ("app", &["domain", "platform"]),
    ("frontend", &["app"]),
    ("server", &["app", "platform", "telemetry", "domain"]),
    (
        "worker",
        &["protocol", "sandbox", "telemetry", "domain", "mecapy-jail"],
    ),
    ("mecapy-jail", &["protocol", "sandbox", "domain"]),
    ("testbed", &[]),
    ("xtask", &[]),
];

/// Files that declare what JavaScript offers; everything else goes through them.
const BINDING_FILES: [&str; 2] = ["app/src/editor/monaco.rs", "frontend/src/lib.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

/// The packages of this workspace that a package imports outside its tests.
fn imports(package: &Value, workspace: &BTreeSet<String>) -> BTreeSet<String> {
    package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
        .map(|dependency| name(dependency).to_owned())
        .filter(|dependency| workspace.contains(dependency))
        .collect()
}

#[test]
fn packages_import_only_what_the_map_allows() {
    let packages = packages();
    let workspace: BTreeSet<String> = packages
        .iter()
        .map(|package| name(package).to_owned())
        .collect();
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    for package in &packages {
        let importer = name(package);
        let may = allowed
            .get(importer)
            .unwrap_or_else(|| panic!("{importer} is not on the map: add it to MAY_IMPORT"));
        for imported in imports(package, &workspace) {
            assert!(
                may.contains(&imported.as_str()),
                "{importer} must not import {imported}"
            );
        }
    }
    let gone: Vec<_> = allowed
        .keys()
        .filter(|package| !workspace.contains(**package))
        .collect();
    assert!(gone.is_empty(), "no such package: {gone:?}");
}

#[test]
fn the_browser_never_gets_the_platform() {
    let packages = packages();
    let app = packages
        .iter()
        .find(|package| name(package) == "app")
        .unwrap();
    let platform = app["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|dependency| name(dependency) == "platform");
    assert_eq!(
        platform.unwrap()["optional"],
        true,
        "app imports platform whatever its features"
    );
    for (feature, switched_on) in app["features"].as_object().unwrap() {
        let on = switched_on
            .as_array()
            .unwrap()
            .iter()
            .any(|what| what.as_str().unwrap().contains("platform"));
        assert_eq!(
            on,
            feature == "ssr",
            "the feature {feature} of app and its dependency platform"
        );
    }
}

#[test]
fn only_server_functions_call_the_platform() {
    for file in sources("app/src")
        .iter()
        .filter(|file| !is_below(file, "app/src/server_fns"))
    {
        let offence = fs::read_to_string(file)
            .unwrap()
            .lines()
            .position(names_platform);
        assert_eq!(
            offence,
            None,
            "{} names platform; only app/src/server_fns may",
            file.display()
        );
    }
}

#[test]
fn javascript_is_bound_in_binding_files_only() {
    for file in sources("app/src").iter().chain(&sources("frontend/src")) {
        let text = fs::read_to_string(file).unwrap();
        let binds = text
            .lines()
            .any(|line| line.trim_start().starts_with("#[wasm_bindgen"));
        let may = BINDING_FILES
            .iter()
            .any(|allowed| file == &root().join(allowed));
        assert!(
            !binds || may,
            "{} binds JavaScript; {BINDING_FILES:?} may",
            file.display()
        );
    }
}

/// Whether a line of code uses the crate `platform`.
fn names_platform(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("platform::").any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    }) || code.trim_start().starts_with("use platform")
}

#[test]
fn a_use_of_the_platform_is_recognised() {
    assert!(names_platform("use platform::tasks;"));
    assert!(names_platform(
        "    let run = platform::runs::get(s, c, id);"
    ));
    assert!(!names_platform("// platform::runs says so"));
    assert!(!names_platform("cross_platform::open()"));
}

fn is_below(file: &Path, folder: &str) -> bool {
    file.starts_with(root().join(folder)) || file == root().join(format!("{folder}.rs"))
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds no sources");
    found
}
