//! Why a server function did not answer: a problem in words, or no connection.

use domain::{Problem, ProblemCode};
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The server's answer.
    Problem(Problem),
    /// No answer came, or none that can be read.
    Connection,
}

impl Failure {
    /// The server's answer, if it gave one.
    #[must_use]
    pub const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            Self::Connection => None,
        }
    }

    #[must_use]
    pub fn is(&self, code: ProblemCode) -> bool {
        self.problem().is_some_and(|problem| problem.code == code)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        #[cfg(feature = "ssr")]
        status::set(problem.code);
        Self::Problem(problem)
    }
}

#[cfg(feature = "ssr")]
impl From<platform::Error> for Failure {
    fn from(error: platform::Error) -> Self {
        Problem::from(error).into()
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(reason) | ServerFnErrorErr::MissingArg(reason) => Problem::new(
                ProblemCode::Invalid,
                format!("The request could not be read: {reason}. Load the page again."),
            )
            .into(),
            ServerFnErrorErr::Registration(reason)
            | ServerFnErrorErr::UnsupportedRequestMethod(reason)
            | ServerFnErrorErr::ServerError(reason)
            | ServerFnErrorErr::MiddlewareError(reason)
            | ServerFnErrorErr::Serialization(reason) => {
                Problem::new(ProblemCode::Internal, reason).into()
            }
            ServerFnErrorErr::Deserialization(reason) if cfg!(feature = "ssr") => Problem::new(
                ProblemCode::Invalid,
                format!("The request could not be read: {reason}. Load the page again."),
            )
            .into(),
            ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Response(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Connection,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => problem.fmt(f),
            Self::Connection => f.write_str("The connection was lost."),
        }
    }
}

impl std::error::Error for Failure {}

/// A failed server function and a page without its data answer with the status that fits.
#[cfg(feature = "ssr")]
mod status {
    use axum::http::StatusCode;
    use domain::ProblemCode;
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    pub fn set(code: ProblemCode) {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(of(code));
        }
    }

    const fn of(code: ProblemCode) -> StatusCode {
        match code {
            ProblemCode::NotFound => StatusCode::NOT_FOUND,
            ProblemCode::Conflict | ProblemCode::NotCompleted | ProblemCode::AlreadyFinished => {
                StatusCode::CONFLICT
            }
            ProblemCode::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            ProblemCode::Invalid | ProblemCode::IdempotencyMismatch => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ProblemCode::QueueFull => StatusCode::TOO_MANY_REQUESTS,
            ProblemCode::Unauthenticated => StatusCode::UNAUTHORIZED,
            ProblemCode::Forbidden => StatusCode::FORBIDDEN,
            ProblemCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ProblemCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
