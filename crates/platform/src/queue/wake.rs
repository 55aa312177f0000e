//! When the consumer looks into the queue: at once when it rings in this process, and now and then
//! in case it rang elsewhere.

use apalis::prelude::{PollSnapshot, PollStrategy};
use futures::{FutureExt, StreamExt};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, Sleep, interval, sleep},
};
use tokio_stream::wrappers::WatchStream;

/// A ring during a look under way may come too late for it; after this long it looks once more.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Wakes the consumer on every ring.
pub(super) struct OnRing {
    rings: WatchStream<u64>,
    again: Option<Pin<Box<Sleep>>>,
    fallback: Interval,
}

impl OnRing {
    /// Without a ring, a look every `fallback`.
    pub(super) fn new(rings: watch::Receiver<u64>, fallback: Duration) -> Self {
        let mut fallback = interval(fallback);
        fallback.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            rings: WatchStream::new(rings),
            again: None,
            fallback,
        }
    }
}

impl PollStrategy for OnRing {
    // Each source is polled until it is pending: only then is the waker registered with it.
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut due = false;
        while let Poll::Ready(Some(_)) = self.rings.poll_next_unpin(cx) {
            self.again = Some(Box::pin(sleep(LOOK_AGAIN)));
            due = true;
        }
        if let Some(again) = &mut self.again
            && again.poll_unpin(cx).is_ready()
        {
            self.again = None;
            due = true;
        }
        while self.fallback.poll_tick(cx).is_ready() {
            due = true;
        }
        if due {
            Poll::Ready(Some(()))
        } else {
            Poll::Pending
        }
    }
}
