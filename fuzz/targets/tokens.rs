//! What stands where a token should.
#![no_main]

mod auth {
    #[path = "../../../crates/platform/src/auth/secret.rs"]
    #[allow(dead_code, reason = "the platform uses all of it")]
    mod secret;
    pub(crate) use secret::random;

    #[path = "../../../crates/platform/src/auth/api_token.rs"]
    #[allow(dead_code, reason = "the platform uses all of it")]
    pub mod api_token;
}

use auth::api_token::{is_ours, is_whole};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|word: &str| {
    if !is_whole(word) {
        return;
    }
    assert!(is_ours(word) && word.is_ascii());
    // A letter that is mistyped is found out.
    for place in "mcp_".len()..word.len() {
        let other = if word.as_bytes()[place] == b'x' { "y" } else { "x" };
        let mistyped = format!("{}{other}{}", &word[..place], &word[place + 1..]);
        assert!(!is_whole(&mistyped), "{mistyped}");
    }
});
