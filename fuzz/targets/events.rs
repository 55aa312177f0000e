//! What a worker answers, line by line: read by the dispatcher.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::execute::{ExecuteEvent, Finished};

fuzz_target!(|text: &str| {
    for line in text.split('\n') {
        if let Ok(event) = ExecuteEvent::from_line(line) {
            let written = event.to_line();
            assert!(!written.contains('\n'), "one event is one line");
            let again = ExecuteEvent::from_line(&written).expect("own lines can be read");
            assert_eq!(again.to_line(), written);
        }
        if let Ok(finished) = Finished::from_json(line) {
            let written = finished.to_json(false);
            assert!(Finished::from_json(&written).is_ok(), "{written}");
        }
    }
});
