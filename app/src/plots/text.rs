//! How wide a text is before anything has drawn it: the advance widths of IBM Plex Sans. The server
//! and the browser lay a chart out from the same widths, so that both draw the same picture.

/// Advance widths of U+0020 to U+007E, thousandths of an em.
const ASCII: [u16; 95] = [
    236, 284, 419, 713, 598, 927, 694, 242, 335, 335, 450, 600, 272, 399, 272, 383, 600, 600, 600,
    600, 600, 600, 600, 600, 600, 600, 292, 292, 600, 600, 600, 477, 891, 641, 653, 621, 671, 583,
    559, 695, 707, 400, 510, 634, 501, 812, 707, 708, 606, 708, 640, 581, 572, 678, 609, 891, 613,
    593, 580, 317, 383, 317, 600, 565, 600, 534, 580, 503, 580, 549, 324, 528, 568, 250, 250, 527,
    272, 873, 568, 560, 580, 580, 367, 487, 351, 568, 492, 768, 507, 499, 464, 343, 314, 343, 600,
];

/// Size of raised text relative to the text around it.
pub const RAISED: f64 = 0.75;

fn advance(c: char) -> f64 {
    let code = c as u32;
    if let Some(width) = code.checked_sub(0x20).and_then(|i| ASCII.get(i as usize)) {
        return f64::from(*width);
    }
    f64::from(match c {
        '\u{202F}' | '\u{2009}' => 118_u16,
        '\u{A0}' => 236,
        '·' => 326,
        '°' => 468,
        '¹' | '²' | '³' | '⁰'..='⁹' | '⁻' => 350,
        '₀'..='₉' => 350,
        '…' | '→' | '∞' => 810,
        // Letters with marks and Greek; full-width writing takes a whole em.
        'À'..='Þ' | 'Α'..='Ω' => 660,
        '\u{1100}'..='\u{FFFF}' if code >= 0x2E80 => 1000,
        _ => 590,
    })
}

/// Width of a text in pixels at a font size in pixels.
#[must_use]
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size / 1000.0
}

/// The text cut with an ellipsis so that it is at most `room` pixels wide.
#[must_use]
pub fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut used = width("…", size);
    let mut kept = String::new();
    for c in text.chars() {
        used += advance(c) * size / 1000.0;
        if used > room {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// A stretch of text, and whether it stands raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub raised: bool,
}

/// Splits out negative exponents: the interface's face has superscript digits but no superscript
/// minus, so `⁻⁶` is drawn as a small raised `−6`.
#[must_use]
pub fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut raised = false;
    for c in text.chars() {
        let digit = superscript_digit(c);
        let (shown, now) = match (c, digit) {
            ('⁻', _) => ('\u{2212}', true),
            (_, Some(digit)) if raised => (digit, true),
            _ => (c, false),
        };
        raised = now;
        match runs.last_mut() {
            Some(run) if run.raised == now => run.text.push(shown),
            _ => runs.push(Run {
                text: shown.to_string(),
                raised: now,
            }),
        }
    }
    runs
}

fn superscript_digit(c: char) -> Option<char> {
    "⁰¹²³⁴⁵⁶⁷⁸⁹"
        .chars()
        .position(|digit| digit == c)
        .and_then(|value| char::from_digit(value as u32, 10))
}

/// A whole number raised: `−6` becomes `⁻⁶`.
#[must_use]
pub fn superscript(number: i32) -> String {
    number
        .to_string()
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize).unwrap_or(c),
            None => '⁻',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits_and_says_that_it_is_cut() {
        let cut = fitted("Equivalent stress in the bearing seat", 12.0, 90.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 90.0, "{cut}");
        assert_eq!(fitted("Stress", 12.0, 90.0), "Stress");
    }

    #[test]
    fn a_negative_exponent_is_raised_and_a_positive_one_left_alone() {
        let split = runs("m·s⁻² × 10⁶");
        let shown: Vec<_> = split.iter().map(|r| (r.text.as_str(), r.raised)).collect();
        assert_eq!(shown, [("m·s", false), ("−2", true), (" × 10⁶", false)]);
        assert_eq!(superscript(-12), "⁻¹²");
    }
}
