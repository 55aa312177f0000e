//! Where the ticks of an axis stand: 4 to 7 of them at 1, 2, 2.5 or 5 times a power of ten, or the
//! decades of a logarithmic axis.

/// Most ticks on an axis.
pub const MAX_TICKS: usize = 7;
/// Fewest ticks on a linear axis that has room for them.
pub const MIN_TICKS: usize = 4;

/// Ticks and the range of an axis that starts and ends on one (`snap`), or shows just `low` to
/// `high`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    pub low: f64,
    pub high: f64,
    pub values: Vec<f64>,
    /// Distance of two ticks of a linear axis; 0 on a logarithmic one.
    pub step: f64,
}

/// Ticks of a linear axis over finite `low < high`, at most `most` of them.
#[must_use]
pub fn linear(low: f64, high: f64, most: usize, snap: bool) -> Ticks {
    let most = most.clamp(2, MAX_TICKS);
    let span = high - low;
    // Within the last digits of a double there is nothing to divide.
    if !span.is_finite() || span <= low.abs().max(high.abs()) * 1e-12 {
        return Ticks {
            low,
            high,
            values: vec![low, high],
            step: span,
        };
    }
    let exponent = (span / most as f64).log10().floor() as i32 - 1;
    let mut best: Option<Ticks> = None;
    for power in exponent..exponent + 4 {
        for factor in [1.0, 2.0, 2.5, 5.0] {
            let candidate = on_step(low, high, factor, power, snap);
            let count = candidate.values.len();
            if count < 2 || count > most {
                continue;
            }
            if best
                .as_ref()
                .is_none_or(|best| better(&candidate, best, span))
            {
                best = Some(candidate);
            }
        }
    }
    best.unwrap_or(Ticks {
        low,
        high,
        values: vec![low, high],
        step: span,
    })
}

/// Little waste at the ends, not few ticks, and 2.5 only where it gains something.
fn better(candidate: &Ticks, best: &Ticks, span: f64) -> bool {
    let enough = |ticks: &Ticks| ticks.values.len().min(MIN_TICKS);
    let cost = |ticks: &Ticks| {
        let leading = ticks.step / 10_f64.powf(ticks.step.log10().floor());
        let awkward = if (leading - 2.5).abs() < 0.01 {
            0.08
        } else {
            0.0
        };
        let missing = MAX_TICKS.saturating_sub(ticks.values.len()) as f64;
        (ticks.high - ticks.low) / span + 0.05 * missing + awkward
    };
    let (a, b) = (enough(candidate), enough(best));
    a > b || a == b && cost(candidate) < cost(best)
}

fn on_step(low: f64, high: f64, factor: f64, power: i32, snap: bool) -> Ticks {
    // Multiples are counted in whole steps so that 0.3 is not 0.30000000000000004.
    let unit = 10_f64.powi(power.abs());
    let scaled = |count: f64| {
        if power < 0 {
            count * factor / unit
        } else {
            count * factor * unit
        }
    };
    let step = scaled(1.0);
    let tolerance = 1e-9;
    let (first, last) = if snap {
        (
            (low / step + tolerance).floor(),
            (high / step - tolerance).ceil(),
        )
    } else {
        (
            (low / step - tolerance).ceil(),
            (high / step + tolerance).floor(),
        )
    };
    if last - first > MAX_TICKS as f64 || !(first.is_finite() && last.is_finite()) {
        return Ticks {
            low,
            high,
            values: Vec::new(),
            step,
        };
    }
    let mut values = Vec::new();
    let mut count = first;
    while count <= last {
        values.push(scaled(count) + 0.0);
        count += 1.0;
    }
    let (low, high) = if snap {
        (scaled(first), scaled(last))
    } else {
        (low, high)
    };
    Ticks {
        low,
        high,
        values,
        step,
    }
}

/// Ticks of a logarithmic axis over finite `0 < low < high`.
#[must_use]
pub fn logarithmic(low: f64, high: f64, most: usize, snap: bool) -> Ticks {
    let most = most.clamp(2, MAX_TICKS);
    let (first, last) = (
        (low.log10() + 1e-9).floor() as i32,
        (high.log10() - 1e-9).ceil() as i32,
    );
    let within = |value: f64| value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9);
    // Whole decades where there are enough of them, else their parts.
    for (mantissas, fewest) in [
        (&[1.0][..], MIN_TICKS),
        (&[1.0, 2.0, 5.0], 2),
        (&[1.0, 3.0], 2),
        (&[1.0], 2),
    ] {
        let all = candidates(first, last, 1, mantissas);
        let values: Vec<f64> = if snap {
            around(&all, low, high)
        } else {
            all.into_iter().filter(|&v| within(v)).collect()
        };
        if values.len() >= fewest && values.len() <= most {
            return from_values(values, low, high, snap);
        }
    }
    if !snap && last - first <= 1 {
        return Ticks {
            step: 0.0,
            ..linear(low, high, most, false)
        };
    }
    let decades = (last - first).max(1) as usize;
    let stride = decades.div_ceil(most - 1).max(1) as i32;
    let values: Vec<f64> = candidates(first, last, stride, &[1.0])
        .into_iter()
        .filter(|&v| snap || within(v))
        .collect();
    let mut ticks = from_values(values, low, high, false);
    if snap {
        (ticks.low, ticks.high) = (power(first), power(last));
    }
    ticks
}

fn candidates(first: i32, last: i32, stride: i32, mantissas: &[f64]) -> Vec<f64> {
    let mut values = Vec::new();
    let mut decade = first;
    while decade <= last {
        values.extend(mantissas.iter().map(|m| m * power(decade)));
        decade += stride;
    }
    values
}

/// The candidates from the last at or below `low` to the first at or above `high`.
fn around(candidates: &[f64], low: f64, high: f64) -> Vec<f64> {
    let start = candidates
        .iter()
        .rposition(|&v| v <= low * (1.0 + 1e-9))
        .unwrap_or(0);
    let end = candidates
        .iter()
        .position(|&v| v >= high * (1.0 - 1e-9))
        .unwrap_or(candidates.len() - 1);
    candidates.get(start..=end).unwrap_or_default().to_vec()
}

fn from_values(values: Vec<f64>, low: f64, high: f64, snap: bool) -> Ticks {
    let (low, high) = match (snap, values.first(), values.last()) {
        (true, Some(&first), Some(&last)) => (first, last),
        _ => (low, high),
    };
    Ticks {
        low,
        high,
        values,
        step: 0.0,
    }
}

/// 10 to a whole power, exact where a double can be.
fn power(exponent: i32) -> f64 {
    if exponent < 0 {
        1.0 / 10_f64.powi(-exponent)
    } else {
        10_f64.powi(exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_few_and_round() {
        for (low, high, expected) in [
            (0.0, 52.0, vec![0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]),
            (0.0, 176.0, vec![0.0, 50.0, 100.0, 150.0, 200.0]),
            (0.0, 1.5, vec![0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5]),
            (-14.5, 0.0, vec![-15.0, -12.5, -10.0, -7.5, -5.0, -2.5, 0.0]),
            (
                1985.0,
                2021.0,
                vec![1980.0, 1990.0, 2000.0, 2010.0, 2020.0, 2030.0],
            ),
        ] {
            assert_eq!(
                linear(low, high, MAX_TICKS, true).values,
                expected,
                "{low} to {high}"
            );
        }
    }

    #[test]
    fn every_linear_range_gets_four_to_seven_ticks_that_enclose_it() {
        for exponent in -300..300 {
            for (low, high) in [(0.0, 1.37), (-3.3, 9.1), (4.02, 4.11), (-8.0, -1.0)] {
                let unit = 10_f64.powi(exponent);
                let (low, high) = (low * unit, high * unit);
                let ticks = linear(low, high, MAX_TICKS, true);
                let count = ticks.values.len();
                assert!(
                    (MIN_TICKS..=MAX_TICKS).contains(&count),
                    "{low:e} to {high:e}: {ticks:?}"
                );
                let hair = 1e-9 * (high - low);
                assert!(
                    ticks.low <= low + hair && ticks.high >= high - hair,
                    "{low:e} to {high:e}: {ticks:?}"
                );
            }
        }
    }

    #[test]
    fn a_zoomed_axis_keeps_its_range_and_ticks_inside_it() {
        let ticks = linear(0.31, 0.74, MAX_TICKS, false);
        assert_eq!((ticks.low, ticks.high), (0.31, 0.74));
        assert_eq!(ticks.values, [0.4, 0.5, 0.6, 0.7]);
    }

    #[test]
    fn logarithmic_ticks_are_decades_or_their_parts() {
        let values = |low, high| logarithmic(low, high, MAX_TICKS, true).values;
        assert_eq!(values(3.0, 70.0), [2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        assert_eq!(values(0.02, 900.0), [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(values(1e-9, 1e9).len(), 7);
        let ticks = logarithmic(1e-12, 3e5, MAX_TICKS, true);
        assert!(ticks.low <= 1e-12 && ticks.high >= 3e5, "{ticks:?}");
    }
}
