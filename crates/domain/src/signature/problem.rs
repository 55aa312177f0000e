//! Why code cannot be read as a calculation, in words of both languages.

use crate::{Lang, limits::MAX_CODE_BYTES};
use serde::{Deserialize, Serialize};

/// Code that cannot be read as a calculation, before anything runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeProblem {
    pub kind: CodeProblemKind,
    /// English: what happened, then what to do. [`CodeProblem::text`] has both languages.
    pub message: String,
    /// From 1.
    pub line: u32,
    /// Characters, from 1.
    pub column: u32,
    /// What exactly is wrong with the syntax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<SyntaxFault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeProblemKind {
    Syntax,
    MissingCalculate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyntaxFault {
    UnclosedBracket(char),
    UnclosedText,
    MissingColon,
    /// Indented more than the lines around it.
    Indented,
    /// Indented like no line above it.
    Misaligned,
    /// A block is expected below the line above.
    MissingBlock,
    /// An operator or an assignment without a value.
    MissingValue,
    TwoStatements,
    UnknownCharacter(char),
    /// A parameter without a default after one with a default.
    DefaultOrder,
    TooDeep,
    TooLarge,
    /// The parser's own English words.
    Other(String),
}

impl CodeProblem {
    #[must_use]
    pub fn syntax(fault: SyntaxFault, line: u32, column: u32) -> Self {
        Self {
            kind: CodeProblemKind::Syntax,
            message: fault.text(line, Lang::En),
            line,
            column,
            fault: Some(fault),
        }
    }

    #[must_use]
    pub fn missing_calculate() -> Self {
        Self {
            kind: CodeProblemKind::MissingCalculate,
            message: missing_calculate(Lang::En).to_owned(),
            line: 1,
            column: 1,
            fault: None,
        }
    }

    /// What happened, then what to do.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match (&self.fault, self.kind) {
            (Some(fault), _) => fault.text(self.line, lang),
            (None, CodeProblemKind::MissingCalculate) => missing_calculate(lang).to_owned(),
            (None, CodeProblemKind::Syntax) => self.message.clone(),
        }
    }
}

fn missing_calculate(lang: Lang) -> &'static str {
    lang.pick(
        "No function called calculate. Add one: its parameters become the inputs.",
        "Aucune fonction calculate. Ajoutez-en une\u{A0}: ses paramètres deviennent les entrées.",
    )
}

impl SyntaxFault {
    fn text(&self, line: u32, lang: Lang) -> String {
        match lang {
            Lang::En => format!("Line {line} {}", self.english()),
            Lang::Fr => format!("La ligne {line} {}", self.french()),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::UnclosedBracket(open) => {
                return format!("opens {open} and never closes it. Add {}.", closing(*open));
            }
            Self::UnknownCharacter(c) => {
                return format!("has the character {c}, which means nothing in Python. Remove it, or put it in quotation marks.");
            }
            Self::TooLarge => {
                return format!("passes the limit of {} KB of code. Move data to the inputs.", MAX_CODE_BYTES / 1024);
            }
            Self::Other(words) => {
                return format!("cannot be read as Python: {words}. Correct the line.");
            }
            Self::UnclosedText => "opens a text and never closes it. Add the quotation mark.",
            Self::MissingColon => "has no colon where one belongs. Add it.",
            Self::Indented => "is indented more than the lines around it. Align it with them.",
            Self::Misaligned => "is indented like no line above it. Align it with its block.",
            Self::MissingBlock => "must be indented, because it belongs to the line above. Put four spaces before it.",
            Self::MissingValue => "lacks a value. Complete it.",
            Self::TwoStatements => "holds two statements, or lacks an operator or a comma. Separate them, or add it.",
            Self::DefaultOrder => "has a parameter without a default after one with a default. Give it a default too, or move it to the front.",
            Self::TooDeep => "is nested too deep to be read. Split it.",
        }
        .to_owned()
    }

    fn french(&self) -> String {
        match self {
            Self::UnclosedBracket(open) => {
                return format!("ouvre {open} sans jamais fermer. Ajoutez {}.", closing(*open));
            }
            Self::UnknownCharacter(c) => {
                return format!("contient le caractère {c}, qui ne veut rien dire en Python. Retirez-le ou mettez-le entre guillemets.");
            }
            Self::TooLarge => {
                return format!("dépasse la limite de {} Ko de code. Mettez les données dans les entrées.", MAX_CODE_BYTES / 1024);
            }
            Self::UnclosedText => "ouvre un texte sans jamais le fermer. Ajoutez le guillemet.",
            Self::MissingColon => "n’a pas de deux-points là où il en faut. Ajoutez-les.",
            Self::Indented => "est plus en retrait que les lignes voisines. Alignez-la avec elles.",
            Self::Misaligned => "n’est alignée avec aucune ligne au-dessus. Alignez-la avec son bloc.",
            Self::MissingBlock => "doit être en retrait, car elle dépend de la ligne du dessus. Mettez quatre espaces devant.",
            Self::MissingValue => "manque d’une valeur. Complétez-la.",
            Self::TwoStatements => "contient deux instructions, ou il manque un opérateur ou une virgule. Séparez-les, ou ajoutez-le.",
            Self::DefaultOrder => "a un paramètre sans valeur par défaut après un paramètre qui en a une. Donnez-lui en une, ou mettez-le en tête.",
            Self::TooDeep => "est trop imbriquée pour être lue. Divisez-la.",
            Self::Other(_) => "ne peut pas être lue comme du Python. Corrigez-la.",
        }
        .to_owned()
    }
}

fn closing(open: char) -> char {
    match open {
        '[' => ']',
        '{' => '}',
        _ => ')',
    }
}
