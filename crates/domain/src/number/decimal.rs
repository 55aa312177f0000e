//! A number as a sign, its significant digits and a power of ten: what rounding works on, so that
//! integers of any length and doubles are rounded alike.

/// `0.d₁d₂d₃… × 10^point`; zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub negative: bool,
    /// Without leading zeros.
    pub digits: Vec<u8>,
    /// Digits before the decimal point; zero or negative below 0.1.
    pub point: i32,
}

impl Decimal {
    /// The shortest digits that read back as the same double. `value` is finite.
    pub fn from_f64(value: f64) -> Self {
        let text = format!("{:e}", value.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        Self {
            negative: value < 0.0,
            digits,
            point: exponent.parse::<i32>().unwrap_or(0) + 1,
        }
        .normalised()
    }

    /// From an integer's digits with an optional ASCII minus.
    pub fn from_integer(text: &str) -> Self {
        let digits = text.trim_start_matches(['-', '+']).as_bytes();
        Self {
            negative: text.starts_with('-'),
            digits: digits.to_vec(),
            point: i32::try_from(digits.len()).unwrap_or(i32::MAX),
        }
        .normalised()
    }

    fn normalised(mut self) -> Self {
        let zeros = self.digits.iter().take_while(|&&d| d == b'0').count();
        self.digits.drain(..zeros);
        self.point -= i32::try_from(zeros).unwrap_or(i32::MAX);
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.negative = false;
            self.point = 1;
        }
        self
    }

    /// Rounded, half away from zero, to `count` significant digits, padded with zeros to as many.
    pub fn round_to(mut self, count: usize) -> Self {
        if self.digits.len() > count {
            let up = self.digits[count] >= b'5';
            self.digits.truncate(count);
            if up {
                self.increment();
                self.digits.truncate(count);
            }
        }
        self.digits.resize(count, b'0');
        self
    }

    fn increment(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit == b'9' {
                *digit = b'0';
            } else {
                *digit += 1;
                return;
            }
        }
        self.digits.insert(0, b'1');
        self.point += 1;
    }

    /// Integer digits and fraction digits when the point is moved `shift` places to the left.
    pub fn split(&self, shift: i32) -> (String, String) {
        let text = String::from_utf8_lossy(&self.digits);
        match self.point - shift {
            place if place <= 0 => {
                let zeros = "0".repeat(place.unsigned_abs() as usize);
                ("0".to_owned(), zeros + &text)
            }
            place => {
                let place = place.unsigned_abs() as usize;
                let integer: String = text.chars().take(place).collect();
                let padding = "0".repeat(place.saturating_sub(text.len()));
                (integer + &padding, text.chars().skip(place).collect())
            }
        }
    }
}
