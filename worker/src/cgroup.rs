//! Whether this system would let the worker limit the memory of a run by cgroup v2. Runs do not
//! depend on it: address space is limited by the kernel and resident memory is watched.

use std::{fs, path::Path};

const MOUNT: &str = "/sys/fs/cgroup";

/// One phrase for log and health.
pub fn probe() -> &'static str {
    let Ok(cgroups) = fs::read_to_string("/proc/self/cgroup") else {
        return "unknown: /proc/self/cgroup cannot be read";
    };
    let Some(own) = cgroups.lines().find_map(|line| line.strip_prefix("0::")) else {
        return "absent: this system has no cgroup v2";
    };
    let folder = Path::new(MOUNT).join(own.trim_start_matches('/'));
    let Ok(controllers) = fs::read_to_string(folder.join("cgroup.controllers")) else {
        return "absent: cgroup v2 is not mounted";
    };
    if !controllers.split_whitespace().any(|name| name == "memory") {
        return "absent: no memory controller of cgroup v2";
    }
    match fs::OpenOptions::new()
        .append(true)
        .open(folder.join("cgroup.subtree_control"))
    {
        Ok(_) => "delegated but unused: memory is limited by address space and watched",
        Err(_) => "not delegated: memory is limited by address space and watched",
    }
}
