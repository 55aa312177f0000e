//! Where the files of a result are, and whether the page that shows it is alive.

use domain::{RunId, value::Figure};
use leptos::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

/// Provided to the views of a result by the page that shows it.
#[derive(Clone, Debug)]
pub struct Sources {
    figures: Figures,
    /// Where `charts/{n}.svg` and the like are below, with a slash at the end; none in a file.
    base: Option<Arc<str>>,
    /// Scripts run: tables turn pages, charts are read. Otherwise all is written at once.
    pub live: bool,
}

#[derive(Clone, Debug)]
enum Figures {
    Below(Arc<str>),
    /// By slot, as `data:` addresses.
    Inside(Arc<BTreeMap<u32, String>>),
}

impl Sources {
    /// The workbench's own view of a run.
    #[must_use]
    pub fn of_run(run: RunId) -> Self {
        let base: Arc<str> = format!("/api/runs/{run}/").into();
        Self {
            figures: Figures::Below(Arc::clone(&base)),
            base: Some(base),
            live: true,
        }
    }

    /// A page without scripts whose files are below `base`, for example `/r/{token}/`.
    #[must_use]
    pub fn still(base: &str) -> Self {
        let base: Arc<str> = base.into();
        Self {
            figures: Figures::Below(Arc::clone(&base)),
            base: Some(base),
            live: false,
        }
    }

    /// A file that asks for nothing else; figures by slot as `data:` addresses.
    #[must_use]
    pub fn embedded(figures: BTreeMap<u32, String>) -> Self {
        Self {
            figures: Figures::Inside(Arc::new(figures)),
            base: None,
            live: false,
        }
    }

    /// What an `<img>` loads; nothing for a figure whose bytes are not there.
    #[must_use]
    pub fn figure(&self, figure: &Figure) -> Option<String> {
        if let Some(data) = &figure.data {
            return Some(format!("data:{};base64,{data}", figure.format.media_type()));
        }
        let index = figure.index?;
        match &self.figures {
            Figures::Below(base) => Some(format!("{base}figures/{index}")),
            Figures::Inside(data) => data.get(&index).cloned(),
        }
    }

    /// The address of the whole result as CSV.
    #[must_use]
    pub fn csv(&self) -> Option<String> {
        let base = self.base.as_deref()?;
        Some(if self.live {
            format!("{base}result?format=csv&download=1")
        } else {
            format!("{base}result.csv")
        })
    }
}

/// The sources of the page.
///
/// # Panics
/// Outside of a view that provides them, which all that call this are.
#[must_use]
pub fn use_sources() -> Sources {
    expect_context()
}
