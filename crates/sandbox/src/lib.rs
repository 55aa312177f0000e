//! Confinement of one untrusted process, in numbered steps; `docs/SANDBOX.md` lists the same ones.
//!
//! Two processes pass through here. The **zygote** builds the jail once ([`jail::enter`], steps
//! J1–J9), executes the interpreter in it, and closes its own gate when its imports are done
//! ([`gate::close`], steps G1 and G2). Each **run** is forked from it and locks itself down before it knows
//! what it will run ([`confine::confine`], steps C1–C10, then [`confine::lower`], step C11).
//! Everything is denied unless a line here allows it.
//!
//! Architecture invariant: this crate imports no other crate of the workspace, and every step that
//! can fail has its own variant in [`Error`].

mod capabilities;
pub mod confine;
mod descriptors;
pub mod error;
pub mod gate;
mod identity;
pub mod jail;
pub mod landlocked;
pub mod level;
mod mounts;
mod process;
mod resources;
pub mod self_test;
mod syscalls;

pub use confine::Confinement;
pub use error::Error;
pub use jail::Jail;
pub use level::{Layers, Level};
