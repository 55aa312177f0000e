//! What a failed request is told as: the page's own sentence where there is one, else the server's.

use crate::{
    i18n::{Locale, td_string},
    server_fns::Failure,
};
use domain::ProblemCode;

/// What happened, then what to do.
#[must_use]
pub fn failure_text(failure: &Failure, locale: Locale) -> String {
    let Failure::Problem(problem) = failure else {
        return td_string!(locale, common.problem_connection).to_owned();
    };
    // English sentences of the server are the more precise ones.
    if locale == Locale::en && problem.code != ProblemCode::Internal {
        return problem.detail.clone();
    }
    let known = match problem.code {
        ProblemCode::NotFound => td_string!(locale, common.problem_not_found),
        ProblemCode::Conflict => td_string!(locale, common.problem_conflict),
        ProblemCode::TooLarge => td_string!(locale, common.problem_too_large),
        ProblemCode::QueueFull => td_string!(locale, common.problem_queue_full),
        ProblemCode::NotCompleted => td_string!(locale, common.problem_not_completed),
        ProblemCode::AlreadyFinished => td_string!(locale, common.problem_already_finished),
        ProblemCode::IdempotencyMismatch => td_string!(locale, common.problem_mismatch),
        ProblemCode::Forbidden => td_string!(locale, common.problem_forbidden),
        ProblemCode::Unavailable => td_string!(locale, common.problem_unavailable),
        ProblemCode::Internal => td_string!(locale, common.problem_internal),
        // Only the server knows which value it is.
        ProblemCode::Invalid => return problem.detail.clone(),
    };
    known.to_owned()
}
