//! What the code in the editor asks for, read again as it changes.

use super::Failure;
use domain::signature::{CodeProblem, Signature};
use leptos::{prelude::*, server_fn::codec::Json};

/// Either the inputs that the code asks for, or why it cannot be read as a calculation.
pub type Reading = Result<Signature, CodeProblem>;

#[server(prefix = "/fn", endpoint = "signature/read", input = Json)]
pub async fn read_signature(code: String) -> Result<Reading, Failure> {
    Ok(platform::signature::read(&code))
}
