//! The three levels of isolation, and the layers each one demands.

use serde::{Deserialize, Serialize};

/// How much the platform lets us build. Anything below `Full` must be asked for by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Namespaces, a root of its own, Landlock, seccomp, resource limits.
    #[default]
    Full,
    /// Landlock, seccomp, resource limits: for containers that may not create namespaces.
    Filtered,
    /// Seccomp and resource limits, inside a platform that is itself a sandbox (gVisor, microVM).
    HostSandboxed,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Full, Self::Filtered, Self::HostSandboxed];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Filtered => "filtered",
            Self::HostSandboxed => "host-sandboxed",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }

    #[must_use]
    pub const fn layers(self) -> Layers {
        let full = matches!(self, Self::Full);
        Layers {
            namespaces: full,
            landlock: !matches!(self, Self::HostSandboxed),
            seccomp: true,
            resource_limits: true,
        }
    }
}

/// The layers that can stand alone, so that a test can take one away and see the others hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// User, mount, pid, network, ipc, uts and cgroup namespaces, with a root of our own.
    pub namespaces: bool,
    pub landlock: bool,
    pub seccomp: bool,
    pub resource_limits: bool,
}

impl Layers {
    pub const NONE: Self = Self {
        namespaces: false,
        landlock: false,
        seccomp: false,
        resource_limits: false,
    };

    /// Names for log, health and every result; `dropped_root` when the worker runs as root, `watched`
    /// when it can see what other processes use.
    #[must_use]
    pub fn names(self, dropped_root: bool, landlock_abi: i32, watched: bool) -> Vec<String> {
        let mut names = Vec::new();
        let mut add = |name: &str| names.push(name.to_owned());
        if dropped_root {
            add("unprivileged-user");
        }
        if self.namespaces {
            for namespace in ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"] {
                add(&format!("{namespace}-namespace"));
            }
            add("read-only-root");
            add("no-proc");
            add("private-tmp");
        }
        add("no-capabilities");
        add("no-new-privileges");
        if self.landlock {
            add(&format!("landlock-abi-{landlock_abi}"));
        }
        if self.seccomp {
            add("seccomp");
        }
        if self.resource_limits {
            add("resource-limits");
        }
        if watched {
            add("memory-watch");
        }
        names
    }
}
