//! One variant per step that can fail, so that a log line names the step and the reason.

use std::io;

/// A step of the confinement that did not work. The process it happened in must end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("J1: cannot open {path} for the jail: {source}")]
    OpenSource { path: String, source: io::Error },
    #[error("J2: cannot become user {uid}: {source}")]
    DropRoot { uid: u32, source: io::Error },
    #[error("J3: cannot create a user namespace: {0}")]
    UserNamespace(io::Error),
    #[error("J3: cannot map user and group ids: {0}")]
    IdMap(io::Error),
    #[error("J4: cannot create the namespaces: {0}")]
    Namespaces(io::Error),
    #[error("J5: cannot become the first process of the pid namespace: {0}")]
    PidNamespace(io::Error),
    #[error("J6: cannot build the root at {path}: {source}")]
    Root { path: String, source: io::Error },
    #[error("J7: cannot leave the host's root: {0}")]
    Pivot(io::Error),
    #[error("J8: cannot give up capabilities: {0}")]
    ZygoteCapabilities(io::Error),
    #[error("J9: cannot start {program}: {source}")]
    Exec { program: String, source: io::Error },
    #[error("G1: cannot hide the zygote from its runs: {0}")]
    Hide(io::Error),
    #[error("G2: cannot install the zygote's system call filter: {0}")]
    Gate(FilterError),
    #[error("C1: cannot arrange the descriptors: {0}")]
    Descriptors(io::Error),
    #[error("C2: cannot start a session: {0}")]
    Session(io::Error),
    #[error("C3: cannot create the run's namespaces: {0}")]
    RunNamespaces(io::Error),
    #[error("C4: cannot mount the private /tmp: {0}")]
    PrivateTmp(io::Error),
    #[error("C5: cannot offer itself to the out-of-memory killer: {0}")]
    OomScore(io::Error),
    #[error("C6: cannot set resource limits: {0}")]
    ResourceLimits(io::Error),
    #[error("C7: cannot give up capabilities: {0}")]
    Capabilities(io::Error),
    #[error("C8: cannot forbid new privileges: {0}")]
    NoNewPrivileges(io::Error),
    #[error("C9: cannot enforce Landlock: {0}")]
    Landlock(String),
    #[error("C10: cannot install the run's system call filter: {0}")]
    Seccomp(FilterError),
    #[error("C11: cannot lower the limits: {0}")]
    Lower(io::Error),
    #[error("the self-test did not come to its end: {0}")]
    SelfTest(io::Error),
}

/// Why a system call filter is not in force.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    #[error(transparent)]
    Build(#[from] seccompiler::BackendError),
    #[error(transparent)]
    Install(#[from] io::Error),
}

impl Error {
    /// The step's number within its list, for an exit status.
    #[must_use]
    pub const fn step(&self) -> i32 {
        match self {
            Self::OpenSource { .. } | Self::Hide(_) | Self::Descriptors(_) => 1,
            Self::DropRoot { .. } | Self::Gate(_) | Self::Session(_) => 2,
            Self::UserNamespace(_) | Self::IdMap(_) | Self::RunNamespaces(_) => 3,
            Self::Namespaces(_) | Self::PrivateTmp(_) => 4,
            Self::PidNamespace(_) | Self::OomScore(_) => 5,
            Self::Root { .. } | Self::ResourceLimits(_) => 6,
            Self::Pivot(_) | Self::Capabilities(_) => 7,
            Self::ZygoteCapabilities(_) | Self::NoNewPrivileges(_) => 8,
            Self::Exec { .. } | Self::Landlock(_) => 9,
            Self::Seccomp(_) => 10,
            Self::Lower(_) => 11,
            Self::SelfTest(_) => 12,
        }
    }
}
