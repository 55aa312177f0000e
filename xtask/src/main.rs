//! Builds what `cargo build` alone does not: the browser's half of the product (WebAssembly, style
//! sheet, code editor, typefaces), and beside it the two binaries.
//!
//! Every step is skipped while what it is made from is unchanged, so a build of an unchanged
//! checkout takes about as long as asking cargo whether there is anything to do.

mod binaries;
mod fingerprint;
mod layout;
mod run;
mod site;
mod watch;

use anyhow::Result;
use clap::{Parser, Subcommand};
use layout::{Layout, Profile};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds MecaPy")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the browser's half into target/site-dev, or target/site with --release
    Site {
        #[arg(long)]
        release: bool,
    },
    /// Build the site, the server and the worker
    Build {
        #[arg(long)]
        release: bool,
    },
    /// Build, start the server, and do both again whenever a source file changes
    Watch,
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Task::Site { release } => site::build(&Layout::find(Profile::of(release))?).map(drop),
        Task::Build { release } => {
            let layout = Layout::find(Profile::of(release))?;
            site::build(&layout)?;
            binaries::build(&layout)
        }
        Task::Watch => watch::run(&Layout::find(Profile::Debug)?),
    }
}
