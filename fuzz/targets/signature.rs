//! The code of a task, read for its form without running it.
#![no_main]

#[path = "../../crates/platform/src/signature/mod.rs"]
mod signature;

use domain::{
    Lang,
    inputs::{self, Form},
    value::Value,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|code: &str| {
    let Ok(signature) = signature::read(code) else {
        return;
    };
    let saved = Value::default();
    let _ = inputs::validate("{}", &signature);
    let _ = inputs::complete("{}", &signature);
    for lang in [Lang::En, Lang::Fr] {
        // A form as it is first shown is complete, or says what is missing.
        let _ = Form::new(&signature, &saved, lang).to_json(lang);
    }
});
