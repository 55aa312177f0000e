//! One input: its name, its field in the kind the code asks for, its unit, and what is wrong with it.

use crate::{
    components::{Glyph, Icon},
    i18n::{td_string, use_locale},
    workbench::{Bench, actions::field_id},
};
use domain::{
    inputs::{Field, InputError, option_text},
    signature::{Parameter, ParameterKind, Style},
};
use leptos::{either::EitherOf4, prelude::*};

/// What a field of the form can read and write, found by its name.
#[derive(Clone, Copy)]
struct Access {
    bench: Bench,
    name: StoredValue<String>,
}

impl Access {
    fn with<T: Default>(self, read: impl FnOnce(&Field) -> T) -> T {
        self.bench.form.with(|form| {
            self.name
                .with_value(|name| form.fields.iter().find(|field| field.id() == *name))
                .map(read)
                .unwrap_or_default()
        })
    }

    fn text(self) -> String {
        self.with(|field| field.text.clone())
    }

    fn write(self, text: String) {
        self.bench.write(self.name.get_value(), text);
    }

    fn error(self) -> Option<InputError> {
        let lang = self.bench.locale.into();
        self.with(|field| field.parse(lang).err())
    }

    /// Differs from the code's default, or from the saved input where the code names none.
    fn is_changed(self) -> bool {
        let lang = self.bench.locale.into();
        let style = self
            .bench
            .signature
            .with(|signature| signature.as_ref().map(|signature| signature.style));
        if style != Some(Style::Dict) {
            return self.with(|field| field.is_changed(lang));
        }
        let saved = self.bench.task.with(|task| task.version.inputs.clone());
        let Ok(saved) = domain::value::Value::parse(&saved) else {
            return false;
        };
        self.with(|field| {
            let before = field
                .path
                .iter()
                .try_fold(&saved, |value, key| value.get(key));
            let now = field.parse(lang).ok().flatten();
            before.is_some_and(|before| {
                now.is_none_or(|now| {
                    before.as_f64() != now.as_f64() || before.as_f64().is_none() && *before != now
                })
            })
        })
    }
}

#[component]
pub fn InputField(bench: Bench, id: String, parameter: Parameter) -> impl IntoView {
    let locale = use_locale();
    let lang = locale.into();
    let field = field_id(&id);
    let name = StoredValue::new(id);
    let access = Access { bench, name };
    let error = Memo::new(move |_| {
        let asked = bench
            .touched
            .with(|touched| name.with_value(|name| touched.contains(name)));
        asked
            .then(|| access.error().map(|error| error.message(lang)))
            .flatten()
    });
    let changed = Memo::new(move |_| access.is_changed());
    let described = format!("{field}-error");
    let wide = matches!(
        parameter.kind,
        ParameterKind::Numbers { .. } | ParameterKind::Json | ParameterKind::Group { .. }
    );
    let control = control(access, &field, &described, error, &parameter);
    let description = move || access.with(|field| field.parameter.description.clone());
    view! {
        <div class="input" class:input-wide=wide class:input-wrong=move || error.with(Option::is_some)>
            <label class="input-name" for=field title=description>
                <Show when=move || changed.get()>
                    <span class="changed-dot" title=td_string!(locale, workbench.changed)></span>
                </Show>
                {parameter.label.clone()}
            </label>
            {control}
            <span class="unit">{parameter.unit.clone()}</span>
            <p class="input-error" id=described role="alert">
                {move || error.get().map(|text| view! { <Icon glyph=Glyph::Warning /><span>{text}</span> })}
            </p>
        </div>
    }
    .into_any()
}

/// The element to write into.
fn control(
    access: Access,
    id: &str,
    described: &str,
    error: Memo<Option<String>>,
    parameter: &Parameter,
) -> impl IntoView + use<> {
    let (id, described) = (id.to_owned(), described.to_owned());
    let touch = move || {
        let name = access.name.get_value();
        access.bench.touched.update(|touched| {
            if !touched.contains(&name) {
                touched.push(name);
            }
        });
    };
    let invalid = move || error.with(Option::is_some).to_string();
    match &parameter.kind {
        ParameterKind::Bool => EitherOf4::A(view! {
            <input
                r#type="checkbox"
                class="check"
                id=id
                checked=untrack(|| access.text() == "true")
                prop:checked=move || access.text() == "true"
                on:change=move |event| access.write(event_target_checked(&event).to_string())
            />
        }),
        ParameterKind::Choice { options } => {
            let options: Vec<String> = options.iter().map(option_text).collect();
            let first = untrack(|| access.text());
            let known = options.contains(&first);
            EitherOf4::B(view! {
                <span class="choice">
                    <select
                        id=id
                        class="control"
                        aria-invalid=invalid
                        aria-describedby=described
                        prop:value=move || access.text()
                        on:change=move |event| { access.write(event_target_value(&event)); touch(); }
                    >
                        {(!known).then(|| view! { <option value="" selected=true></option> })}
                        {options
                            .into_iter()
                            .map(|option| {
                                let selected = option == first;
                                view! { <option value=option.clone() selected=selected>{option.clone()}</option> }
                            })
                            .collect_view()}
                    </select>
                    <Icon glyph=Glyph::ChevronDown />
                </span>
            })
        }
        ParameterKind::Json | ParameterKind::Group { .. } | ParameterKind::Numbers { .. } => {
            EitherOf4::C(written(access, id, described, invalid, touch, true))
        }
        ParameterKind::Float | ParameterKind::Int | ParameterKind::Str => {
            EitherOf4::D(written(access, id, described, invalid, touch, false))
        }
    }
}

/// A field for text: what was typed while it has the focus, else the same as people read it.
fn written(
    access: Access,
    id: String,
    described: String,
    invalid: impl Fn() -> String + Clone + Send + Sync + 'static,
    touch: impl Fn() + Copy + Send + Sync + 'static,
    long: bool,
) -> impl IntoView {
    let lang = access.bench.locale.into();
    let focused = RwSignal::new(false);
    let shown = move || {
        if focused.get() {
            access.text()
        } else {
            access.with(|field| field.shown(lang))
        }
    };
    let (is_number, placeholder) = untrack(|| {
        access.with(|field| {
            let number = matches!(
                field.parameter.kind,
                ParameterKind::Float | ParameterKind::Int
            );
            (number, field.parameter.nullable.then_some("–"))
        })
    });
    view! {
        <input
            r#type="text"
            id=id
            class="control"
            class:control-text=!is_number
            class:control-long=long
            inputmode=is_number.then_some("decimal")
            autocomplete="off"
            spellcheck="false"
            placeholder=placeholder
            aria-invalid=invalid
            aria-describedby=described
            value=untrack(shown)
            prop:value=shown
            on:focus=move |_| focused.set(true)
            on:blur=move |_| {
                // Also said of a field that leaves with its page.
                if focused.try_set(false).is_none() {
                    touch();
                }
            }
            on:input=move |event| access.write(event_target_value(&event))
        />
    }
}
