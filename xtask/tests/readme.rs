//! The README says of the settings what the programs themselves say.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its input stops there"
)]

use std::fs;
use std::path::Path;

const BEGIN: &str = "<!-- settings: begin -->\n";
const END: &str = "<!-- settings: end -->";

#[test]
fn the_table_of_settings_is_the_one_of_the_programs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (_, rest) = readme.split_once(BEGIN).unwrap();
    let (table, _) = rest.split_once(END).unwrap();
    let wanted = domain::settings::markdown_table();
    assert!(
        table == wanted,
        "README.md, between the marks of the settings, should be:\n\n{wanted}"
    );
}
