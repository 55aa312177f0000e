//! What pages ask the server: each function identifies the caller, calls one use case of the
//! platform, and converts.
//!
//! Architecture invariant: nothing else in this crate names `platform`.

pub mod examples;
pub mod failure;
pub mod runs;
pub mod shares;
pub mod signature;
pub mod tasks;
pub mod workbench;

pub use failure::Failure;

/// The name of who asks, where the server knows one.
#[must_use]
pub fn caller_name() -> Option<String> {
    #[cfg(feature = "ssr")]
    {
        leptos::prelude::use_context::<platform::Caller>().map(|caller| caller.name)
    }
    #[cfg(not(feature = "ssr"))]
    {
        leptos::prelude::document()
            .document_element()
            .and_then(|html| html.get_attribute("data-user"))
    }
}

/// What the server put into the request's context.
#[cfg(feature = "ssr")]
mod context {
    use super::Failure;
    use domain::{Problem, ProblemCode};
    use leptos::prelude::use_context;
    use platform::{Caller, Services};

    /// The services alone, for what needs no caller.
    pub fn services() -> Result<Services, Failure> {
        use_context().ok_or_else(|| unwired("services"))
    }

    /// The services and who asks.
    pub fn caller() -> Result<(Services, Caller), Failure> {
        let caller = use_context().ok_or_else(|| {
            Failure::from(Problem::new(
                ProblemCode::Forbidden,
                "Nobody is signed in. Sign in and try again.",
            ))
        })?;
        Ok((services()?, caller))
    }

    fn unwired(what: &str) -> Failure {
        Problem::new(
            ProblemCode::Internal,
            format!("The server gave this page no {what}."),
        )
        .into()
    }
}
