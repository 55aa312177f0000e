//! Why an attempt came to nothing although its calculation did nothing wrong. The sentences are
//! shown to the user: when the run waits again, and when it was tried often enough.

use crate::{error::Internal, metrics::Lost};
use domain::run::{ErrorKind, RunError};
use thiserror::Error;

#[derive(Debug, Error)]
pub(super) enum Loss {
    #[error("The worker ended the connection before the run was over.")]
    Disconnected,
    #[error("The worker gave no sign of life for {seconds} s.")]
    Silent { seconds: f64 },
    #[error("The worker's answer could not be understood.")]
    Garbled,
    #[error("The worker sent a line that is too long.")]
    LineTooLong,
    #[error("The worker refused the run with status {status}.")]
    Rejected { status: u16 },
    #[error("The worker did not store the result it announced.")]
    ResultMissing,
    #[error("Another result is stored where the result of this attempt belongs.")]
    ResultTaken,
    #[error("The worker stopped the run on its own.")]
    StoppedByWorker,
    #[error("{0}")]
    ReportedByWorker(String),
    #[error("The server could not read or store the run's values.")]
    Storage(#[from] Internal),
    #[error("The server failed while it followed the run.")]
    Defect,
    #[error("The server that followed the run has stopped.")]
    ServerGone,
}

impl Loss {
    /// The same for who counts.
    pub(super) const fn reason(&self) -> Lost {
        match self {
            Self::Disconnected => Lost::Disconnected,
            Self::Silent { .. } => Lost::Silent,
            Self::Garbled | Self::LineTooLong => Lost::Garbled,
            Self::Rejected { .. } => Lost::Rejected,
            Self::ResultMissing | Self::ResultTaken | Self::Storage(_) => Lost::Storage,
            Self::StoppedByWorker => Lost::CancelledByWorker,
            Self::ReportedByWorker(_) => Lost::WorkerFailed,
            Self::Defect => Lost::Defect,
            Self::ServerGone => Lost::ServerGone,
        }
    }
}

/// What a run ends with that was lost too often.
pub(super) fn given_up(loss: &Loss, attempts: u32) -> RunError {
    RunError {
        kind: ErrorKind::Infrastructure,
        message: format!(
            "{loss} The run was tried {attempts} times; nothing is wrong with the calculation as \
             far as MecaPy can tell. Run it again later."
        ),
        line: None,
        traceback: None,
    }
}
