//! What makes the main loop look again: a claim costs a writing transaction, so it is only made
//! when something may come of it.

use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

#[derive(Debug)]
pub(super) struct Wake {
    again: Notify,
    /// Runs may wait that no claim has seen.
    unseen: AtomicBool,
}

impl Wake {
    /// At the start, nobody knows what waits.
    pub(super) fn new() -> Self {
        Self {
            again: Notify::new(),
            unseen: AtomicBool::new(true),
        }
    }

    /// A run waits, or waits again.
    pub(super) fn run_waits(&self) {
        self.look_anyway();
        self.again.notify_one();
    }

    /// There may be room for one more, if one waits.
    pub(super) fn room(&self) {
        self.again.notify_one();
    }

    /// The next claim is made whatever is known.
    pub(super) fn look_anyway(&self) {
        self.unseen.store(true, Ordering::SeqCst);
    }

    /// Whether a claim may bring something.
    pub(super) fn is_worth_a_look(&self) -> bool {
        self.unseen.load(Ordering::SeqCst)
    }

    /// A claim begins: what comes from now on, it may not see.
    pub(super) fn looking(&self) {
        self.unseen.store(false, Ordering::SeqCst);
    }

    pub(super) async fn woken(&self) {
        self.again.notified().await;
    }
}
