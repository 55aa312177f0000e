//! What an API token looks like: `mcp_`, 32 random characters, 6 that are computed from those.
//!
//! By its beginning a scanner of secrets knows one that got into a repository, and by its end
//! whether it is whole, without asking anybody.

use super::random;
use sha2::{Digest, Sha256};
use std::fmt;

/// What every token begins with.
const PREFIX: &str = "mcp_";
/// Letters and digits only: one double click selects all of it.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters: 190 bits.
const RANDOM_CHARS: usize = 32;
/// Characters of the check; they hold 32 bits.
const CHECK_CHARS: usize = 6;
/// Characters after the prefix that are kept to recognise a token by; they leave 166 bits unknown.
const SHOWN_CHARS: usize = 4;

/// A new secret.
pub(crate) struct ApiToken(String);

impl ApiToken {
    pub(crate) fn new() -> Self {
        let mut text = String::from(PREFIX);
        while text.len() < PREFIX.len() + RANDOM_CHARS {
            // Six bits; the two values beyond the alphabet are drawn again, so that none is favoured.
            let drawn = random::<RANDOM_CHARS>().map(|byte| usize::from(byte & 0x3f));
            let letters = drawn.iter().filter_map(|&place| ALPHABET.get(place));
            let room = PREFIX.len() + RANDOM_CHARS - text.len();
            text.extend(letters.take(room).map(|&letter| char::from(letter)));
        }
        text += &check(&text);
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// What may be shown of it later.
    pub(crate) fn start(&self) -> &str {
        &self.0[..PREFIX.len() + SHOWN_CHARS]
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken")
    }
}

/// Whether a word is meant to be a token of ours.
pub(crate) fn is_ours(word: &str) -> bool {
    word.starts_with(PREFIX)
}

/// Whether a word can be a token: nothing of it is missing or changed.
pub(crate) fn is_whole(word: &str) -> bool {
    word.is_ascii()
        && word.len() == PREFIX.len() + RANDOM_CHARS + CHECK_CHARS
        && is_ours(word)
        && check(&word[..PREFIX.len() + RANDOM_CHARS]) == word[PREFIX.len() + RANDOM_CHARS..]
}

/// The first four bytes of the SHA-256 of a text, in base 62.
fn check(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let mut number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    let mut letters = [b'0'; CHECK_CHARS];
    for letter in letters.iter_mut().rev() {
        *letter = ALPHABET[(number % 62) as usize];
        number /= 62;
    }
    letters.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_tokens_are_whole_and_never_the_same() {
        let (one, other) = (ApiToken::new(), ApiToken::new());
        assert_ne!(one.as_str(), other.as_str());
        for token in [&one, &other] {
            assert!(is_whole(token.as_str()), "{}", token.as_str());
            assert!(token.as_str().starts_with(token.start()));
        }
    }

    #[test]
    fn the_check_stays_as_scanners_know_it() {
        let token = format!("mcp_{}", "0".repeat(RANDOM_CHARS));
        assert_eq!(check(&token), "1LLihk");
    }

    #[test]
    fn what_is_cut_or_mistyped_is_not_whole() {
        let token = ApiToken::new().into_text();
        let cut = &token[..token.len() - 1];
        let longer = format!("{token}a");
        let other = if token.as_bytes()[10] == b'x' {
            "y"
        } else {
            "x"
        };
        let mistyped = format!("{}{other}{}", &token[..10], &token[11..]);
        for word in [cut, &longer, &mistyped, "mcp_", "", "any", "mcp_é"] {
            assert!(!is_whole(word), "{word}");
        }
    }
}
