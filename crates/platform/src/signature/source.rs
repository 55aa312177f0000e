//! From text to a syntax tree, or to a problem at its line.
//!
//! A tree is built and dropped by recursion, so code that would nest too deep is refused before it
//! is parsed. CPython refuses it as well, at about the same depth.

use domain::{
    limits::MAX_CODE_BYTES,
    signature::{CodeProblem, SyntaxFault},
};
use ruff_python_ast::{Expr, ModModule, token::TokenKind};
use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, Mode, ParseError, ParseErrorType, ParseOptions,
    Parsed, lexer, parse_expression, parse_unchecked,
};
use ruff_text_size::{Ranged, TextSize};
use std::panic::catch_unwind;

/// Operators, brackets and indentations that may be open around one token.
const MAX_NESTING: usize = 1000;
/// Longest annotation written as a text, bytes.
const MAX_ANNOTATION_BYTES: usize = 1000;

pub(super) fn parse(code: &str) -> Result<Parsed<ModModule>, CodeProblem> {
    if code.len() > MAX_CODE_BYTES {
        let line = position(&code[..floor_boundary(code, MAX_CODE_BYTES)]).0;
        return Err(CodeProblem::syntax(SyntaxFault::TooLarge, line, 1));
    }
    if nests_too_deep(code) {
        return Err(CodeProblem::syntax(
            SyntaxFault::TooDeep,
            too_deep_line(code),
            1,
        ));
    }
    let parsed = catch_unwind(|| parse_unchecked(code, ParseOptions::from(Mode::Module)));
    let parsed = parsed.ok().and_then(Parsed::try_into_module);
    let Some(parsed) = parsed else {
        // The parser gave up on a text it should have refused.
        let fault = SyntaxFault::Other("the parser does not understand it".to_owned());
        return Err(CodeProblem::syntax(fault, 1, 1));
    };
    match parsed
        .errors()
        .iter()
        .min_by_key(|error| error.location.start())
    {
        Some(error) => Err(problem(code, &parsed, error)),
        None => Ok(parsed),
    }
}

/// An annotation that is written as a text.
pub(super) fn parse_annotation(text: &str) -> Option<Expr> {
    if text.len() > MAX_ANNOTATION_BYTES || nests_too_deep(text) {
        return None;
    }
    let parsed = catch_unwind(|| parse_expression(text.trim())).ok()?;
    parsed.ok().map(Parsed::into_expr)
}

/// Counts what opens a level of the tree: at each bracket level, the operators and keywords since
/// the last separator.
fn nests_too_deep(code: &str) -> bool {
    let mut lexer = lexer::lex(code, Mode::Module);
    let (mut levels, mut total, mut indentation) = (vec![0usize], 0usize, 0usize);
    loop {
        let separates = match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Indent => {
                indentation += 1;
                false
            }
            TokenKind::Dedent => {
                indentation = indentation.saturating_sub(1);
                false
            }
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                // A call or a subscript of a call nests to the left.
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
                levels.push(0);
                total += 1;
                false
            }
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => {
                if levels.len() > 1 {
                    total -= levels.pop().unwrap_or_default();
                }
                false
            }
            TokenKind::Comma | TokenKind::Semi | TokenKind::Newline => true,
            kind if kind.is_operator() || kind.is_keyword() => {
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
                total += 1;
                false
            }
            _ => false,
        };
        if let Some(level) = levels.last_mut().filter(|_| separates) {
            total -= std::mem::take(level);
        }
        if total + indentation > MAX_NESTING {
            return true;
        }
    }
}

/// The line on which nesting passes the limit: the shortest beginning of the code that passes it.
fn too_deep_line(code: &str) -> u32 {
    let ends: Vec<usize> = code
        .match_indices('\n')
        .map(|(at, _)| at + 1)
        .chain([code.len()])
        .collect();
    let line = ends.partition_point(|&end| !nests_too_deep(&code[..end]));
    u32::try_from(line + 1).unwrap_or(u32::MAX)
}

fn problem(code: &str, parsed: &Parsed<ModModule>, error: &ParseError) -> CodeProblem {
    let mut at = error.location.start();
    let mut fault = fault(&error.error);
    // What follows an open bracket is misread, so the bracket is the fault.
    let lexical = matches!(
        fault,
        SyntaxFault::UnclosedText | SyntaxFault::UnknownCharacter(_)
    );
    if let Some((bracket, opened)) =
        unclosed_bracket(parsed).filter(|(_, opened)| *opened <= at && !lexical)
    {
        fault = SyntaxFault::UnclosedBracket(bracket);
        at = opened;
    }
    let (line, column) = position(&code[..floor_boundary(code, at.to_usize())]);
    CodeProblem::syntax(fault, line, column)
}

fn unclosed_bracket(parsed: &Parsed<ModModule>) -> Option<(char, TextSize)> {
    let mut open = Vec::new();
    for token in parsed.tokens() {
        match token.kind() {
            TokenKind::Lpar => open.push(('(', token.range().start())),
            TokenKind::Lsqb => open.push(('[', token.range().start())),
            TokenKind::Lbrace => open.push(('{', token.range().start())),
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

fn fault(error: &ParseErrorType) -> SyntaxFault {
    match error {
        ParseErrorType::ExpectedToken {
            expected: TokenKind::Colon,
            ..
        } => SyntaxFault::MissingColon,
        ParseErrorType::UnexpectedIndentation => SyntaxFault::Indented,
        ParseErrorType::ExpectedExpression => SyntaxFault::MissingValue,
        ParseErrorType::SimpleStatementsOnSameLine => SyntaxFault::TwoStatements,
        ParseErrorType::NonDefaultParamAfterDefaultParam => SyntaxFault::DefaultOrder,
        ParseErrorType::OtherError(words) if words.starts_with("Expected an indented block") => {
            SyntaxFault::MissingBlock
        }
        ParseErrorType::FStringError(error) | ParseErrorType::TStringError(error) => {
            interpolated(error)
        }
        ParseErrorType::Lexical(error) => match error {
            LexicalErrorType::UnclosedStringError => SyntaxFault::UnclosedText,
            LexicalErrorType::IndentationError => SyntaxFault::Misaligned,
            LexicalErrorType::UnrecognizedToken { tok } => SyntaxFault::UnknownCharacter(*tok),
            LexicalErrorType::FStringError(error) | LexicalErrorType::TStringError(error) => {
                interpolated(error)
            }
            error => other(&error.to_string()),
        },
        error => other(&error.to_string()),
    }
}

fn interpolated(error: &InterpolatedStringErrorType) -> SyntaxFault {
    match error {
        InterpolatedStringErrorType::UnterminatedString
        | InterpolatedStringErrorType::UnterminatedTripleQuotedString => SyntaxFault::UnclosedText,
        error => other(&error.to_string()),
    }
}

/// The parser's words as a part of a sentence.
fn other(words: &str) -> SyntaxFault {
    let mut letters = words.trim_end_matches('.').chars();
    let words = letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect());
    SyntaxFault::Other(words.unwrap_or_default())
}

/// Line and column, from 1, of the place that follows `before`.
fn position(before: &str) -> (u32, u32) {
    let last_line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let crlf = before.matches("\r\n").count();
    let line = before.matches(['\n', '\r']).count() - crlf + 1;
    let column = last_line.trim_start_matches('\u{FEFF}').chars().count() + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}

fn floor_boundary(code: &str, at: usize) -> usize {
    code.floor_char_boundary(at)
}
