//! The inputs of a run, as JSON and as they are typed.
#![no_main]

#[path = "../../crates/platform/src/signature/mod.rs"]
mod signature;

use domain::{
    Lang,
    inputs::{self, Form, describe_change},
    number::{parse_integer, parse_number, shown_input},
    signature::Signature,
    value::Value,
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const CODES: [&str; 3] = [
    "def calculate(inputs):\n    return inputs\n",
    "from typing import Literal\n\ndef calculate(force: float = 1.5, n: int = 3, case: Literal['a', 'b'] = 'a', \
     name: str = '', on: bool = False, *, loads: list[float] = [1.0], more=None):\n    return 1\n",
    "from pathlib import Path\nfrom mecapy import Q\nfrom datetime import date\n\ndef calculate(data: Path, \
     length: Q = Q(1.0, 'm'), day: date = date(2026, 1, 1), table: dict = {}):\n    return 1\n",
];

static SIGNATURES: LazyLock<Vec<Signature>> = LazyLock::new(|| {
    let read = CODES.iter().map(|code| signature::read(code));
    read.collect::<Result<_, _>>().expect("it is Python")
});

fuzz_target!(|text: &str| {
    for lang in [Lang::En, Lang::Fr] {
        for parsed in [parse_number(text, lang), parse_integer(text, lang)] {
            if let Err(fault) = parsed {
                assert!(!fault.message(text, lang).is_empty());
            }
        }
        let _ = shown_input(text, lang);
    }
    for signature in SIGNATURES.iter() {
        let _ = inputs::complete(text, signature);
        match inputs::validate(text, signature) {
            Ok(value) => {
                let _ = describe_change(&Value::default(), &value, signature);
                for lang in [Lang::En, Lang::Fr] {
                    let _ = Form::new(signature, &value, lang).to_json(lang);
                }
            }
            Err(error) => assert!(!error.message(Lang::En).is_empty()),
        }
    }
});
