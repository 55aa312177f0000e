//! The decisions of the dispatcher, as pure functions of what it has seen: where a run goes, how
//! many may be under way, and when a lost one is tried again.

use std::time::{Duration, Instant};

/// Where a run is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    /// A worker behind a URL, shared by all runs.
    Serverless,
}

/// The backend for a run of that wall limit, seconds.
pub(super) const fn backend(_wall_s: u32) -> Backend {
    Backend::Serverless
}

/// First pause before a larger window is tried after a refusal; doubled with each refusal.
const FIRST_PROBE: Duration = Duration::from_millis(250);
const LONGEST_PROBE: Duration = Duration::from_secs(10);
/// First pause while the workers take nothing at all; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How many runs may be under way: it learns what the workers take. It grows while they take
/// everything, shrinks to what they hold when one refuses, and then sends one more than that from
/// time to time: a worker that was only slow to free a slot, or has grown, is found again without
/// waiting for the end of a run.
#[derive(Debug)]
pub(super) struct Window {
    size: usize,
    max: usize,
    in_flight: usize,
    /// Nothing is sent before, because the workers took nothing.
    paused_until: Option<Instant>,
    pause: Duration,
    /// After a refusal: when one run more than the window may be sent.
    probe_at: Option<Instant>,
    probe_pause: Duration,
}

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    For(usize),
    /// Nothing before that instant.
    After(Instant),
    /// Nothing before one of those under way ends.
    Full,
}

impl Window {
    pub(super) fn new(first: usize, max: usize) -> Self {
        let max = max.max(1);
        Self {
            size: first.clamp(1, max),
            max,
            in_flight: 0,
            paused_until: None,
            pause: FIRST_PAUSE,
            probe_at: None,
            probe_pause: FIRST_PROBE,
        }
    }

    /// Runs that the workers are known to take at the same time.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Runs under way.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn room(&self, now: Instant) -> Room {
        match self.paused_until {
            Some(until) if now < until => Room::After(until),
            _ if self.in_flight < self.size => Room::For(self.size - self.in_flight),
            _ if self.in_flight >= self.max => Room::Full,
            _ => match self.probe_at {
                Some(at) if now < at => Room::After(at),
                Some(_) => Room::For(1),
                None => Room::Full,
            },
        }
    }

    /// A run is sent.
    pub(super) fn sent(&mut self, now: Instant) {
        self.in_flight += 1;
        if self.in_flight > self.size {
            // One probe at a time, however long the worker takes to answer it.
            self.probe_at = Some(now + self.probe_pause);
        }
    }

    /// A worker took a run.
    pub(super) fn taken(&mut self) {
        self.paused_until = None;
        self.pause = FIRST_PAUSE;
        if self.in_flight > self.size {
            // The probe found more, so there may be more still.
            self.size = self.in_flight;
            self.probe_at = None;
            self.probe_pause = FIRST_PROBE;
        }
        if self.probe_at.is_none() && self.in_flight >= self.size {
            self.size = (self.size + 1).min(self.max);
        }
    }

    /// Every slot is taken; the worker may have said when to come back.
    pub(super) fn refused(&mut self, now: Instant, retry_after: Option<Duration>) {
        // Less than was known is news, and may be over soon; a vain probe is not.
        self.probe_pause = if self.in_flight > self.size {
            (self.probe_pause * 2).min(LONGEST_PROBE)
        } else {
            FIRST_PROBE
        };
        self.ended();
        self.size = self.in_flight.max(1);
        self.probe_at = Some(now + self.probe_pause);
        // With runs under way, the end of one of them is a time to come back too.
        if self.in_flight == 0 {
            let longest = retry_after.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
            self.pause_sending(now, longest);
        }
    }

    /// No worker answers.
    pub(super) fn unreachable(&mut self, now: Instant) {
        self.ended();
        self.pause_sending(now, LONGEST_PAUSE);
    }

    /// A run is not under way any more.
    pub(super) fn ended(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    fn pause_sending(&mut self, now: Instant, longest: Duration) {
        self.paused_until = Some(now + self.pause.min(longest));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

/// The pause before a run is tried again that was lost `failures` times, this one included.
/// `jitter` from 0 to 1 spreads runs that were lost together.
pub(super) fn retry_pause(first: Duration, failures: u32, jitter: f64) -> Duration {
    const LONGEST: Duration = Duration::from_secs(60);
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(10));
    doubled
        .min(LONGEST)
        .mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends as many as there is room for to a worker with that many slots.
    fn send_all(window: &mut Window, slots: usize, now: Instant) -> usize {
        let mut refused = 0;
        while let Room::For(_) = window.room(now) {
            window.sent(now);
            if window.in_flight <= slots {
                window.taken();
            } else {
                window.refused(now, None);
                refused += 1;
            }
        }
        refused
    }

    #[test]
    fn the_window_finds_what_the_workers_take_with_one_refusal() {
        let mut window = Window::new(2, 100);
        let now = Instant::now();
        assert_eq!(send_all(&mut window, 8, now), 1);
        assert_eq!(window.room(now), Room::After(now + FIRST_PROBE));
        assert_eq!(window.in_flight, 8);
    }

    #[test]
    fn it_grows_again_when_the_workers_take_more() {
        let mut window = Window::new(2, 100);
        let mut now = Instant::now();
        send_all(&mut window, 2, now);
        for _ in 0..40 {
            now += FIRST_PROBE;
            window.ended();
            send_all(&mut window, 4, now);
        }
        assert_eq!(window.in_flight, 4);
    }

    #[test]
    fn a_slot_that_was_free_a_moment_late_is_found_while_the_others_go_on() {
        let mut window = Window::new(2, 100);
        let begun = Instant::now();
        send_all(&mut window, 2, begun);
        // One run ends here, but its worker is still busy with it and refuses the next.
        window.ended();
        assert_eq!(send_all(&mut window, 1, begun), 1);
        let Room::After(again) = window.room(begun) else {
            panic!("it comes back without the end of a run");
        };
        assert!(again - begun <= FIRST_PROBE, "{:?}", again - begun);
        assert_eq!(window.room(again), Room::For(1));
        send_all(&mut window, 2, again);
        assert_eq!(window.in_flight, 2);
    }

    #[test]
    fn one_probe_is_under_way_at_a_time() {
        let mut window = Window::new(2, 100);
        let mut now = Instant::now();
        send_all(&mut window, 2, now);
        now += FIRST_PROBE;
        assert_eq!(window.room(now), Room::For(1), "control");
        window.sent(now);
        assert!(matches!(window.room(now), Room::After(_)));
    }

    #[test]
    fn a_server_at_its_own_limit_does_not_probe() {
        let mut window = Window::new(2, 2);
        let now = Instant::now();
        send_all(&mut window, 1, now);
        assert_eq!(window.room(now + LONGEST_PROBE), Room::For(1), "control");
        window.sent(now);
        window.taken();
        assert_eq!(window.room(now + LONGEST_PROBE), Room::Full);
    }

    #[test]
    fn probing_a_full_worker_becomes_rare() {
        let mut window = Window::new(2, 100);
        let mut now = Instant::now();
        let mut refused = 0;
        for _ in 0..6_000 {
            now += Duration::from_millis(10);
            window.ended();
            refused += send_all(&mut window, 4, now);
        }
        assert_eq!(window.in_flight, 4);
        assert!(
            (1..=20).contains(&refused),
            "{refused} refusals in a minute"
        );
    }

    #[test]
    fn a_worker_that_takes_nothing_is_asked_less_and_less_often() {
        let mut window = Window::new(1, 100);
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        for _ in 0..10 {
            window.sent(now);
            window.refused(now, None);
            let Room::After(until) = window.room(now) else {
                panic!("it waits");
            };
            pauses.push(until - now);
            now = until;
        }
        assert_eq!(pauses.first(), Some(&FIRST_PAUSE));
        assert_eq!(pauses.last(), Some(&LONGEST_PAUSE));
        window.sent(now);
        window.taken();
        assert_ne!(window.room(now), Room::After(now));
    }

    #[test]
    fn retries_come_later_each_time_and_spread() {
        let first = Duration::from_secs(1);
        assert_eq!(retry_pause(first, 1, 1.0), Duration::from_secs(1));
        assert_eq!(retry_pause(first, 2, 1.0), Duration::from_secs(2));
        assert_eq!(retry_pause(first, 2, 0.0), Duration::from_secs(1));
        assert_eq!(retry_pause(first, 40, 1.0), Duration::from_secs(60));
    }
}
