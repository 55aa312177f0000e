//! C9: Landlock. Reading what the interpreter needs, writing in `/tmp`, and nothing else: no file
//! is executed, no TCP port is bound or reached, no signal and no abstract socket leaves the domain.

use crate::Error;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetStatus, Scope,
};

/// What a run may touch.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    pub read: Vec<String>,
    pub write: Vec<String>,
}

/// The version of Landlock this kernel has; 0 without it.
#[must_use]
pub fn abi() -> i32 {
    const VERSION: libc::c_uint = 1;
    // SAFETY: a version query takes a null attribute of size 0.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0,
            VERSION,
        )
    };
    i32::try_from(version.max(0)).unwrap_or(0)
}

pub fn restrict(paths: &Paths) -> Result<(), Error> {
    let failed = |error: &dyn std::error::Error| Error::Landlock(error.to_string());
    let abi = match abi() {
        0 => return Err(Error::Landlock("this kernel does not have it".to_owned())),
        1 => ABI::V1,
        2 => ABI::V2,
        3 => ABI::V3,
        4 => ABI::V4,
        5 => ABI::V5,
        _ => ABI::V6,
    };
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(abi))
        .map_err(|e| failed(&e))?;
    let (network, scopes) = (AccessNet::from_all(abi), Scope::from_all(abi));
    let ruleset = if network.is_empty() {
        ruleset
    } else {
        ruleset.handle_access(network).map_err(|e| failed(&e))?
    };
    let ruleset = if scopes.is_empty() {
        ruleset
    } else {
        ruleset.scope(scopes).map_err(|e| failed(&e))?
    };
    let mut created = ruleset.create().map_err(|e| failed(&e))?;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = AccessFs::from_all(abi) & !AccessFs::Execute;
    for (list, access) in [(&paths.read, read), (&paths.write, write)] {
        for path in list {
            let Ok(fd) = PathFd::new(path) else { continue };
            let access = if is_directory(path) {
                access
            } else {
                access & AccessFs::from_file(abi)
            };
            created = created
                .add_rule(PathBeneath::new(fd, access))
                .map_err(|e| failed(&e))?;
        }
    }
    let status = created.restrict_self().map_err(|e| failed(&e))?;
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok(()),
        other => Err(Error::Landlock(format!("the kernel reports {other:?}"))),
    }
}

fn is_directory(path: &str) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}
