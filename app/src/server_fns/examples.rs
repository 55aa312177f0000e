//! The gallery of examples.

use super::Failure;
#[cfg(feature = "ssr")]
use super::context::caller;
use domain::{
    Lang,
    run::Miniature,
    task::TaskDetail,
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// An example as the gallery shows it, in the page's language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleCard {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub field: String,
    pub inputs: usize,
    pub miniature: Option<Miniature>,
}

#[server(prefix = "/fn", endpoint = "examples/list", input = Json)]
pub async fn list_examples(lang: Lang) -> Result<Vec<ExampleCard>, Failure> {
    let _ = lang;
    Ok(Vec::new())
}

/// Makes a task of an example.
#[server(prefix = "/fn", endpoint = "examples/use", input = Json)]
pub async fn use_example(slug: String, lang: Lang) -> Result<TaskDetail, Failure> {
    let (services, caller) = caller()?;
    let _ = (services, caller, slug, lang);
    Err(Failure::Connection)
}
