//! The shared page as one file that asks for nothing else: style sheet, faces and figures inside.

use super::{
    document::{document, escaped, in_language},
    page::SharedDocument,
};
use crate::result::Sources;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Lang, share::SharedRun, signature::Parameter, value::FigureFormat};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// What the file allows itself; it also stands in the file.
pub const EXPORT_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

/// What goes into the file beside the run.
pub struct ExportContext<'a> {
    pub lang: Lang,
    /// The built style sheet.
    pub css: &'a str,
    /// A file that the style sheet names, by its name there, for example
    /// `fonts/ibm-plex-sans-400-core.woff2`.
    pub file: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// The figures by slot.
    pub figures: &'a BTreeMap<u32, (FigureFormat, Vec<u8>)>,
    pub parameters: &'a [Parameter],
}

impl std::fmt::Debug for ExportContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportContext")
            .field("lang", &self.lang)
            .finish_non_exhaustive()
    }
}

/// The whole file.
#[must_use]
pub fn render_export(shared: &SharedRun, context: &ExportContext) -> String {
    let lang = context.lang;
    let figures = context
        .figures
        .iter()
        .map(|(&slot, (format, bytes))| (slot, data_address(format.media_type(), bytes)))
        .collect();
    let sources = Sources::embedded(figures);
    let parameters = context.parameters.to_vec();
    let run = shared.clone();
    let body = in_language(lang, move || {
        provide_context(sources);
        view! { <SharedDocument shared=run parameters link=None copy_to=None /> }.to_html()
    });
    let head = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{EXPORT_POLICY}\">\
         <title>{} · MecaPy</title><style>{}</style>",
        escaped(&shared.task_name),
        self_contained(context.css, context.file),
    );
    document(lang, &head, &body)
}

fn data_address(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

/// The style sheet with the core pieces of its faces inside and without every other file.
fn self_contained(css: &str, file: &dyn Fn(&str) -> Option<Vec<u8>>) -> String {
    let mut out = String::with_capacity(css.len() * 2);
    let mut rest = css;
    while let Some(start) = rest.find("@font-face") {
        out.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        let rule = &rest[start..=start + length];
        out.push_str(&inside(rule, file).unwrap_or_default());
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    // Nothing in a style sheet may end the element that holds it.
    out.replace("</", "<\\/")
}

/// A face's rule with its file inside; nothing for a piece that first paints do without.
fn inside(rule: &str, file: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<String> {
    let start = rule.find("url(")? + "url(".len();
    let end = start + rule[start..].find(')')?;
    let name = rule[start..end].trim_matches(['"', '\'']);
    if !name.contains("-core") {
        return None;
    }
    let data = data_address("font/woff2", &file(name.trim_start_matches("./"))?);
    Some(format!("{}{data}{}", &rule[..start], &rule[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_inside_or_left_out() {
        let css = "a{b:c}@font-face{font-family:P;src:url(fonts/p-core.woff2)format(\"woff2\")}\
                   @font-face{src:url(\"fonts/p-more.woff2\")}d{e:f}";
        let file = |name: &str| (name == "fonts/p-core.woff2").then(|| b"x".to_vec());
        assert_eq!(
            self_contained(css, &file),
            "a{b:c}@font-face{font-family:P;src:url(data:font/woff2;base64,eA==)format(\"woff2\")}d{e:f}"
        );
    }
}
