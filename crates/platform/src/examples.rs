//! The gallery: examples embedded from the folder `examples/`, whose README says what each file is.
//! Their results are recorded there, so that a gallery shows miniatures before anything has run.

use crate::signature;
use domain::{
    Lang,
    inputs::parameters,
    preview::{headline, miniature},
    run::{Headline, Miniature},
    value::{Arrays, Value},
};
use serde::Deserialize;
use std::sync::LazyLock;

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Text {
    pub en: String,
    pub fr: String,
}

impl Text {
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.en, &self.fr)
    }
}

#[derive(Clone, Debug)]
pub struct Example {
    /// The name of its folder.
    pub slug: &'static str,
    pub name: Text,
    pub summary: Text,
    /// The standard or the field of engineering.
    pub field: Text,
    pub tags: Vec<String>,
    pub code: &'static str,
    /// A JSON object; empty where the code has defaults.
    pub inputs: String,
    /// Top-level inputs of the form.
    pub input_count: usize,
    /// Top-level values of the result.
    pub result_count: usize,
    pub headline: Option<Headline>,
    pub miniature: Option<Miniature>,
}

struct Source {
    slug: &'static str,
    code: &'static str,
    described: &'static str,
    result: &'static str,
}

macro_rules! sources {
    ($($slug:literal),* $(,)?) => {
        [$(Source {
            slug: $slug,
            code: include_str!(concat!("../../../examples/", $slug, "/calculation.py")),
            described: include_str!(concat!("../../../examples/", $slug, "/example.json")),
            result: include_str!(concat!("../../../examples/", $slug, "/result.json")),
        }),*]
    };
}

/// In the order of the gallery.
static SOURCES: [Source; 14] = sources![
    "bolted_joint",
    "damped_oscillator",
    "beam_deflection",
    "bearing_life",
    "thick_cylinder",
    "hertz_contact",
    "column_buckling",
    "cooling_fin",
    "poutre_bi_appuyee",
    "power_law_fit",
    "load_cases",
    "mohr_circle",
    "pipe_flow",
    "bolt_stress",
];

static EXAMPLES: LazyLock<Vec<Example>> =
    LazyLock::new(|| SOURCES.iter().map(Example::read).collect());

/// Every example, in the order of the gallery.
#[must_use]
pub fn all() -> &'static [Example] {
    &EXAMPLES
}

#[must_use]
pub fn find(slug: &str) -> Option<&'static Example> {
    all().iter().find(|example| example.slug == slug)
}

#[derive(Deserialize)]
struct Described {
    name: Text,
    summary: Text,
    field: Text,
    #[serde(default)]
    tags: Vec<String>,
}

impl Example {
    fn read(source: &Source) -> Self {
        let described: Described =
            serde_json::from_str(source.described).expect("tests read every embedded description");
        let inputs = Value::parse(source.described)
            .ok()
            .and_then(|all| all.get("inputs").cloned());
        let inputs = inputs.unwrap_or(Value::Object(Vec::new()));
        let result = Value::parse(source.result).unwrap_or_default();
        let input_count = signature::read(source.code)
            .map_or(0, |signature| parameters(&signature, &inputs).len());
        let result_count = match &result {
            Value::Object(entries) => entries.len(),
            _ => 1,
        };
        Self {
            slug: source.slug,
            name: described.name,
            summary: described.summary,
            field: described.field,
            tags: described.tags,
            code: source.code,
            inputs: inputs.to_json(Arrays::Nested),
            input_count,
            result_count,
            headline: headline(&result),
            miniature: miniature(&result),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        inputs::{Form, validate},
        preview::MINIATURE_POINTS,
        value::{charts, figures},
    };

    #[test]
    fn every_example_can_be_made_a_task_and_run() {
        for example in all() {
            let slug = example.slug;
            let signature = signature::read(example.code).expect(slug);
            validate(&example.inputs, &signature).expect(slug);
            let inputs = Value::parse(&example.inputs).expect(slug);
            for lang in Lang::ALL {
                let filled = Form::new(&signature, &inputs, lang)
                    .to_json(lang)
                    .expect(slug);
                validate(&filled, &signature).expect(slug);
            }
            assert!(example.input_count >= 2, "{slug}");
            assert!(example.headline.is_some(), "{slug}");
        }
    }

    #[test]
    fn the_gallery_has_a_miniature_wherever_there_is_a_curve() {
        for (example, source) in all().iter().zip(&SOURCES) {
            let result = Value::parse(source.result).expect(example.slug);
            assert!(!matches!(result, Value::Null), "{}", example.slug);
            let drawn = !charts(&result).is_empty();
            assert_eq!(example.miniature.is_some(), drawn, "{}", example.slug);
            assert!(
                drawn || !figures(&result).is_empty() || example.result_count == 1,
                "{}",
                example.slug
            );
            let points = example
                .miniature
                .as_ref()
                .map_or(0, |miniature| miniature.x.len());
            assert!(points <= MINIATURE_POINTS, "{}", example.slug);
        }
    }

    #[test]
    fn the_bolt_example_is_the_first_steps() {
        let bolt = find("bolt_stress").expect("the bolt example");
        assert_eq!(bolt.name.get(Lang::Fr), "Calcul contrainte vis");
        assert_eq!(bolt.inputs, r#"{"force":1000,"section":10}"#);
        assert_eq!((bolt.input_count, bolt.result_count), (2, 1));
        let headline = bolt.headline.as_ref().expect("a headline");
        assert_eq!(
            (headline.label.as_str(), headline.value.as_str()),
            ("stress", "100.0")
        );
    }

    #[test]
    fn the_bolted_joint_reads_as_its_author_wrote_it() {
        let joint = find("bolted_joint").expect("the bolted joint");
        assert_eq!((joint.input_count, joint.result_count), (8, 9));
        let signature = signature::read(joint.code).expect("a signature");
        let labels: Vec<&str> = signature
            .parameters
            .iter()
            .map(|p| p.label.as_str())
            .collect();
        assert_eq!(
            labels,
            [
                "Nominal diameter",
                "Pitch",
                "Property class",
                "Tightening torque",
                "Friction coefficient",
                "Grip length",
                "Modulus of parts",
                "Axial working load",
            ]
        );
        assert_eq!(
            joint.headline.as_ref().map(|h| h.label.as_str()),
            Some("Safety, fatigue")
        );
    }

    #[test]
    fn every_folder_is_in_the_gallery() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
        let folders = std::fs::read_dir(folder).expect("the examples").flatten();
        let mut names: Vec<String> = folders
            .filter(|entry| entry.path().join("calculation.py").exists())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let mut slugs: Vec<&str> = all().iter().map(|example| example.slug).collect();
        slugs.sort_unstable();
        assert_eq!(names, slugs);
    }
}
