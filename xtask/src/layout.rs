//! Where everything stands: the checkout, cargo's target directory, and what is built into them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run::cargo;

/// Which of the two builds of the product is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    Debug,
    Release,
}

impl Profile {
    pub fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Debug }
    }

    /// Cargo's profile for the WebAssembly, which is optimised for size where the server is for speed.
    pub fn wasm(self) -> &'static str {
        match self {
            Self::Debug => "dev",
            Self::Release => "wasm-release",
        }
    }

    /// Cargo's profile for the two binaries.
    pub fn native(self) -> &'static str {
        match self {
            Self::Debug => "dev",
            Self::Release => "release",
        }
    }

    fn folder_of(cargo_profile: &str) -> &str {
        if cargo_profile == "dev" {
            "debug"
        } else {
            cargo_profile
        }
    }
}

/// The folders of one build.
pub struct Layout {
    pub profile: Profile,
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's target directory, which may stand outside the checkout.
    pub target: PathBuf,
}

impl Layout {
    pub fn find(profile: Profile) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask has no parent folder")?;
        let metadata = cargo(root)
            .args([
                "metadata",
                "--no-deps",
                "--format-version",
                "1",
                "--offline",
            ])
            .output()
            .context("cargo metadata could not be started")?;
        anyhow::ensure!(
            metadata.status.success(),
            "{}",
            String::from_utf8_lossy(&metadata.stderr)
        );
        let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target directory")?;
        Ok(Self {
            profile,
            root: root.to_owned(),
            target: target.into(),
        })
    }

    /// What the server is pointed at by `MECAPY_SITE_DIR`.
    pub fn site(&self) -> PathBuf {
        self.root.join("target").join(match self.profile {
            Profile::Debug => "site-dev",
            Profile::Release => "site",
        })
    }

    /// The pieces that the site is put together from, kept between builds.
    pub fn parts(&self) -> PathBuf {
        self.target
            .join("site-parts")
            .join(Profile::folder_of(self.profile.native()))
    }

    /// Pieces that are the same in both builds.
    pub fn shared_parts(&self) -> PathBuf {
        self.target.join("site-parts").join("shared")
    }

    /// What cargo makes of the crate `frontend`.
    pub fn wasm_artifact(&self) -> PathBuf {
        self.target
            .join("wasm32-unknown-unknown")
            .join(Profile::folder_of(self.profile.wasm()))
            .join("frontend.wasm")
    }

    /// One of the binaries.
    pub fn binary(&self, name: &str) -> PathBuf {
        self.target
            .join(Profile::folder_of(self.profile.native()))
            .join(name)
    }

    /// A command that an npm package brought.
    pub fn npm_bin(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }
}
