//! Durations in words: 3 ms, 7.4 s, 2 min 05 s, 1 h 12 min.

use crate::Lang;

const SECOND: f64 = 1000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;

/// A duration given in milliseconds. Negative and unknown durations count as zero.
#[must_use]
pub fn duration(millis: f64, lang: Lang) -> String {
    let millis = if millis.is_finite() {
        millis.max(0.0)
    } else {
        0.0
    };
    let decimal = |text: String| lang.pick(text.clone(), text.replace('.', ","));
    if millis < 0.95 {
        // Nothing takes no time: the shortest is shown as a tenth.
        let tenths = (millis * 10.0).ceil().max(1.0) / 10.0;
        return decimal(format!("{tenths:.1} ms"));
    }
    if millis < SECOND - 0.5 {
        return format!("{millis:.0} ms");
    }
    if millis < MINUTE - 50.0 {
        return decimal(format!("{:.1} s", millis / SECOND));
    }
    if millis < HOUR - 500.0 {
        let seconds = (millis / SECOND).round() as u64;
        return format!("{} min {:02} s", seconds / 60, seconds % 60);
    }
    let minutes = (millis / MINUTE).round() as u64;
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_use_the_unit_that_reads_best() {
        for (millis, en, fr) in [
            (0.0, "0.1 ms", "0,1 ms"),
            (0.42, "0.5 ms", "0,5 ms"),
            (0.97, "1 ms", "1 ms"),
            (3.2, "3 ms", "3 ms"),
            (999.4, "999 ms", "999 ms"),
            (999.6, "1.0 s", "1,0 s"),
            (7_400.0, "7.4 s", "7,4 s"),
            (59_960.0, "1 min 00 s", "1 min 00 s"),
            (125_000.0, "2 min 05 s", "2 min 05 s"),
            (3_599_700.0, "1 h 00 min", "1 h 00 min"),
            (4_320_000.0, "1 h 12 min", "1 h 12 min"),
            (f64::NAN, "0.1 ms", "0,1 ms"),
        ] {
            assert_eq!(duration(millis, Lang::En), en);
            assert_eq!(duration(millis, Lang::Fr), fr);
        }
    }
}
