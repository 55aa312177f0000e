//! What is wrong with an input: what happened, then what to do, in both languages.

use crate::{
    Lang, Problem, ProblemCode,
    limits::MAX_INPUTS_BYTES,
    number::{NumberFault, shown_input},
    value::{ReadError, Value},
};
use std::fmt;

/// Longest piece of an input that a message quotes, characters.
pub(super) const QUOTED_CHARS: usize = 40;

/// One input that cannot be used.
#[derive(Clone, Debug, PartialEq)]
pub struct InputError {
    /// Keys from the outermost group to the input; empty when the inputs as a whole are at fault.
    pub path: Vec<String>,
    /// What the form calls it.
    pub label: String,
    pub fault: Fault,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nothing was written, or the key is absent.
    Missing {
        expected: Expected,
    },
    /// A text that is not the number its field asks for.
    Number {
        typed: String,
        fault: NumberFault,
    },
    /// An item of a list, counted from 1, likewise.
    Item {
        place: usize,
        typed: String,
        fault: NumberFault,
    },
    NotAChoice {
        found: String,
        options: Vec<String>,
    },
    WrongType {
        expected: Expected,
        found: String,
    },
    Unknown {
        known: Vec<String>,
    },
    Json(ReadError),
    /// Bytes of the inputs, above the limit.
    TooLarge {
        bytes: usize,
    },
}

/// The kind of value an input asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Number,
    Integer,
    YesNo,
    Text,
    Choice,
    Numbers,
    Integers,
    Group,
    Json,
}

impl Expected {
    fn noun(self, lang: Lang) -> &'static str {
        let (en, fr) = match self {
            Self::Number => ("a number", "un nombre"),
            Self::Integer => ("a whole number", "un nombre entier"),
            Self::YesNo => ("true or false", "true ou false"),
            Self::Text => ("a text", "un texte"),
            Self::Choice => ("one of the choices", "l’un des choix"),
            Self::Numbers => ("a list of numbers", "une liste de nombres"),
            Self::Integers => ("a list of whole numbers", "une liste de nombres entiers"),
            Self::Group => ("a JSON object", "un objet JSON"),
            Self::Json => ("a JSON value", "une valeur JSON"),
        };
        lang.pick(en, fr)
    }

    /// What to do about an empty field.
    fn advice(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Choice | Self::YesNo, Lang::En) => "Choose a value.".to_owned(),
            (Self::Choice | Self::YesNo, Lang::Fr) => "Choisissez une valeur.".to_owned(),
            (Self::Numbers | Self::Integers, Lang::En) => {
                "Write numbers, for example 10, 20, 30.".to_owned()
            }
            (Self::Numbers | Self::Integers, Lang::Fr) => {
                "Écrivez des nombres, par exemple 10 ; 20 ; 30.".to_owned()
            }
            (expected, Lang::En) => format!("Write {}.", expected.noun(lang)),
            (expected, Lang::Fr) => format!("Écrivez {}.", expected.noun(lang)),
        }
    }
}

impl InputError {
    /// The keys, joined by points: `geometry.length`.
    #[must_use]
    pub fn field(&self) -> String {
        self.path.join(".")
    }

    /// What happened, then what to do.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let label = if self.label.is_empty() {
            lang.pick("The input", "L’entrée")
        } else {
            &self.label
        };
        match &self.fault {
            Fault::Missing { expected } => match lang {
                Lang::En => format!("{label} is empty. {}", expected.advice(lang)),
                Lang::Fr => format!("{label}\u{A0}: rien n’est écrit. {}", expected.advice(lang)),
            },
            Fault::Number { typed, fault } => fault.message(typed, lang),
            Fault::Item {
                place,
                typed,
                fault,
            } => match lang {
                Lang::En => format!("Number {place} of the list: {}", fault.message(typed, lang)),
                Lang::Fr => format!(
                    "Nombre {place} de la liste\u{A0}: {}",
                    fault.message(typed, lang)
                ),
            },
            Fault::NotAChoice { found, options } => {
                let found = quoted(found, lang);
                match lang {
                    Lang::En => format!(
                        "{found} is not one of the choices of {label}. Choose {}.",
                        any_of(options, lang)
                    ),
                    Lang::Fr => format!(
                        "{found} n’est pas un choix de {label}. Choisissez {}.",
                        any_of(options, lang)
                    ),
                }
            }
            Fault::WrongType { expected, found } => match lang {
                Lang::En => format!("{label} must be {}. It is {found}.", expected.noun(lang)),
                Lang::Fr => format!(
                    "{label} doit être {}. La valeur est {found}.",
                    expected.noun(lang)
                ),
            },
            Fault::Unknown { known } => unknown(label, known, lang),
            Fault::Json(error) => error.message(lang),
            Fault::TooLarge { bytes } => too_large(*bytes, lang),
        }
    }
}

fn unknown(label: &str, known: &[String], lang: Lang) -> String {
    let (name, known_ones) = (quoted(label, lang), any_of(known, lang));
    match (lang, known.is_empty()) {
        (Lang::En, true) => {
            format!("There is no input called {name}. Remove it: the code takes none.")
        }
        (Lang::En, false) => {
            format!("There is no input called {name}. Use {known_ones}, or remove it.")
        }
        (Lang::Fr, true) => {
            format!(
                "Aucune entrée ne s’appelle {name}. Retirez-la\u{A0}: le code n’en prend aucune."
            )
        }
        (Lang::Fr, false) => {
            format!("Aucune entrée ne s’appelle {name}. Utilisez {known_ones}, ou retirez-la.")
        }
    }
}

fn too_large(bytes: usize, lang: Lang) -> String {
    let mb = |bytes: usize| shown_input(&format!("{:.1}", bytes as f64 / (1024.0 * 1024.0)), lang);
    let limit = MAX_INPUTS_BYTES / (1024 * 1024);
    match lang {
        Lang::En => format!(
            "The inputs are {} MB, above the limit of {limit} MB. Send less data.",
            mb(bytes)
        ),
        Lang::Fr => format!(
            "Les entrées font {} Mo, au-delà de la limite de {limit} Mo. Envoyez moins de données.",
            mb(bytes)
        ),
    }
}

fn quoted(text: &str, lang: Lang) -> String {
    let text = shortened(text);
    lang.pick(format!("\"{text}\""), format!("«\u{A0}{text}\u{A0}»"))
}

fn any_of(options: &[String], lang: Lang) -> String {
    let shown: Vec<String> = options.iter().map(|option| shortened(option)).collect();
    match shown.as_slice() {
        [all @ .., last] if !all.is_empty() => {
            format!("{} {} {last}", all.join(", "), lang.pick("or", "ou"))
        }
        shown => shown.join(""),
    }
}

pub(super) fn shortened(text: &str) -> String {
    if text.chars().nth(QUOTED_CHARS).is_none() {
        return text.to_owned();
    }
    text.chars().take(QUOTED_CHARS - 1).chain(['…']).collect()
}

/// A JSON value as a message names it: its text where it is short, its JSON type else.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => format!("\"{}\"", shortened(text)),
        Value::List(items) => format!("[… {}]", items.len()),
        Value::Object(_) => "{…}".to_owned(),
        Value::File(file) => format!("file {}", shortened(&file.name)),
        value => value
            .exact_text()
            .map_or_else(|| "{…}".to_owned(), |text| shortened(&text)),
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for InputError {}

impl From<InputError> for Problem {
    fn from(error: InputError) -> Self {
        let code = match error.fault {
            Fault::TooLarge { .. } => ProblemCode::TooLarge,
            _ => ProblemCode::Invalid,
        };
        let field = if error.path.is_empty() {
            "inputs".to_owned()
        } else {
            error.field()
        };
        Self::new(code, error.message(Lang::En)).at(field)
    }
}
