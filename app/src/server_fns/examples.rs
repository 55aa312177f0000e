//! The gallery of examples.

use super::Failure;
#[cfg(feature = "ssr")]
use super::context::caller;
use domain::{Lang, run::Miniature, task::TaskDetail};
#[cfg(feature = "ssr")]
use domain::{Problem, ProblemCode};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// An example as the gallery shows it, in the page's language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleCard {
    pub slug: String,
    pub name: String,
    pub summary: String,
    pub field: String,
    /// Inputs of its form.
    pub inputs: usize,
    /// Values of its result.
    pub results: usize,
    pub miniature: Option<Miniature>,
}

#[server(prefix = "/fn", endpoint = "examples/list", input = Json)]
pub async fn list_examples(lang: Lang) -> Result<Vec<ExampleCard>, Failure> {
    let cards = platform::examples::all().iter().map(|example| ExampleCard {
        slug: example.slug.to_owned(),
        name: example.name.get(lang).to_owned(),
        summary: example.summary.get(lang).to_owned(),
        field: example.field.get(lang).to_owned(),
        inputs: example.input_count,
        results: example.result_count,
        miniature: example.miniature.clone(),
    });
    Ok(cards.collect())
}

/// Makes a task of an example, named in the page's language.
#[server(prefix = "/fn", endpoint = "examples/use", input = Json)]
pub async fn use_example(slug: String, lang: Lang) -> Result<TaskDetail, Failure> {
    let (services, caller) = caller()?;
    let example = platform::examples::find(&slug).ok_or_else(|| {
        let detail = format!("There is no example called {slug}. Choose one of the gallery.");
        Problem::new(ProblemCode::NotFound, detail).at("slug")
    })?;
    let new = platform::tasks::NewTask {
        name: example.name.get(lang).to_owned(),
        description: example.summary.get(lang).to_owned(),
        code: example.code.to_owned(),
        inputs: example.inputs.clone(),
    };
    Ok(platform::tasks::create(&services, &caller, new).await?)
}
