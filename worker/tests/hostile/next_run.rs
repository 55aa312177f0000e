//! Promise: nothing of a run is there for the next one.

use crate::harness::{Request, Run, Started, control, workers};
use serde_json::json;

/// Runs `first` often enough to have met every process that could be used again, then `second`.
fn after(worker: &Started, first: &str, second: &str) -> Run {
    for _ in 0..4 {
        assert!(worker.run(&Request::new(first)).finished.error.is_none());
    }
    worker.run(&Request::new(second))
}

#[test]
pub fn a_module_that_was_patched_is_whole_again() {
    let patch = "import numpy, math\ndef calculate():\n    numpy.mean = lambda *a: 666\n    math.pi = 3\n    return [numpy.mean([1]), math.pi]";
    let look =
        "import numpy, math\ndef calculate():\n    return [float(numpy.mean([1.0])), math.pi > 3]";
    for worker in workers() {
        // The control: within one run the patch is there.
        assert_eq!(
            worker.run(&Request::new(patch)).result(),
            serde_json::json!([666, 3])
        );
        assert_eq!(
            after(worker, patch, look).result(),
            serde_json::json!([1.0, true])
        );
    }
    let look = look.replace("float(numpy.mean([1.0]))", "numpy.mean([1.0])");
    assert_eq!(
        control::one_after_the_other(patch, &look),
        json!([666, false])
    );
}

#[test]
pub fn a_module_that_was_planted_is_gone() {
    let plant = "import sys, types\ndef calculate():\n    sys.modules['planted'] = types.ModuleType('planted')\n    import planted\n    return 1";
    let look = "def calculate():\n    import planted";
    for worker in workers() {
        after(worker, plant, look).fails_as("missing_package", "planted");
    }
    assert_eq!(control::one_after_the_other(plant, look), json!(null));
}

#[test]
pub fn a_file_that_was_written_is_gone() {
    let write = "import os\ndef calculate():\n    open('/tmp/left', 'w').write('x'); open('left2', 'w').write('x')\n    return os.listdir('/tmp')";
    for worker in workers() {
        let seen = worker.run(&Request::new(write)).result();
        assert_eq!(seen.as_array().map(Vec::len), Some(2), "{seen}");
        let run = after(
            worker,
            write,
            "import os\ndef calculate():\n    return [os.listdir('/tmp'), os.getcwd()]",
        );
        assert_eq!(run.result(), serde_json::json!([[], "/tmp"]));
    }
    let look = "import os\ndef calculate():\n    found = os.path.exists('/tmp/mecapy-left')\n    os.unlink('/tmp/mecapy-left')\n    return found";
    let write = "def calculate():\n    open('/tmp/mecapy-left', 'w').close()";
    assert_eq!(control::one_after_the_other(write, look), true);
}

#[test]
pub fn settings_of_libraries_are_fresh() {
    let set = "import numpy, warnings, os, locale\ndef calculate():\n    numpy.seterr(all='raise'); os.environ['LEFT'] = '1'; warnings.simplefilter('error')\n    return numpy.geterr()['over']";
    let look = "import numpy, os\ndef calculate():\n    return [numpy.geterr()['over'], 'LEFT' in os.environ]";
    for worker in workers() {
        assert_eq!(worker.run(&Request::new(set)).result(), "raise");
        assert_eq!(
            after(worker, set, look).result(),
            serde_json::json!(["warn", false])
        );
    }
    assert_eq!(
        control::one_after_the_other(set, look),
        json!(["raise", true])
    );
}

#[test]
pub fn random_numbers_differ() {
    let code = "import numpy, random\ndef calculate():\n    return [random.random(), float(numpy.random.random()), float(numpy.random.default_rng().random())]";
    for worker in workers() {
        let runs: Vec<_> = (0..4)
            .map(|_| worker.run(&Request::new(code)).result())
            .collect();
        for generator in 0..3 {
            for (n, run) in runs.iter().enumerate() {
                for other in &runs[n + 1..] {
                    assert_ne!(run[generator], other[generator]);
                }
            }
        }
    }
    // Two that are only forked go on from the same state.
    let forked = r#"
import random
def attack():
    numbers = []
    for _ in range(2):
        ours, theirs = os.pipe()
        if os.fork() == 0:
            random.setstate(state)
            os.write(theirs, str(random.random()).encode()); os._exit(0)
        numbers.append(os.read(ours, 100)); os.wait()
    return numbers[0] == numbers[1]
state = random.getstate()
"#;
    assert_eq!(control::unconfined(forked), true);
}

#[test]
pub fn seeded_numbers_and_hashes_repeat() {
    let code = "import numpy\ndef calculate():\n    return [float(numpy.random.default_rng(1).random()), hash('order of sets')]";
    for worker in workers() {
        let first = worker.run(&Request::new(code)).result();
        assert_eq!(worker.run(&Request::new(code)).result(), first);
    }
    // Where nothing fixes the seed of hashes, each process has its own.
    assert_ne!(control::calculated(code), control::calculated(code));
}
