//! One axis: the range it shows, its ticks with their labels, and the way between a value and its
//! place in pixels.

use super::{text, ticks};
use domain::{Lang, chart::Scale, number};

#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub scale: Scale,
    pub low: f64,
    pub high: f64,
    /// Pixels where `low` and `high` stand; `start` is below `end` on a vertical axis.
    pub start: f64,
    pub end: f64,
    pub ticks: Vec<Tick>,
    /// Tick labels are to be multiplied by ten to this power, a multiple of 3.
    pub exponent: i32,
    /// Decimals that distinguish two neighbouring pixels, for readouts.
    pub decimals: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub value: f64,
    pub label: String,
}

/// What an axis is made for: the data it must show, and whether the reader chose the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub low: f64,
    pub high: f64,
    /// A chosen range is shown exactly; otherwise the axis starts and ends on a tick.
    pub chosen: bool,
}

impl Axis {
    /// An axis over `span`, between two pixel places, with at most `most` ticks.
    #[must_use]
    pub fn new(scale: Scale, span: Span, pixels: (f64, f64), most: usize, lang: Lang) -> Self {
        let Span { low, high, chosen } = span;
        let ticks = match scale {
            Scale::Linear => ticks::linear(low, high, most, !chosen),
            Scale::Log => ticks::logarithmic(low, high, most, !chosen),
        };
        let (exponent, labels) = labels(&ticks, scale, lang);
        let ticks_with_labels = ticks
            .values
            .iter()
            .zip(labels)
            .map(|(&value, label)| Tick { value, label })
            .collect();
        let per_pixel = (ticks.high - ticks.low) / (pixels.1 - pixels.0).abs().max(1.0);
        Self {
            scale,
            low: ticks.low,
            high: ticks.high,
            start: pixels.0,
            end: pixels.1,
            ticks: ticks_with_labels,
            exponent,
            decimals: decimals_of(per_pixel),
        }
    }

    /// Where a value stands, pixels; nothing for what a logarithmic axis cannot show.
    #[must_use]
    pub fn place(&self, value: f64) -> Option<f64> {
        let fraction = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log if value <= 0.0 => return None,
            Scale::Log => (value / self.low).log10() / (self.high / self.low).log10(),
        };
        let place = self.start + fraction * (self.end - self.start);
        // Far outside is as good as anywhere outside, and survives the way into whole numbers.
        place.is_finite().then(|| place.clamp(-1e6, 1e6))
    }

    /// The value at a place in pixels.
    #[must_use]
    pub fn value_at(&self, place: f64) -> f64 {
        let fraction = (place - self.start) / (self.end - self.start);
        match self.scale {
            Scale::Linear => self.low + fraction * (self.high - self.low),
            Scale::Log => self.low * (self.high / self.low).powf(fraction),
        }
    }

    /// The widest tick label, pixels.
    #[must_use]
    pub fn label_width(&self, size: f64) -> f64 {
        self.ticks
            .iter()
            .map(|tick| text::width(&tick.label, size))
            .fold(0.0, f64::max)
    }

    /// The power of ten that stands beside the axis' name, as ` × 10⁶`; empty when there is none.
    #[must_use]
    pub fn factor(&self) -> String {
        if self.exponent == 0 {
            return String::new();
        }
        format!("× 10{}", text::superscript(self.exponent))
    }
}

/// Labels with equal decimals, or powers of ten; outside 10⁻³ to 10⁵ without their common power.
fn labels(ticks: &ticks::Ticks, scale: Scale, lang: Lang) -> (i32, Vec<String>) {
    let largest = ticks
        .values
        .iter()
        .fold(0.0_f64, |most, v| most.max(v.abs()));
    if scale == Scale::Log && ticks.step == 0.0 {
        let labels = ticks.values.iter().map(|&v| decade_label(v, ticks, lang));
        return (0, labels.collect());
    }
    let size = if largest > 0.0 {
        largest.log10().floor() as i32
    } else {
        0
    };
    let exponent = if (-3..5).contains(&size) {
        0
    } else {
        3 * size.div_euclid(3)
    };
    let reduced = |value: f64| scaled(value, -exponent);
    let decimals = decimals_of(reduced(ticks.step));
    let label = |&value: &f64| fixed(reduced(value), decimals, lang);
    (exponent, ticks.values.iter().map(label).collect())
}

fn decade_label(value: f64, ticks: &ticks::Ticks, lang: Lang) -> String {
    let plain = ticks.low >= 0.99e-3 && ticks.high < 1.01e5;
    if plain {
        let decimals = (-value.log10().floor()).max(0.0) as usize;
        return fixed(value, decimals, lang);
    }
    let power = (value.log10() + 1e-9).floor() as i32;
    let mantissa = (value / 10_f64.powi(power)).round();
    let times = if mantissa == 1.0 {
        String::new()
    } else {
        format!("{mantissa}\u{A0}×\u{A0}")
    };
    format!("{times}10{}", text::superscript(power))
}

fn scaled(value: f64, power: i32) -> f64 {
    if power < 0 {
        value / 10_f64.powi(-power)
    } else {
        value * 10_f64.powi(power)
    }
}

/// Decimals needed to write multiples of `step` exactly, 0 to 12.
fn decimals_of(step: f64) -> usize {
    if !(step.is_finite() && step > 0.0) {
        return 0;
    }
    let leading = -step.log10().floor();
    let mantissa = step * 10_f64.powf(leading);
    let half = (mantissa - mantissa.round()).abs() > 1e-6;
    (leading + if half { 1.0 } else { 0.0 }).clamp(0.0, 12.0) as usize
}

/// A number with a fixed count of decimals in the way of the interface; zero is just `0`.
#[must_use]
pub fn fixed(value: f64, decimals: usize, lang: Lang) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    if plain.bytes().all(|b| b == b'0' || b == b'.') {
        return "0".to_owned();
    }
    let (integer, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut shown = String::new();
    if value < 0.0 {
        shown.push(number::MINUS);
    }
    shown += &grouped(integer);
    if !fraction.is_empty() {
        shown.push(lang.pick('.', ','));
        shown += fraction;
    }
    shown
}

fn grouped(digits: &str) -> String {
    let group = digits.len() >= number::GROUP_FROM_DIGITS;
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if group && index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(number::GROUP);
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(scale: Scale, low: f64, high: f64, lang: Lang) -> Axis {
        let span = Span {
            low,
            high,
            chosen: false,
        };
        Axis::new(scale, span, (40.0, 640.0), ticks::MAX_TICKS, lang)
    }

    fn shown(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn labels_have_equal_decimals_and_a_bare_zero() {
        let english = axis(Scale::Linear, 0.0, 1.5, Lang::En);
        assert_eq!(
            shown(&english),
            ["0", "0.25", "0.50", "0.75", "1.00", "1.25", "1.50"]
        );
        let french = axis(Scale::Linear, -0.9, 0.0, Lang::Fr);
        assert_eq!(
            shown(&french),
            ["−1,0", "−0,8", "−0,6", "−0,4", "−0,2", "0"]
        );
    }

    #[test]
    fn very_large_and_very_small_values_share_one_power_of_ten() {
        let large = axis(Scale::Linear, 0.0, 2.1e8, Lang::En);
        assert_eq!((large.exponent, large.factor().as_str()), (6, "× 10⁶"));
        assert_eq!(shown(&large), ["0", "50", "100", "150", "200", "250"]);
        let small = axis(Scale::Linear, 0.0, 4.2e-6, Lang::En);
        assert_eq!((small.exponent, small.factor().as_str()), (-6, "× 10⁻⁶"));
        let plain = axis(Scale::Linear, 0.0, 42_000.0, Lang::En);
        assert_eq!(
            (plain.exponent, plain.ticks[1].label.as_str()),
            (0, "10\u{202F}000")
        );
    }

    #[test]
    fn a_place_and_its_value_are_inverse() {
        for scale in [Scale::Linear, Scale::Log] {
            let axis = axis(scale, 0.02, 900.0, Lang::En);
            for value in [0.05, 1.0, 37.5, 800.0] {
                let place = axis.place(value).expect("positive");
                assert!(
                    (axis.value_at(place) / value - 1.0).abs() < 1e-9,
                    "{scale:?} {value}"
                );
            }
        }
        assert_eq!(axis(Scale::Log, 0.1, 1.0, Lang::En).place(0.0), None);
    }

    #[test]
    fn logarithmic_labels_are_powers_when_far_apart() {
        assert_eq!(
            shown(&axis(Scale::Log, 0.02, 900.0, Lang::En)),
            ["0.01", "0.1", "1", "10", "100", "1000"]
        );
        assert_eq!(
            shown(&axis(Scale::Log, 1e5, 1e8, Lang::En)),
            ["10⁵", "10⁶", "10⁷", "10⁸"]
        );
    }
}
