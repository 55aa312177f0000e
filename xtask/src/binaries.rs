//! The server and the worker.

use anyhow::Result;

use crate::layout::Layout;
use crate::run::{cargo, run, timed};

/// Builds both binaries; cargo knows whether there is anything to do.
///
/// No package is named, so that cargo unifies the features of all default members: the same
/// libraries then serve this build, the tests and this program itself.
pub fn build(layout: &Layout) -> Result<()> {
    timed("binaries", || {
        run(cargo(&layout.root)
            .args(["build", "--quiet", "--profile", layout.profile.native()])
            .args(["--bin", "mecapy-server", "--bin", "mecapy-worker"]))
    })
}
