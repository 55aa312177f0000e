//! Random secrets. What is handed out is never stored; its SHA-256 is.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes of randomness in a token: 192 bits.
const TOKEN_BYTES: usize = 24;

/// Bytes from the operating system's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random generator");
    bytes
}

/// An unguessable word for URLs and headers.
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn new() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random::<TOKEN_BYTES>()))
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// What is stored in its place.
    pub(crate) fn hash(token: &str) -> String {
        hex::encode(Sha256::digest(token.as_bytes()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}
