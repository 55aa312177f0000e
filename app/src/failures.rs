//! What a failed request is told as: the page's own sentence where there is one, else the server's.

use crate::{
    i18n::{Locale, td_string},
    retold::retold,
    server_fns::Failure,
};
use domain::ProblemCode;

/// What happened, then what to do.
#[must_use]
pub fn failure_text(failure: &Failure, locale: Locale) -> String {
    let Failure::Problem(problem) = failure else {
        return td_string!(locale, common.problem_connection).to_owned();
    };
    // The server's own sentence is the more precise one.
    if problem.code != ProblemCode::Internal
        && let Some(told) = retold(&problem.detail, locale)
    {
        return told;
    }
    let known = match problem.code {
        ProblemCode::NotFound => td_string!(locale, common.problem_not_found),
        ProblemCode::Conflict | ProblemCode::PreconditionFailed => {
            td_string!(locale, common.problem_conflict)
        }
        ProblemCode::TooLarge => td_string!(locale, common.problem_too_large),
        ProblemCode::QueueFull => td_string!(locale, common.problem_queue_full),
        ProblemCode::NotCompleted => td_string!(locale, common.problem_not_completed),
        ProblemCode::AlreadyFinished => td_string!(locale, common.problem_already_finished),
        ProblemCode::IdempotencyMismatch => td_string!(locale, common.problem_mismatch),
        ProblemCode::Unauthenticated | ProblemCode::Forbidden => {
            td_string!(locale, common.problem_forbidden)
        }
        ProblemCode::Unavailable => td_string!(locale, common.problem_unavailable),
        ProblemCode::Internal => td_string!(locale, common.problem_internal),
        // Only the server knows which value it is.
        ProblemCode::Invalid => {
            let said = problem.detail.clone();
            return td_string!(locale, common.problem_invalid, said = said).to_string();
        }
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Problem;

    fn french(code: ProblemCode, detail: &str) -> String {
        failure_text(&Failure::Problem(Problem::new(code, detail)), Locale::fr)
    }

    #[test]
    fn french_names_the_limit() {
        let told = french(
            ProblemCode::TooLarge,
            "The name has 250 characters; the limit is 200. Shorten it, and put the rest into the description.",
        );
        assert!(told.contains("250") && told.contains("200"), "{told}");
    }

    #[test]
    fn an_unknown_refusal_keeps_the_servers_words() {
        let told = french(ProblemCode::Invalid, "x is 3, which is odd.");
        assert!(
            told.starts_with("Le serveur") && told.ends_with("which is odd."),
            "{told}"
        );
        let told = french(ProblemCode::NotFound, "There is no such task.");
        assert!(told.starts_with("Introuvable"), "{told}");
    }
}
