//! The inputs as JSON text, checked as it is written.

use crate::{
    components::{Glyph, Icon},
    i18n::{td_string, use_locale},
    workbench::{Bench, actions::focus},
};
use leptos::prelude::*;

#[component]
pub fn RawInputs(bench: Bench) -> impl IntoView {
    let locale = use_locale();
    let lang = locale.into();
    let text = move || bench.raw.get().unwrap_or_default();
    let error = Memo::new(move |_| {
        bench
            .inputs()
            .err()
            .and_then(|errors| errors.first().map(|error| error.message(lang)))
    });
    view! {
        <div class="raw-inputs">
            <textarea
                id="raw-inputs"
                class="raw-text"
                spellcheck="false"
                autocomplete="off"
                aria-label=td_string!(locale, workbench.inputs_json)
                aria-invalid=move || error.with(Option::is_some).to_string()
                aria-describedby="raw-inputs-error"
                prop:value=text
                on:input=move |event| bench.raw.set(Some(event_target_value(&event)))
            >
                {untrack(text)}
            </textarea>
            <p class="input-error" id="raw-inputs-error" role="alert">
                {move || error.get().map(|text| view! { <Icon glyph=Glyph::Warning /><span>{text}</span> })}
            </p>
        </div>
    }
    .into_any()
}

/// Switches between form and JSON; the way back to the form takes over what was written, and waits
/// until that can be read.
pub fn toggle(bench: Bench) {
    match bench.raw.get_untracked() {
        None => {
            let lang = bench.locale.into();
            // Fields that do not parse yet keep the switch from losing them: their texts stay.
            let now = bench.form.with_untracked(|form| form.to_json(lang));
            if let Ok(json) = now {
                bench.raw.set(Some(indented(&json)));
            } else {
                let all = bench.form.with_untracked(|form| {
                    form.fields.iter().map(domain::inputs::Field::id).collect()
                });
                bench.touched.set(all);
            }
        }
        Some(raw) => {
            let readable = untrack(|| bench.inputs().is_ok());
            if readable && bench.signature.with_untracked(Option::is_some) {
                bench.raw.set(None);
                bench.fill(&raw);
            } else {
                focus("raw-inputs");
            }
        }
    }
}

/// JSON as people read it; numbers keep their digits, because only white space is added.
#[must_use]
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                if matches!(rest.peek(), Some('}' | ']')) {
                    out.extend(rest.next());
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn only_white_space_is_added() {
        let json = r#"{"a":[1.50,{}],"b \" {":12345678901234567890}"#;
        assert_eq!(
            indented(json),
            "{\n  \"a\": [\n    1.50,\n    {}\n  ],\n  \"b \\\" {\": 12345678901234567890\n}"
        );
    }
}
