//! Which error goes where: a [`Problem`] is for the caller and says what to do; everything else is
//! a defect or an outage of ours, logged with its cause when it becomes an answer, whichever face
//! gives it, and shown as one plain sentence.

use domain::{Problem, ProblemCode};
use thiserror::Error;

/// Why a use case did not do what it was asked.
#[derive(Debug, Error)]
pub enum Error {
    /// The caller can do something about it.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// A defect or an outage of ours.
    #[error(transparent)]
    Internal(#[from] Internal),
}

/// Our own part that failed.
#[derive(Debug, Error)]
pub enum Internal {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the object store failed: {0}")]
    Objects(#[from] object_store::Error),
    #[error("the object store failed: {0}")]
    S3(String),
    #[error("a stored {what} cannot be read: {source}")]
    Stored {
        what: &'static str,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the writer of run events has stopped")]
    WriterStopped,
    #[error("a task of the server panicked")]
    Panicked,
    #[error("the {0} did not answer in time")]
    Slow(&'static str),
    #[error("the transaction that was shared with other runs failed")]
    CommitShared,
}

impl Internal {
    /// A dependency that is away, or was while the request was served.
    fn is_outage(&self) -> bool {
        match self {
            Self::Database(error) => match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                // Classes of SQLSTATE: 08 connection, 53 resources, 57 an operator stops it.
                sqlx::Error::Database(error) => error.code().is_some_and(|code| {
                    ["08", "53", "57"]
                        .iter()
                        .any(|class| code.starts_with(class))
                }),
                _ => false,
            },
            Self::S3(_) | Self::Slow(_) => true,
            _ => false,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<object_store::Error> for Error {
    fn from(error: object_store::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => problem,
            Error::Internal(cause) if cause.is_outage() => {
                tracing::error!(%cause, "a request could not be served for now");
                let detail = "A service that MecaPy depends on does not answer. Nothing was \
                              lost; try again in a few seconds.";
                Self::new(ProblemCode::Unavailable, detail)
            }
            Error::Internal(cause) => {
                tracing::error!(%cause, "a request could not be served");
                let detail = "MecaPy could not do this because of a defect on its side; the \
                              server's log has the cause.";
                Self::new(ProblemCode::Internal, detail)
            }
        }
    }
}

/// A problem as an error, for `return Err(problem(…))`.
pub(crate) fn problem(code: ProblemCode, detail: impl Into<String>) -> Error {
    Error::Problem(Problem::new(code, detail))
}

/// A problem with one field of the request.
pub(crate) fn problem_at(
    code: ProblemCode,
    field: impl Into<String>,
    detail: impl Into<String>,
) -> Error {
    Error::Problem(Problem::new(code, detail).at(field))
}
