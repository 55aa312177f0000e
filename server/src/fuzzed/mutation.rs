//! Inputs made from good ones by changing them here and there.

use std::{
    env,
    time::{Duration, Instant},
};

/// How long inputs are made where nothing else is asked for.
const DEFAULT_SECONDS: f64 = 0.3;
/// Changes to one input, at most.
const MAX_CHANGES: u64 = 8;
/// Longest input, bytes.
const MAX_BYTES: usize = 8192;
/// Bytes that mean something to some parser.
const TELLING: &[u8] = b"\0\t\r\n \"'\\/;:,=&%{}[]()<>+-.0*\x7f\x80\xc3\xff";

/// Random inputs until the time is over. A test that fails while it holds one names it.
pub struct Inputs {
    seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
    random: Random,
    until: Instant,
    seed: u64,
    made: u64,
    current: Vec<u8>,
}

impl Inputs {
    pub fn new(seeds: impl IntoIterator<Item = impl Into<Vec<u8>>>, words: &[&str]) -> Self {
        let seconds = number("FUZZ_SECONDS").unwrap_or(DEFAULT_SECONDS);
        let seed = number("FUZZ_SEED").unwrap_or_else(|| {
            let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
            since.subsec_nanos().into()
        });
        Self {
            seeds: seeds.into_iter().map(Into::into).collect(),
            words: words.iter().map(|word| word.as_bytes().to_vec()).collect(),
            random: Random(seed | 1),
            until: Instant::now() + Duration::from_secs_f64(seconds),
            seed,
            made: 0,
            current: Vec::new(),
        }
    }

    /// The next input; the first ones are the good ones themselves.
    pub fn next(&mut self) -> Option<&[u8]> {
        let whole = usize::try_from(self.made)
            .ok()
            .and_then(|at| self.seeds.get(at));
        if whole.is_none() && Instant::now() > self.until {
            return None;
        }
        self.current = match whole {
            Some(seed) => seed.clone(),
            None => self.mutated(),
        };
        self.made += 1;
        Some(&self.current)
    }

    fn mutated(&mut self) -> Vec<u8> {
        let seed = self.random.below(self.seeds.len());
        let mut bytes = self.seeds[seed].clone();
        for _ in 0..=self.random.next() % MAX_CHANGES {
            self.change(&mut bytes);
        }
        bytes.truncate(MAX_BYTES);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let random = &mut self.random;
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(16)).min(bytes.len());
        match random.next() % 7 {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = TELLING[random.below(TELLING.len())],
            2 => bytes.insert(at, TELLING[random.below(TELLING.len())]),
            3 if at < end => drop(bytes.drain(at..end)),
            4 if at < end => {
                let again = bytes[at..end].repeat(1 + random.below(64));
                bytes.splice(at..at, again);
            }
            5 => {
                let word = random.below(self.words.len());
                bytes.splice(at..at, self.words[word].iter().copied());
            }
            _ => {
                let other = &self.seeds[random.below(self.seeds.len())];
                let from = random.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
}

impl Drop for Inputs {
    fn drop(&mut self) {
        let Self {
            seed,
            made,
            current,
            ..
        } = self;
        if std::thread::panicking() {
            let shown = String::from_utf8_lossy(current);
            eprintln!("FUZZ_SEED={seed}, input {made}: {shown:?} {current:?}");
        } else {
            println!("{made} inputs from FUZZ_SEED={seed}");
        }
    }
}

/// xorshift64; never zero.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}
